"""RQ jobs: a name, a tenant, one call. A job is short; waiting is somebody else's work."""

import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog

from agent_platform.core import outbox, queue
from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.errors import AppError
from agent_platform.services import agents, catalog, examples, identity, quality, runs, visitors
from workers.driver import driver

log = structlog.get_logger()
QUALITY = "workers.jobs.refresh_quality"
WORKER = f"{socket.gethostname()}:{os.getpid()}"


def launch_run(tenant_id: str, run_id: str, attempt: int) -> None:
    launch_runs([{"tenant_id": tenant_id, "run_id": run_id, "attempt": attempt}])


def launch_runs(wake_ups: Sequence[Mapping[str, Any]]) -> None:
    """Runs of one tenant are claimed together. Which attempt is due knows the run itself."""
    by_tenant: dict[UUID, list[UUID]] = {}
    for wake_up in wake_ups:
        by_tenant.setdefault(UUID(wake_up["tenant_id"]), []).append(UUID(wake_up["run_id"]))
    for tenant_id, run_ids in by_tenant.items():
        runs.launch_many(driver(), tenant_id=tenant_id, run_ids=run_ids, worker=WORKER)


def stop_run(tenant_id: str, run_id: str) -> None:
    runs.press_stop(driver(), tenant_id=UUID(tenant_id), run_id=UUID(run_id))


def resume_run(tenant_id: str, run_id: str) -> None:
    runs.resume(tenant_id=UUID(tenant_id), run_id=UUID(run_id))


def stop_children(tenant_id: str, run_id: str) -> None:
    runs.stop_children(tenant_id=UUID(tenant_id), run_id=UUID(run_id))


def build_version(tenant_id: str, build_id: str) -> None:
    agents.start_build(tenant_id=UUID(tenant_id), build_id=UUID(build_id), driver=driver())


def refresh_figures() -> None:
    catalog.refresh_figures()


def refresh_quality() -> None:
    quality.refresh_quality()


def run_daily_tests() -> None:
    if quality.run_daily_tests():
        queue.ask_maintenance(QUALITY)


def sweep_demos() -> None:
    visitors.sweep_demos()


def sweep_uploads() -> None:
    runs.sweep_uploads()


def forget_leavers() -> None:
    identity.forget_leavers()


def publish_receipt_key() -> None:
    runs.publish_receipt_key()


def forget_done_messages() -> None:
    """In transactions of some thousand, however many there are."""
    gone = outbox.FORGOTTEN_AT_ONCE
    while gone == outbox.FORGOTTEN_AT_ONCE:
        with dispatch_session() as session:
            gone = outbox.forget_done(session)


def drain_outbox() -> None:
    """Every due message is handled or put back with a later time."""
    queue.heard(queue.DRAIN)
    while True:
        with dispatch_session() as session:
            messages = outbox.claim(session)
        for kind, alike in _by_kind(messages).items():
            _handle(kind, alike)
        if len(messages) < outbox.BATCH:
            return


def _by_kind(messages: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for message in messages:
        found.setdefault(message.kind, []).append(message)
    return found


def _handle(kind: str, messages: Sequence[Any]) -> None:
    """Messages of a kind that can be handled together are; when that fails, each for itself."""
    together = TOGETHER.get(kind)
    if together is not None and len(messages) > 1:
        try:
            together([message.payload for message in messages])
        except Exception as error:  # noqa: BLE001 - one of them is to blame: it is found below
            log.warning("outbox_one_by_one", kind=kind, messages=len(messages), error=type(error).__name__)
        else:
            _done(messages)
            return
    _done([message for message in messages if _handled(message)])


def _done(messages: Sequence[Any]) -> None:
    if messages:
        with dispatch_session() as session:
            outbox.done(session, [message.id for message in messages])


def _handled(message: Any) -> bool:
    try:
        HANDLERS[message.kind](message.tenant_id, message.payload)
    except Exception as error:  # the message is kept and tried again
        sentence = error.sentence if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
        log.warning(
            "outbox_failed",
            kind=message.kind,
            attempt=message.attempt,
            error=sentence,
            exc_info=not isinstance(error, AppError),
        )
        with dispatch_session() as session:
            outbox.failed(session, message.id, message.attempt, sentence)
        return False
    return True


def _publish(tenant_id: UUID, request_id: UUID) -> None:
    if catalog.publish(tenant_id=tenant_id, request_id=request_id):
        queue.ask_maintenance(QUALITY)


def _publish_example(tenant_id: UUID, example_id: UUID) -> None:
    """The score of the agent counts its examples."""
    examples.publish_example(tenant_id=tenant_id, example_id=example_id)
    queue.ask_maintenance(QUALITY)


HANDLERS = {
    "build.check": lambda tenant_id, payload: agents.check_build(
        tenant_id=tenant_id, build_id=UUID(payload["build_id"]), driver=driver()
    ),
    "run.settled": lambda _tenant_id, payload: runs.spread_settlements([payload]),
    "publication.approved": lambda tenant_id, payload: _publish(tenant_id, UUID(payload["request_id"])),
    "listing.changed": lambda tenant_id, payload: catalog.sync_listing(
        tenant_id=tenant_id, agent_id=UUID(payload["agent_id"])
    ),
    "review.written": lambda tenant_id, payload: catalog.publish_review(
        tenant_id=tenant_id, review_id=UUID(payload["review_id"])
    ),
    "review.deleted": lambda tenant_id, payload: catalog.unpublish_review(
        tenant_id=tenant_id, review_id=UUID(payload["review_id"]), listing_id=UUID(payload["listing_id"])
    ),
    "review.replied": lambda tenant_id, payload: catalog.publish_reply(
        tenant_id=tenant_id, review_id=UUID(payload["review_id"])
    ),
    "example.changed": lambda tenant_id, payload: _publish_example(tenant_id, UUID(payload["example_id"])),
    "suspensions.changed": lambda _tenant_id, _payload: catalog.sync_suspensions(),
    "tenant.created": lambda tenant_id, payload: runs.spread_grant(tenant_id, month=payload.get("month", "start")),
}
TOGETHER = {"run.settled": runs.spread_settlements}
