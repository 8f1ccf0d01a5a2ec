"""A build from its wake-up to its end. Every step may be repeated: by a job, by the outbox, by a second worker."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlmodel import col

from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import digest
from agent_platform.core.tokens import new_run_token
from agent_platform.models.agents import AgentVersion, Build, BuildState
from agent_platform.models.tenancy import Lookup, LookupKind
from agent_platform.services import outages, runtime
from agent_platform.services.agents._ending import end_build, put_back, retry_lost
from agent_platform.services.agents._execution import manifest_of
from agent_platform.services.agents._speaking import BUILD_SECONDS, append_log, attempt_of, has_spoken
from agent_platform.services.agents._states import move
from agent_platform.services.agents._turns import count_building, most_at_once, take_turns
from agent_platform.services.agents._wake import check_later

PIDS = 128
MOST_LAST_BYTES = 16 * 1024
LEAST_MEMORY_MB = 512
CANCEL_GRACE_SECONDS = 5
LOST_CODES = frozenset({"worker_lost", "launch_failed"})
FINAL = frozenset({BuildState.READY, BuildState.FAILED, BuildState.CANCELLED, BuildState.TIMED_OUT})
TIMED_OUT = f"The build did not finish within {BUILD_SECONDS // 60} minutes. Import less at the top of your modules."


def start_build(*, tenant_id: UUID, build_id: UUID, driver: runtime.RuntimeDriver) -> bool:
    """The sandbox of a queued build is starting. False if another worker has it, it is over, or it has to wait its turn."""
    with tenant_session(tenant_id) as session:
        spec = _claim(session, build_id)
    if spec is None:
        return False
    try:
        driver.start(spec)
    except runtime.Transient:
        with tenant_session(tenant_id) as session:
            put_back(session, _locked(session, build_id))  # the driver is away: the next check tries again
    except runtime.Rejected as error:
        with tenant_session(tenant_id) as session:
            end_build(session, _locked(session, build_id), BuildState.FAILED, error.sentence)
    return True


def finish_build(*, tenant_id: UUID, build_id: UUID, status: runtime.Status, last_words: str = "") -> str:
    """What the ended sandbox means for the build and its version; the build's state now. A lost one is queued once more.

    `last_words` is what the sandbox wrote outside the broker; it joins the log where the build itself said nothing final.
    """
    with tenant_session(tenant_id) as session:
        build = _locked(session, build_id)
        if build.state != BuildState.BUILDING or status.attempt != attempt_of(build):
            return build.state
        diagnosis = runtime.diagnose(status, _seen(session, build, status))
        if last_words and not has_spoken(build):
            append_log(build, last_words)
        if "value" in build.outcome:
            end_build(session, build, BuildState.READY)
        elif "error" in build.outcome:
            end_build(session, build, BuildState.FAILED, build.outcome["error"].get("message"))
        elif diagnosis.code in LOST_CODES:
            retry_lost(session, build)
        elif status.reason == runtime.Reason.TIMEOUT:
            end_build(session, build, BuildState.TIMED_OUT, TIMED_OUT)
        else:
            end_build(session, build, BuildState.FAILED, diagnosis.sentence)
        return build.state


def check_build(*, tenant_id: UUID, build_id: UUID, driver: runtime.RuntimeDriver) -> bool:
    """Looks after a build: starts a forgotten one, ends a finished or overdue one, sweeps its sandbox. True once it is over."""
    with tenant_session(tenant_id) as session:
        build = session.execute(_query(session, build_id)).scalar_one_or_none()
        if build is None:
            return True
        now = session.execute(select(func.clock_timestamp())).scalar_one()
        if build.state not in FINAL:
            check_later(session, build_id)
    if build.state == BuildState.QUEUED:
        start_build(tenant_id=tenant_id, build_id=build_id, driver=driver)
        return False
    overdue = build.started_at is not None and now > build.started_at + timedelta(seconds=BUILD_SECONDS)
    if build.state == BuildState.BUILDING and not _settled(build, driver, overdue=overdue):
        return False
    for attempt in range(1, attempt_of(build) + 1):
        driver.destroy(runtime.handle_of(_run_id(build.id), attempt))
    return True


def cancel_build(session: TenantSession, *, build_id: UUID, by: UUID | None) -> None:
    """The build is cancelled; its sandbox is swept in a moment. Raises: NotFound, StateMoved when it is over."""
    build = _locked(session, build_id)
    end_build(session, build, BuildState.CANCELLED, "The build was cancelled.", by=by)
    check_later(session, build_id, seconds=0)


def _settled(build: Build, driver: runtime.RuntimeDriver, *, overdue: bool) -> bool:
    status = driver.status(runtime.handle_of(_run_id(build.id), attempt_of(build)))
    spoken = has_spoken(build)
    if overdue and not spoken and not status.phase.is_terminal:
        driver.cancel(status.handle, CANCEL_GRACE_SECONDS)
        status = _timeout(build)
    if not (spoken or status.phase.is_terminal):
        return False
    known = status if status.attempt == attempt_of(build) else _gone(build)
    words = "" if spoken else _last_words(driver, status.handle)
    return finish_build(tenant_id=build.tenant_id, build_id=build.id, status=known, last_words=words) in FINAL


def _seen(session: TenantSession, build: Build, status: runtime.Status) -> runtime.Seen:
    """A build that has said anything had its input; its word alone makes nobody build it again."""
    if not build.acked_seq or not runtime.rests_on_its_word(status):
        return runtime.Seen(had_input=build.acked_seq > 0)
    since = build.started_at or build.created_at
    was_out = outages.was_out(session, outages.BROKER, since=since, until=status.finished_at)
    return runtime.Seen(had_input=True, broker_was_out=was_out)


def _last_words(driver: runtime.RuntimeDriver, handle: str) -> str:
    content = b"".join(chunk.content for chunk in driver.logs(handle))[-MOST_LAST_BYTES:]
    return content.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def _claim(session: TenantSession, build_id: UUID) -> runtime.SandboxSpec | None:
    take_turns(session)
    build = _locked(session, build_id)
    if build.state != BuildState.QUEUED or count_building(session) >= most_at_once(session):
        return None
    version = session.get_one(AgentVersion, (build.tenant_id, build.version_id))
    attempt = int(build.outcome.get("attempt", 0)) + 1
    token = new_run_token()
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    handle = runtime.handle_of(_run_id(build.id), attempt)
    started = {"token_hash": digest(token), "started_at": now, "driver_handle": handle, "acked_seq": 0}
    move(session, build, BuildState.BUILDING, outcome={**build.outcome, "attempt": attempt}, **started)
    session.execute(
        insert(Lookup).values(
            kind=LookupKind.BUILD_TOKEN.value, key=digest(token), tenant_id=session.tenant_id, target_id=build.id
        )
    )
    live.publish_after_commit(session, f"builds:{session.tenant_id}")
    return _sandbox_spec(build, version, token)


def _sandbox_spec(build: Build, version: AgentVersion, token: str) -> runtime.SandboxSpec:
    resources = manifest_of(version).resources
    return runtime.SandboxSpec(
        run_id=_run_id(build.id),
        attempt=attempt_of(build),
        tenant_id=str(build.tenant_id),
        bundle_digest=version.digest,
        limits=runtime.Limits(
            cpu=max(resources.cpu, 1),
            memory_mb=max(resources.memory_mb, LEAST_MEMORY_MB),
            pids=PIDS,
            disk_mb=resources.disk_mb,
            wall_seconds=BUILD_SECONDS,
        ),
        token=token,
    )


def _locked(session: TenantSession, build_id: UUID) -> Build:
    build = session.execute(_query(session, build_id).with_for_update()).scalar_one_or_none()
    if build is None:
        raise NotFound("This build does not exist, or it belongs to another workspace.")
    return build


def _query(session: TenantSession, build_id: UUID) -> Any:
    return select(Build).where(col(Build.tenant_id) == session.tenant_id, col(Build.id) == build_id)


def _run_id(build_id: UUID) -> str:
    return f"build-{build_id.hex}"


def _gone(build: Build) -> runtime.Status:
    return _ended(_run_id(build.id), attempt_of(build), runtime.Phase.LOST, runtime.Reason.LOST)


def _timeout(build: Build) -> runtime.Status:
    return _ended(_run_id(build.id), attempt_of(build), runtime.Phase.FAILED, runtime.Reason.TIMEOUT)


def _ended(run_id: str, attempt: int, phase: runtime.Phase, reason: runtime.Reason) -> runtime.Status:
    handle = runtime.handle_of(run_id, attempt)
    return runtime.Status(handle=handle, run_id=run_id, attempt=attempt, phase=phase, reason=reason)
