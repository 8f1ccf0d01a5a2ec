"""What a child run leaves of its cap goes back up the line."""

from collections.abc import Sequence
from uuid import UUID

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.live import publish_after_commit
from agent_platform.models.runs import FINAL_RUN_STATES, Run
from agent_platform.services import billing
from agent_platform.services.runs._states import lock_run


def lock_lenders(session: TenantSession, run: Run) -> list[Run]:
    """From the parent up to the first run that is not over, or the first of all; locked, before any account is."""
    lenders: list[Run] = []
    above: UUID | None = run.parent_run_id
    while above is not None:
        lenders.append(lock_run(session, above))
        above = lenders[-1].parent_run_id if lenders[-1].state in FINAL_RUN_STATES else None
    return lenders


def return_unused(session: TenantSession, run: Run, lenders: Sequence[Run], *, amount_micro_usd: int) -> None:
    """The lenders' caps have this room again, and the last of them its money."""
    for lender in lenders:
        lender.child_micro_usd -= amount_micro_usd
        publish_after_commit(session, f"run:{lender.id}")
    if amount_micro_usd:
        billing.give_back(
            session,
            lender_id=lenders[-1].id,
            run_id=run.id,
            amount_micro_usd=amount_micro_usd,
            lender_is_settled=lenders[-1].state in FINAL_RUN_STATES,
        )
