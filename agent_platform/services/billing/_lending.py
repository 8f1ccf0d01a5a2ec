"""Money that a run sets aside for a child run: it moves from hold to hold, by way of the account `lent`, and never to a pocket.

Each journal belongs to one run and sums to zero in the tenant's book; `lent` is empty again when every child has settled.
"""

from dataclasses import replace
from uuid import UUID, uuid5

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.money import AccountKind
from agent_platform.services.billing import _ledger
from agent_platform.services.billing._ledger import Line
from agent_platform.services.billing._runs import returned

# what pockets gave to a run and have not got back, the last that gave first
STILL_GIVEN = text(
    "SELECT p.account_id, p.account_kind, (-sum(p.amount_micro_usd))::bigint AS gave FROM app.journals j JOIN app.postings p"
    " ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id) WHERE j.tenant_id = :tenant AND j.run_id = :run"
    " AND p.account_kind IN ('grant', 'cash') GROUP BY p.account_id, p.account_kind HAVING sum(p.amount_micro_usd) < 0"
    " ORDER BY max(p.line) FILTER (WHERE j.kind = 'reserve') DESC NULLS LAST"
)


def lend(session: TenantSession, *, lender_id: UUID, run_id: UUID, amount_micro_usd: int) -> None:
    """The amount has left the hold of the lender and is the hold of `run_id`; the caller keeps it within the lender's room."""
    hold, lent = _ledger.account(session, AccountKind.HOLD), _ledger.account(session, AccountKind.LENT)
    out = [replace(hold, amount_micro_usd=-amount_micro_usd), replace(lent, amount_micro_usd=amount_micro_usd)]
    into = [replace(lent, amount_micro_usd=-amount_micro_usd), replace(hold, amount_micro_usd=amount_micro_usd)]
    _ledger.post(session, "lend", run_id, out, run_id=lender_id)
    _ledger.post(session, "reserve", run_id, into, run_id=run_id)


def give_back(
    session: TenantSession, *, lender_id: UUID, run_id: UUID, amount_micro_usd: int, lender_is_settled: bool
) -> None:
    """What a settled child run did not use is in its lender's hold again; of a settled lender, in the pockets it came from."""
    lent = _ledger.account(session, AccountKind.LENT)
    lines = [replace(lent, amount_micro_usd=-amount_micro_usd)]
    if lender_is_settled:
        given = session.execute(STILL_GIVEN, {"tenant": session.tenant_id, "run": lender_id})
        lines += returned([Line(*row) for row in given], amount_micro_usd)
    else:
        lines.append(replace(_ledger.account(session, AccountKind.HOLD), amount_micro_usd=amount_micro_usd))
    _ledger.post(session, "return", uuid5(run_id, "return"), lines, run_id=lender_id)
