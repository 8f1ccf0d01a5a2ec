"""From a wake-up to a started sandbox: claim with lease and fence, mint the token, start, return."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.ids import digest
from agent_platform.core.live import publish_after_commit
from agent_platform.core.recent import Recent
from agent_platform.core.tokens import new_run_token
from agent_platform.models.agents import AgentVersion
from agent_platform.models.runs import AttemptState, FailureClass, Run, RunAttempt, RunState
from agent_platform.services import agents, catalog, runtime
from agent_platform.services.runs._driver_places import ensure_place
from agent_platform.services.runs._ending import Ending
from agent_platform.services.runs._limits import PIDS
from agent_platform.services.runs._settle import end_unclaimed, next_attempt, post, settle_unlaunched
from agent_platform.services.runs._states import Locked, attempt_of, lock_attempts, lock_run, move_attempt, move_run
from agent_platform.services.runs._tokens import KNOW, TOKEN_LIFE

LEASE_SECONDS = 12
DRIVER_PAUSE_SECONDS = 2
# Places are leased, and the tokens of exactly these are known.
CLAIM = text(
    "WITH minted AS (SELECT * FROM unnest(CAST(:runs AS uuid[]), CAST(:keys AS text[]), CAST(:numbers AS integer[])) AS t(run_id, key, number)),"
    " claimed AS (UPDATE app.dispatch d SET state = 'leased', fence = d.fence + 1, lease_until = now() + make_interval(secs => :lease), worker = :worker,"
    " token_until = now() + make_interval(secs => least(r.timeout_seconds + :slack, :most)) FROM app.runs r"
    " WHERE d.tenant_id = :tenant AND d.run_id = ANY(:runs) AND d.state = 'queued' AND d.ready_at <= now()"
    " AND (r.tenant_id, r.id) = (d.tenant_id, d.run_id) RETURNING d.run_id, d.fence, d.token_until, clock_timestamp() AS at),"
    f" known AS ({KNOW}) SELECT run_id, fence, at FROM claimed"
)

SUSPENDED = Ending(
    RunState.FAILED,
    AttemptState.KILLED,
    FailureClass.PLATFORM,
    "agent_suspended",
    "The operator of this installation suspended the agent before this run began.",
)
NOT_ALLOWED = Ending(
    RunState.FAILED,
    AttemptState.KILLED,
    FailureClass.INPUT,
    "agent_not_allowed",
    "An admin of this workspace took the agent out of those that run here before this run began.",
)

# A version never changes. What is kept is shared by the attempts that start, and never changed in place.
_specs: Recent[tuple[UUID, UUID | None, UUID | None], dict[str, Any]] = Recent(seconds=60, most=200)


@dataclass(frozen=True)
class Claim:
    run: Run
    attempt: RunAttempt
    spec: runtime.SandboxSpec


def launch(driver: runtime.RuntimeDriver, *, tenant_id: UUID, run_id: UUID, worker: str) -> bool:
    """The run's sandbox is starting, or its end is settled; False if another worker has it or it is over. Safe to repeat."""
    return launch_many(driver, tenant_id=tenant_id, run_ids=[run_id], worker=worker) == 1


def launch_many(driver: runtime.RuntimeDriver, *, tenant_id: UUID, run_ids: Sequence[UUID], worker: str) -> int:
    """As `launch` for runs of one tenant, claimed in one transaction. Returns how many this worker took."""
    with tenant_session(tenant_id) as session, session.no_autoflush:
        claims = _claim(session, run_ids, worker)
    if claims:
        ensure_place(driver, tenant_id)
    for claim in claims:
        _start(driver, claim)
    return len(claims)


def _start(driver: runtime.RuntimeDriver, claim: Claim) -> None:
    tenant_id, run_id, number = claim.run.tenant_id, claim.run.id, claim.attempt.number
    try:
        driver.start(claim.spec)
    except runtime.Transient as error:
        _put_back(tenant_id, run_id, number, str(error))
    except runtime.Rejected as error:
        settle_unlaunched(tenant_id=tenant_id, run_id=run_id, attempt=number, sentence=str(error))


