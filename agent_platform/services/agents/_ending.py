"""The ends of a build: over, or back in the queue. Each in the caller's transaction, on a locked row."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col

from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.agents import AgentVersion, Build, BuildState, VersionState
from agent_platform.models.tenancy import Lookup, LookupKind
from agent_platform.services import audit
from agent_platform.services.agents._release import make_first_stable
from agent_platform.services.agents._states import move
from agent_platform.services.agents._turns import find_next
from agent_platform.services.agents._wake import wake_builder

MOST_LOST = 1
LOST = "The machine that built it went away twice. Nothing is wrong with your code; build it again."


def end_build(
    session: TenantSession, build: Build, state: BuildState, error: str | None = None, *, by: UUID | None = None
) -> None:
    """Build and version have their final states, the token is dead, and a first ready version is the stable one.

    The build that has waited longest for this one's place is woken.
    """
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    forget_token(session, build)
    move(session, build, state, finished_at=now, error=error, token_hash=None)
    version = session.get_one(AgentVersion, (build.tenant_id, build.version_id))
    is_ready = state == BuildState.READY
    move(session, version, VersionState.READY if is_ready else VersionState.BUILD_FAILED)
    actor = f"user:{by}" if by else "platform"
    audit.record(
        session, actor=actor, action=f"build.{state.value}", subject=f"build:{build.id}", number=version.number
    )
    if is_ready:
        make_first_stable(session, version)
    if (waiting := find_next(session)) is not None:
        wake_builder(session, waiting)
    live.publish_after_commit(session, f"builds:{session.tenant_id}")


def retry_lost(session: TenantSession, build: Build) -> None:
    """Queued once more, the second time failed."""
    lost = int(build.outcome.get("lost", 0))
    if lost >= MOST_LOST:
        end_build(session, build, BuildState.FAILED, LOST)
        return
    _queue_again(session, build, lost=lost + 1)
    wake_builder(session, build.id)


def put_back(session: TenantSession, build: Build) -> None:
    """The driver could not be reached, which is no fault of the build: it waits for the check that is under way anyhow."""
    if build.state == BuildState.BUILDING:
        _queue_again(session, build, lost=int(build.outcome.get("lost", 0)))


def _queue_again(session: TenantSession, build: Build, *, lost: int) -> None:
    forget_token(session, build)
    outcome = {"attempt": build.outcome.get("attempt", 1), "lost": lost}
    move(session, build, BuildState.QUEUED, outcome=outcome, token_hash=None)
    live.publish_after_commit(session, f"builds:{session.tenant_id}")


def forget_token(session: TenantSession, build: Build) -> None:
    session.execute(
        delete(Lookup).where(
            col(Lookup.kind) == LookupKind.BUILD_TOKEN.value,
            col(Lookup.tenant_id) == session.tenant_id,
            col(Lookup.target_id) == build.id,
        )
    )
