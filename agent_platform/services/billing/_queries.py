"""Balances and what the month has cost so far."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession


@dataclass(frozen=True)
class Balance:
    """`held` is set aside for runs under way, `captured` is what they have cost so far."""

    credit_micro_usd: int
    cash_micro_usd: int
    held_micro_usd: int
    captured_micro_usd: int

    @property
    def free_micro_usd(self) -> int:
        return self.credit_micro_usd + self.cash_micro_usd


@dataclass(frozen=True)
class Month:
    """What a month has cost so far. Captured money is spent; `whole` is the same before, during and after a run."""

    spent_micro_usd: int
    balance: Balance

    @property
    def whole_micro_usd(self) -> int:
        return self.spent_micro_usd + self.balance.free_micro_usd + self.balance.held_micro_usd

    @property
    def spent_share(self) -> float:
        return self.spent_micro_usd / self.whole_micro_usd if self.whole_micro_usd else 0.0


@dataclass(frozen=True)
class JournalLine:
    kind: str
    account: str
    amount_micro_usd: int
    created_at: Any


@dataclass(frozen=True)
class JournalTotal:
    """All postings of one kind on one account for a run."""

    kind: str
    account: str
    journals: int
    amount_micro_usd: int
    last_at: Any


def balance(session: TenantSession) -> Balance:
    row = session.execute(
        text(
            "SELECT coalesce(sum(balance_micro_usd) FILTER (WHERE kind = 'grant' AND (expires_at IS NULL OR expires_at > now())), 0),"
            " coalesce(sum(balance_micro_usd) FILTER (WHERE kind = 'cash'), 0), coalesce(sum(balance_micro_usd) FILTER (WHERE kind = 'hold'), 0),"
            " coalesce(sum(balance_micro_usd) FILTER (WHERE kind = 'spent'), 0) FROM app.accounts"
        )
    ).one()
    return Balance(*(int(value) for value in row))


def month(session: TenantSession) -> Month:
    """The running UTC month, from the ledger."""
    now = balance(session)
    return Month(_settled_this_month(session) + now.captured_micro_usd, now)


def _settled_this_month(session: TenantSession) -> int:
    return int(
        session.execute(
            text(
                "SELECT coalesce(sum(p.amount_micro_usd), 0) FROM app.journals j JOIN app.postings p ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id)"
                " WHERE j.kind = 'settle' AND p.account_kind = 'clearing' AND j.created_at >= date_trunc('month', now(), 'UTC')"
            )
        ).scalar_one()
    )


def journal_of_run(session: TenantSession, *, run_id: UUID) -> list[JournalLine]:
    rows = session.execute(
        text(
            "SELECT j.kind, a.name, p.amount_micro_usd, j.created_at FROM app.journals j JOIN app.postings p"
            " ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id) JOIN app.accounts a ON (a.tenant_id, a.id) = (p.tenant_id, p.account_id)"
            " WHERE j.run_id = :run ORDER BY j.created_at, j.id, p.line"
        ),
        {"run": run_id},
    )
    return [JournalLine(*row) for row in rows]


def journal_totals_of_run(session: TenantSession, *, run_id: UUID) -> list[JournalTotal]:
    """The same postings summed by kind and account, in the order they began: a run of many rows has many captures."""
    rows = session.execute(
        text(
            "SELECT j.kind, a.name, count(DISTINCT j.id), sum(p.amount_micro_usd), max(j.created_at) FROM app.journals j"
            " JOIN app.postings p ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id)"
            " JOIN app.accounts a ON (a.tenant_id, a.id) = (p.tenant_id, p.account_id)"
            " WHERE j.run_id = :run GROUP BY j.kind, a.name ORDER BY min(j.created_at), min(p.line), j.kind"
        ),
        {"run": run_id},
    )
    return [JournalTotal(row[0], row[1], int(row[2]), int(row[3]), row[4]) for row in rows]


def ledger_differences(session: TenantSession) -> list[str]:
    """Accounts whose balance is not the sum of their postings, and journals that do not sum to zero; empty when the book is right."""
    accounts = session.execute(
        text(
            "SELECT a.name, a.balance_micro_usd, coalesce(sum(p.amount_micro_usd), 0) FROM app.accounts a LEFT JOIN app.postings p"
            " ON (p.tenant_id, p.account_id) = (a.tenant_id, a.id) GROUP BY a.id, a.name, a.balance_micro_usd"
            " HAVING a.balance_micro_usd <> coalesce(sum(p.amount_micro_usd), 0)"
        )
    )
    journals = session.execute(
        text(
            "SELECT journal_id, sum(amount_micro_usd) FROM app.postings GROUP BY journal_id HAVING sum(amount_micro_usd) <> 0"
        )
    )
    return [f"account {name}: balance {held}, postings {posted}" for name, held, posted in accounts] + [
        f"journal {journal}: sum {total}" for journal, total in journals
    ]
