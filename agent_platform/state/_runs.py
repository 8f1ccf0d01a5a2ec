"""What the list of runs shows, read in one transaction."""

from datetime import UTC, datetime
from uuid import UUID

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.policy import Caller
from agent_platform.models.runs import FINAL_RUN_STATES
from agent_platform.services import runs
from agent_platform.views.runs import Asked, RunListView, list_of, states_of


def read_list(session: TenantSession, *, asked: Asked, caller: Caller, agents: list[tuple[str, str]]) -> RunListView:
    """`agents` are the choices of the filter: read once, because they take a walk through all runs."""
    wanted = runs.RunFilter(states_of(asked), asked.agent_ref, asked.find)
    page = runs.list_runs(session, wanted=wanted, cursor=asked.before or None)
    return list_of(
        page,
        asked,
        agents=agents,
        open_runs=sum(runs.count_open(session)),
        caller=caller,
        now=datetime.now(UTC),
    )


def stop_if_open(session: TenantSession, *, run_id: UUID, caller: Caller) -> bool:
    """False for a run that has ended meanwhile: stopping several does not fail for one. Raises: NotFound, Forbidden."""
    if runs.get_run(session, run_id=run_id).state in FINAL_RUN_STATES:
        return False
    runs.cancel(session, run_id=run_id, caller=caller)
    return True
