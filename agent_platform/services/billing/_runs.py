"""The money of one run in the consumer's book: reserve, capture, void, settle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.money import dollars
from agent_platform.models.money import AccountKind
from agent_platform.services.billing import _ledger
from agent_platform.services.billing._ledger import Line
from agent_platform.services.billing.errors import BalanceTooLow


@dataclass(frozen=True)
class Refund:
    """Charges of a run that go back before it is settled; `source_id` makes that happen once."""

    source_id: UUID
    amount_micro_usd: int


@dataclass(frozen=True)
class Settlement:
    """What a finished run cost its consumer, what went back, and the lines of the journal that says so."""

    run_id: UUID
    charged_micro_usd: int
    released_micro_usd: int
    lines: tuple[Line, ...]
    refund: Refund | None = None


def reserve(session: TenantSession, *, run_id: UUID, amount_micro_usd: int, any_credit: bool) -> None:
    """The amount lies in the tenant's hold for this run. Raises: BalanceTooLow, and then nothing was moved."""
    hold = _ledger.account(session, AccountKind.HOLD)
    left, lines = amount_micro_usd, []
    available = 0
    for pocket in _ledger.pockets(session, any_credit=any_credit):
        available += pocket.balance_micro_usd
        taken = min(left, pocket.balance_micro_usd)
        lines.append(Line(pocket.id, pocket.kind, -taken))
        left -= taken
    if left:
        raise BalanceTooLow(
            f"This run needs {dollars(amount_micro_usd)} set aside, the workspace has {dollars(available)} free. Nothing was charged. "
            "Lower the maximum cost, or wait for running runs to release what they hold."
        )
    _ledger.post(session, "reserve", run_id, [*lines, replace(hold, amount_micro_usd=amount_micro_usd)], run_id=run_id)


def capture(session: TenantSession, *, run_id: UUID, charge_id: UUID, amount_micro_usd: int) -> bool:
    """The charge moved from hold to spent; False if it had before."""
    hold = _ledger.account(session, AccountKind.HOLD)
    spent = _ledger.account(session, AccountKind.SPENT)
    lines = [replace(hold, amount_micro_usd=-amount_micro_usd), replace(spent, amount_micro_usd=amount_micro_usd)]
    return _ledger.post(session, "capture", charge_id, lines, run_id=run_id)


def void(session: TenantSession, *, run_id: UUID, source_id: UUID, amount_micro_usd: int) -> bool:
    """The amount of one or many charges went back from spent to hold, before settlement; False if this source was voided before."""
    hold = _ledger.account(session, AccountKind.HOLD)
    spent = _ledger.account(session, AccountKind.SPENT)
    lines = [replace(hold, amount_micro_usd=amount_micro_usd), replace(spent, amount_micro_usd=-amount_micro_usd)]
    return _ledger.post(session, "void", source_id, lines, run_id=run_id)


def settle(session: TenantSession, *, run_id: UUID, compute_micro_usd: int) -> Settlement:
    """Everything of this run has left hold and spent: the charged part to clearing, the rest to the pockets it came from.

    `compute_micro_usd` is what the consumer pays for sandbox time; the caller keeps it within the cap and has locked the run.
    Repeating changes nothing.
    """
    settlement = plan_settlement(session, run_id=run_id, compute_micro_usd=compute_micro_usd)
    post_settlements(session, [settlement])
    return settlement


def plan_settlement(
    session: TenantSession, *, run_id: UUID, compute_micro_usd: int, refund: Refund | None = None
) -> Settlement:
    """What `post_settlements` will move; nothing has moved yet and no account is locked."""
    parts = session.execute(OF_RUN, {"tenant": session.tenant_id, "run": run_id}).all()
    given_back = refund.amount_micro_usd if refund else 0
    held = sum(part.balance for part in parts if part.account_kind == AccountKind.HOLD) + given_back
    captured = sum(part.balance for part in parts if part.account_kind == AccountKind.SPENT) - given_back
    back = held - compute_micro_usd
    charged = captured + compute_micro_usd
    lines = [
        replace(_ledger.account(session, AccountKind.HOLD), amount_micro_usd=-held),
        replace(_ledger.account(session, AccountKind.SPENT), amount_micro_usd=-captured),
        replace(_ledger.account(session, AccountKind.CLEARING), amount_micro_usd=charged),
        *returned([Line(part.account_id, part.account_kind, part.gave) for part in parts if part.gave > 0], back),
    ]
    return Settlement(run_id, charged, back, tuple(lines), refund)


def post_settlements(
    session: TenantSession, settlements: Sequence[Settlement], *, refunds: Mapping[UUID, Refund] = MappingProxyType({})
) -> None:
    """The planned money has moved, once. Call it last before the commit: it locks the accounts that all runs of the tenant share.

    `refunds` by run: of runs that are not settled yet.
    """
    due = {**refunds, **{one.run_id: one.refund for one in settlements if one.refund}}
    due = {run_id: refund for run_id, refund in due.items() if refund.amount_micro_usd}
    if settlements and len(settlements) + len(due) > 1:
        _ledger.lock(session, [line for one in settlements for line in one.lines])
    for run_id, refund in due.items():
        void(session, run_id=run_id, source_id=refund.source_id, amount_micro_usd=refund.amount_micro_usd)
    for one in settlements:
        _ledger.post(session, "settle", one.run_id, one.lines, run_id=one.run_id)


# `gave`: what a pocket, or the run that called this one, put into the hold at accept, the last that gave first
OF_RUN = text(
    "SELECT p.account_id, p.account_kind, sum(p.amount_micro_usd)::bigint AS balance,"
    " coalesce(-sum(p.amount_micro_usd) FILTER (WHERE j.kind = 'reserve' AND p.account_kind IN ('grant', 'cash', 'lent')), 0)::bigint AS gave"
    " FROM app.journals j JOIN app.postings p ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id)"
    " WHERE j.tenant_id = :tenant AND j.run_id = :run GROUP BY p.account_id, p.account_kind"
    " ORDER BY max(p.line) FILTER (WHERE j.kind = 'reserve') DESC NULLS LAST"
)


def returned(gave: list[Line], amount: int) -> list[Line]:
    """The last pocket that gave is the first to get back, so credit is spent before cash."""
    lines = []
    for line in gave:
        part = min(amount, line.amount_micro_usd)
        lines.append(replace(line, amount_micro_usd=part))
        amount -= part
    return lines
