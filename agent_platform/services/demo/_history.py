"""Runs of the demo consumer: real files, real sandboxes, real charges, real answers to what runs ask."""

import time
from uuid import uuid5

import structlog

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import AppError, Conflict
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller
from agent_platform.models.runs import RunState
from agent_platform.services import billing, runs
from agent_platform.services.demo._wishes import WISHES, Wish

log = structlog.get_logger()
AT_ONCE = 3
POLL_SECONDS = 0.2
WAIT_SECONDS = 180.0
CREDIT_SECONDS = 30.0
REFUSED = ("support-triage", 3)  # the run whose replies are held back
WAITING = runs.RunFilter(states=(RunState.WAITING.value,))


def run_history(consumer: Caller) -> None:
    """The consumer has runs of every sample agent that needs no network, and has answered what they asked. Repeating adds none."""
    wait_for_credit(consumer)
    for number in range(max(wish.times for wish in WISHES)):
        for wish in WISHES:
            if number < wish.times:
                _run(consumer, wish, number)
    _wait_until_idle(consumer, most=0)


def _run(consumer: Caller, wish: Wish, number: int) -> None:
    _wait_until_idle(consumer, most=AT_ONCE - 1)
    assert consumer.tenant_id is not None
    key = _key(consumer, wish.slug, number)
    try:
        with tenant_session(consumer.tenant_id) as session:
            runs.start(session, _request(session, consumer, wish, number, key), caller=consumer)
    except runs.IdempotencyKeyReused:
        return
    except AppError as error:
        log.warning("seed_run_refused", agent=wish.slug, reason=error.sentence)


def _request(session: TenantSession, consumer: Caller, wish: Wish, number: int, key: str) -> runs.RunRequest:
    def store(name: str, media_type: str, content: bytes) -> str:
        upload = runs.store_upload(session, name=name, media_type=media_type, chunks=(content,), by=consumer.user_id)
        return shown("file", upload.id)

    return runs.RunRequest(wish.publisher, wish.slug, wish.given(wish, number, store), key)


def _key(consumer: Caller, slug: str, number: int) -> str:
    assert consumer.tenant_id is not None
    return str(uuid5(consumer.tenant_id, f"seed {slug} {number}"))


def _keys(consumer: Caller) -> set[str]:
    return {_key(consumer, wish.slug, number) for wish in WISHES for number in range(wish.times)}


def _answer(session: TenantSession, consumer: Caller) -> None:
    """The consumer says yes to what these runs ask and leaves the forms as they are; to one run it says no."""
    ours = _keys(consumer)
    for pending in runs.list_pending(session):
        if pending.run.idempotency_key not in ours:
            continue  # of somebody who looks around meanwhile
        refuses = pending.run.idempotency_key == _key(consumer, *REFUSED)
        fields = pending.approval.form.get("properties", {})
        runs.decide(
            session,
            approval_id=pending.approval.id,
            approved=not refuses,
            caller=consumer,
            comment="Not these; we write to them ourselves." if refuses else "",
            answer={name: field["prefill"] for name, field in fields.items() if "prefill" in field},
        )


def wait_for_credit(consumer: Caller) -> None:
    """Returns once the workspace has money to run with, or has waited in vain."""
    assert consumer.tenant_id is not None
    deadline = time.monotonic() + CREDIT_SECONDS
    while time.monotonic() < deadline:
        with tenant_session(consumer.tenant_id) as session:
            if billing.balance(session).free_micro_usd:
                return
        time.sleep(POLL_SECONDS)


def _wait_until_idle(consumer: Caller, *, most: int) -> None:
    """At most so many runs are under way; with none, none of these waits for an answer either."""
    assert consumer.tenant_id is not None
    ours = _keys(consumer)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            with tenant_session(consumer.tenant_id) as session:
                _answer(session, consumer)
                waiting = {run.idempotency_key for run in runs.list_runs(session, wanted=WAITING).runs}
                if sum(runs.count_open(session)) <= most and (most or not waiting & ours):
                    return
        except Conflict:
            log.info("seed_question_answered_by_somebody_else")
        time.sleep(POLL_SECONDS)