def _claim(session: TenantSession, run_ids: Sequence[UUID], worker: str) -> list[Claim]:
    """Places in the queue, runs and attempts move together, so a crash leaves expired leases at worst."""
    due, ended = {}, []
    queued = [locked for locked in lock_attempts(session, run_ids) if locked.run.state == RunState.QUEUED]
    stopped = _stopped_since(session, [locked.run for locked in queued])
    for locked in queued:
        if locked.run.stop_reason is not None:
            ended.append(end_unclaimed(session, locked, Ending(RunState.CANCELLED, AttemptState.KILLED)))
        elif locked.run.id in stopped:
            ended.append(end_unclaimed(session, locked, stopped[locked.run.id]))
        else:
            due[locked.run.id] = locked
    claims = _claim_places(session, due, worker) if due else []
    if ended:
        post(session, ended)
    return claims


def _stopped_since(session: TenantSession, queued: Sequence[Run]) -> dict[UUID, Ending]:
    """Of these runs those whose agent was suspended, or left out here, since they were accepted. One that has begun goes on to its end."""
    waiting = {run.id: run.release_id for run in queued if run.release_id is not None and run.started_at is None}
    if not waiting:
        return {}
    releases = set(waiting.values())
    left_out = dict.fromkeys(catalog.disallowed_releases(session, releases), NOT_ALLOWED)
    stopped = left_out | dict.fromkeys(catalog.suspended_releases(session, releases), SUSPENDED)
    return {run_id: stopped[release_id] for run_id, release_id in waiting.items() if release_id in stopped}


def _claim_places(session: TenantSession, due: dict[UUID, Locked], worker: str) -> list[Claim]:
    tokens = {run_id: new_run_token() for run_id in due}
    minted = {
        "runs": list(due),
        "keys": [digest(token) for token in tokens.values()],
        "numbers": [locked.attempt.number for locked in due.values()],
    }
    leased = session.execute(
        CLAIM, {"lease": LEASE_SECONDS, "worker": worker, "tenant": session.tenant_id} | minted | TOKEN_LIFE
    ).all()
    return [_claimed(session, due[row.run_id], row, tokens[row.run_id], worker) for row in leased]


def _claimed(session: TenantSession, due: Locked, leased: Any, token: str, worker: str) -> Claim:
    run, attempt = due.run, due.attempt
    run.fence = leased.fence
    attempt.token_hash = digest(token)
    attempt.driver_handle = runtime.handle_of(run.id, attempt.number)
    attempt.spec = _execution_spec(session, run)
    attempt.launched_at = leased.at
    move_attempt(attempt, AttemptState.LAUNCHING)
    move_run(session, run, RunState.STARTING, leased.at, attempt=attempt.number, worker=worker)
    publish_after_commit(session, f"run:{run.id}")
    return Claim(run, attempt, _sandbox_spec(run, attempt, token))


def _sandbox_spec(run: Run, attempt: RunAttempt, token: str) -> runtime.SandboxSpec:
    limits = runtime.Limits(
        cpu=run.cpu, memory_mb=run.memory_mb, pids=PIDS, disk_mb=run.disk_mb, wall_seconds=run.timeout_seconds
    )
    return runtime.SandboxSpec(
        run_id=str(run.id),
        attempt=attempt.number,
        tenant_id=str(run.tenant_id),
        bundle_digest=attempt.spec["digest"],
        limits=limits,
        token=token,
    )


def _execution_spec(session: TenantSession, run: Run) -> dict[str, Any]:
    which = (session.tenant_id, run.own_version_id, run.release_id)
    known = _specs.find(which)
    return known[0] if known else _specs.keep(which, _find_spec(session, run))


def _find_spec(session: TenantSession, run: Run) -> dict[str, Any]:
    if run.own_version_id is not None:
        return agents.execution_spec(session.get_one(AgentVersion, (session.tenant_id, run.own_version_id)))
    return session.execute(
        text("SELECT spec FROM platform.release_specs WHERE release_id = :release"), {"release": run.release_id}
    ).scalar_one()


def _put_back(tenant_id: UUID, run_id: UUID, attempt_number: int, reason: str) -> None:
    """The driver could not be reached: nothing ran, so the run waits for it with a new attempt, at no cost to its retries."""
    with tenant_session(tenant_id) as session:
        run = lock_run(session, run_id)
        if run.state == RunState.STARTING and run.attempt == attempt_number:
            attempt = attempt_of(session, run)
            move_attempt(attempt, AttemptState.LOST)
            again = next_attempt(
                session, run, attempt, reason="driver", wait_seconds=DRIVER_PAUSE_SECONDS, sentence=reason
            )
            post(session, [again])
