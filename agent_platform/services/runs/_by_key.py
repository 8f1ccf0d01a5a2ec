"""Runs that programs start: the key of a request holds for a day, and a request that comes again gets the run of the first."""

from dataclasses import replace

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.policy import Caller
from agent_platform.models.runs import Origin, Run
from agent_platform.services.runs._request import RunRequest
from agent_platform.services.runs._start import start
from agent_platform.services.runs.errors import IdempotencyKeyReused, RequestInProgress

KEPT = "24 hours"
NAMESPACE = "api:"  # forms and parent runs make keys of their own
# The lock that `start` waits for: a program is told to come again instead.
TRY = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:lock, 0))")
BEFORE = text(
    "SELECT created_at < now() - CAST(:kept AS interval) FROM app.runs WHERE tenant_id = :tenant AND idempotency_key = :key"
)
RELEASE = text(
    "UPDATE app.runs SET idempotency_key = idempotency_key || ' until ' || id WHERE tenant_id = :tenant AND idempotency_key = :key"
)


def start_by_key(session: TenantSession, request: RunRequest, *, caller: Caller) -> tuple[Run, bool]:
    """The accepted run, and whether it is that of an earlier request with the same key.

    Raises: RequestInProgress, IdempotencyKeyReused, and whatever `start` raises.
    """
    key = NAMESPACE + request.idempotency_key
    if not session.execute(TRY, {"lock": f"{session.tenant_id} {key}"}).scalar_one():
        raise RequestInProgress
    known = {"tenant": session.tenant_id, "key": key}
    is_old = session.execute(BEFORE, {**known, "kept": KEPT}).scalar_one_or_none()
    if is_old:
        session.execute(RELEASE, known)
    try:
        run = start(session, replace(request, idempotency_key=key, origin=Origin.API), caller=caller)
    except IdempotencyKeyReused:
        raise IdempotencyKeyReused(
            "This Idempotency-Key came with another request in the last 24 hours. Nothing was charged. Send a new key with a new request."
        ) from None
    return run, is_old is False
