"""RQ jobs: a name, a tenant, one call. A job is short; waiting is somebody else's work."""

import os
import socket
from uuid import UUID

import structlog

from agent_platform.core import outbox
from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.errors import AppError
from agent_platform.services import agents, catalog, runs
from workers.driver import driver

log = structlog.get_logger()
WORKER = f"{socket.gethostname()}:{os.getpid()}"


def launch_run(tenant_id: str, run_id: str, attempt: int) -> None:
    del attempt  # the run itself knows which attempt is due
    runs.launch(driver(), tenant_id=UUID(tenant_id), run_id=UUID(run_id), worker=WORKER)


def stop_run(tenant_id: str, run_id: str) -> None:
    runs.press_stop(driver(), tenant_id=UUID(tenant_id), run_id=UUID(run_id))


def build_version(tenant_id: str, build_id: str) -> None:
    agents.start_build(tenant_id=UUID(tenant_id), build_id=UUID(build_id), driver=driver())


def refresh_figures() -> None:
    catalog.refresh_figures()


def drain_outbox() -> None:
    """Every due message is handled or put back with a later time."""
    with dispatch_session() as session:
        messages = outbox.claim(session)
    for message in messages:
        _handle(message.tenant_id, message.id, message.kind, message.payload, message.attempt)


def _handle(tenant_id: UUID, message_id: UUID, kind: str, payload: dict[str, str], attempt: int) -> None:
    try:
        HANDLERS[kind](tenant_id, payload)
    except Exception as error:  # the message is kept and tried again
        sentence = error.sentence if isinstance(error, AppError) else f"{type(error).__name__}: {error}"
        log.warning(
            "outbox_failed", kind=kind, attempt=attempt, error=sentence, exc_info=not isinstance(error, AppError)
        )
        with dispatch_session() as session:
            outbox.failed(session, message_id, attempt, sentence)
        return
    with dispatch_session() as session:
        outbox.done(session, message_id)


HANDLERS = {
    "build.check": lambda tenant_id, payload: agents.check_build(
        tenant_id=tenant_id, build_id=UUID(payload["build_id"]), driver=driver()
    ),
    "run.settled": lambda _tenant_id, payload: runs.spread_settlement(payload),
    "publication.approved": lambda tenant_id, payload: catalog.publish(
        tenant_id=tenant_id, request_id=UUID(payload["request_id"])
    ),
    "listing.changed": lambda tenant_id, payload: catalog.sync_listing(
        tenant_id=tenant_id, agent_id=UUID(payload["agent_id"])
    ),
    "tenant.created": lambda tenant_id, payload: runs.spread_grant(tenant_id, month=payload.get("month", "start")),
}
