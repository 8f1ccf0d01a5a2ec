"""The money of one run in the consumer's book: reserve, capture, void, settle."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.money import AccountKind
from agent_platform.services.billing import _ledger
from agent_platform.services.billing._ledger import Line
from agent_platform.services.billing.errors import BalanceTooLow


@dataclass(frozen=True)
class Settlement:
    """What a finished run cost its consumer, and what went back."""

    charged_micro_usd: int
    released_micro_usd: int


def reserve(session: TenantSession, *, run_id: UUID, amount_micro_usd: int, any_credit: bool) -> None:
    """The amount lies in the tenant's hold for this run. Raises: BalanceTooLow, and then nothing was moved."""
    hold = _ledger.lock_hold(session)
    left, lines = amount_micro_usd, []
    available = 0
    for pocket in _ledger.pockets(session, any_credit=any_credit):
        available += pocket.balance_micro_usd
        taken = min(left, pocket.balance_micro_usd)
        lines.append(Line(pocket.id, pocket.kind, -taken))
        left -= taken
    if left:
        raise BalanceTooLow(
            f"This run needs {_dollars(amount_micro_usd)} set aside, the workspace has {_dollars(available)} free. Nothing was charged. "
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

    `compute_micro_usd` is what the consumer pays for sandbox time; the caller keeps it within the cap. Repeating changes nothing.
    """
    hold = _ledger.lock_hold(session)
    spent = _ledger.account(session, AccountKind.SPENT)
    clearing = _ledger.account(session, AccountKind.CLEARING)
    held, captured = _balance_of_run(session, run_id, "hold"), _balance_of_run(session, run_id, "spent")
    back = held - compute_micro_usd
    charged = captured + compute_micro_usd
    lines = [
        replace(hold, amount_micro_usd=-held),
        replace(spent, amount_micro_usd=-captured),
        replace(clearing, amount_micro_usd=charged),
        *_returned(session, run_id, back),
    ]
    _ledger.post(session, "settle", run_id, lines, run_id=run_id)
    return Settlement(charged, back)


def _returned(session: TenantSession, run_id: UUID, amount: int) -> list[Line]:
    """The last pocket that gave is the first to get back, so credit is spent before cash."""
    gave = session.execute(
        text(
            "SELECT p.account_id, p.account_kind, -p.amount_micro_usd FROM app.postings p JOIN app.journals j"
            " ON (j.tenant_id, j.id) = (p.tenant_id, p.journal_id) WHERE j.tenant_id = :tenant AND j.kind = 'reserve' AND j.source_id = :run"
            " AND p.account_kind IN ('grant', 'cash') ORDER BY p.line DESC"
        ),
        {"tenant": session.tenant_id, "run": run_id},
    )
    lines = []
    for account_id, kind, given in gave:
        part = min(amount, given)
        lines.append(Line(account_id, kind, part))
        amount -= part
    return lines


def _balance_of_run(session: TenantSession, run_id: UUID, kind: str) -> int:
    return int(
        session.execute(
            text(
                "SELECT coalesce(sum(p.amount_micro_usd), 0) FROM app.postings p JOIN app.journals j"
                " ON (j.tenant_id, j.id) = (p.tenant_id, p.journal_id)"
                " WHERE j.tenant_id = :tenant AND j.run_id = :run AND p.account_kind = :kind"
            ),
            {"tenant": session.tenant_id, "run": run_id, "kind": kind},
        ).scalar_one()
    )


def _dollars(micro_usd: int) -> str:
    text_ = f"{micro_usd / 1_000_000:.6f}".rstrip("0")
    whole, _, cents = text_.partition(".")
    return f"${whole}.{cents.ljust(2, '0')}"
