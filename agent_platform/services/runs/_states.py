"""The only place that changes the state of a run or an attempt, by the tables beside the models."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from agent_platform.core.db.rows import lock_row
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict
from agent_platform.models.run_records import RunEvent
from agent_platform.models.runs import ATTEMPT_TRANSITIONS, RUN_TRANSITIONS, AttemptState, Run, RunAttempt, RunState


class Locked(NamedTuple):
    """A run and its current attempt, locked until commit. `at`: the database's clock as these rows were read, after all that they tell."""

    run: Run
    attempt: RunAttempt
    at: datetime


def lock_run(session: TenantSession, run_id: UUID) -> Run:
    """The run, locked until commit. Raises: NotFound."""
    return lock_row(session, Run, run_id, called="run")


def attempt_of(session: TenantSession, run: Run) -> RunAttempt:
    """The current attempt of a locked run."""
    return session.execute(
        select(RunAttempt).where(
            col(RunAttempt.tenant_id) == session.tenant_id,
            col(RunAttempt.run_id) == run.id,
            col(RunAttempt.number) == run.attempt,
        )
    ).scalar_one()


def lock_attempt(session: TenantSession, run_id: UUID) -> Locked:
    """As `lock_attempts` for one run, which may have gone on to another attempt meanwhile. Raises: NotFound."""
    found = lock_attempts(session, [run_id])
    if found:
        return found[0]
    run = lock_run(session, run_id)  # there is none, or it went on to another attempt while this waited for its lock
    return Locked(run, attempt_of(session, run), database_now(session))


def lock_attempts(session: TenantSession, run_ids: Sequence[UUID]) -> list[Locked]:
    """Runs and their current attempts, locked until commit in the order of their ids. Those that went on meanwhile are left out."""
    rows = session.execute(
        select(Run, RunAttempt, func.clock_timestamp())
        .join(
            RunAttempt,
            (col(RunAttempt.tenant_id) == col(Run.tenant_id))
            & (col(RunAttempt.run_id) == col(Run.id))
            & (col(RunAttempt.number) == col(Run.attempt)),
        )
        .where(col(Run.tenant_id) == session.tenant_id, col(Run.id).in_(run_ids))
        .order_by(col(Run.id))
        .with_for_update()
    )
    return [Locked(*row) for row in rows]


def move_run(session: TenantSession, run: Run, to: RunState, at: datetime | None = None, **facts: Any) -> None:
    """A locked run is in the new state and its stream says so. Raises: Conflict for a step the table does not have."""
    if to not in RUN_TRANSITIONS[RunState(run.state)]:
        raise Conflict(f"A run that is {run.state} cannot become {to.value}.")
    run.state = to
    tell(session, run, f"run.{to.value}", at, **facts)


def move_attempt(attempt: RunAttempt, to: AttemptState) -> None:
    if to not in ATTEMPT_TRANSITIONS[AttemptState(attempt.state)]:
        raise Conflict(f"An attempt that is {attempt.state} cannot become {to.value}.")
    attempt.state = to


def tell(session: TenantSession, run: Run, kind: str, at: datetime | None = None, **facts: Any) -> None:
    """One more numbered entry in the stream of a locked run. `at`: the database's clock, where the caller has just read it."""
    run.event_seq += 1
    session.add(
        RunEvent(
            tenant_id=session.tenant_id,
            run_id=run.id,
            created_at=at or func.clock_timestamp(),  # pyright: ignore[reportArgumentType]  # the database's clock
            seq=run.event_seq,
            kind=kind,
            body={name: value for name, value in facts.items() if value is not None},
        )
    )


def database_now(session: TenantSession) -> datetime:
    return session.execute(select(func.clock_timestamp())).scalar_one()
