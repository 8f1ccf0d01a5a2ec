"""Journals: each lies in one book and sums to zero. Accounts are locked in one order for all: pockets as they pay, then the others by id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import new_id
from agent_platform.core.live import publish_after_commit
from agent_platform.models.money import AccountKind

MOST_REMEMBERED = 20_000
MADE_NOW = "accounts_made_now"
_ids: dict[tuple[UUID, str], UUID] = {}


@dataclass(frozen=True)
class Line:
    account_id: UUID
    kind: str
    amount_micro_usd: int


@dataclass(frozen=True)
class Pocket:
    """Money that can pay: a grant of credit or the cash account."""

    id: UUID
    kind: str
    balance_micro_usd: int
    funded: bool


def account(session: TenantSession, kind: AccountKind, name: str | None = None, *, funded: bool = False) -> Line:
    """The account exists; the line carries its id with amount zero."""
    name = name or kind.value
    known = _ids.get((session.tenant_id, name))
    if known is not None:
        return Line(known, kind.value, 0)
    row = _find(session, name)
    if row is not None:
        if name not in session.info.get(MADE_NOW, ()):
            _remember(session.tenant_id, name, row)
    else:
        session.info.setdefault(MADE_NOW, set()).add(name)  # a rollback takes it away again
        session.execute(
            text(
                "INSERT INTO app.accounts (tenant_id, id, kind, name, funded) VALUES (:tenant, :id, :kind, :name, :funded)"
                " ON CONFLICT (tenant_id, name) DO NOTHING"
            ),
            {"tenant": session.tenant_id, "id": new_id(), "kind": kind.value, "name": name, "funded": funded},
        )
        row = _find(session, name)
    return Line(row, kind.value, 0)  # pyright: ignore[reportArgumentType]


def _remember(tenant_id: UUID, name: str, account_id: UUID) -> None:
    """Accounts are never deleted, so an id that was read once stays true."""
    if len(_ids) >= MOST_REMEMBERED:
        _ids.clear()
    _ids[tenant_id, name] = account_id


def pockets(session: TenantSession, *, any_credit: bool) -> list[Pocket]:
    """What may pay, credit first and the earliest expiry first; locked. Unfunded credit only where `any_credit`."""
    rows = session.execute(
        text(
            "SELECT id, kind, balance_micro_usd, funded FROM app.accounts WHERE tenant_id = :tenant AND kind IN ('grant', 'cash')"
            " AND balance_micro_usd > 0 AND (expires_at IS NULL OR expires_at > now()) AND (kind = 'cash' OR funded OR :any_credit)"
            " ORDER BY kind = 'cash', expires_at NULLS LAST, id FOR NO KEY UPDATE"
        ),
        {"tenant": session.tenant_id, "any_credit": any_credit},
    )
    return [Pocket(*row) for row in rows]


def post(
    session: TenantSession, kind: str, source_id: UUID, lines: Sequence[Line], *, run_id: UUID | None = None
) -> bool:
    """The journal is written and the balances moved, and whoever follows them is told; False if this source was posted before.

    Lines of zero are left out.

    Raises: ValueError when the lines do not sum to zero.
    """
    lines = [line for line in lines if line.amount_micro_usd]
    if sum(line.amount_micro_usd for line in lines):
        raise ValueError(f"journal {kind} of {source_id} does not balance")
    written = session.execute(JOURNAL, _columns(session.tenant_id, kind, source_id, run_id, lines)).scalar_one_or_none()
    if written is None:
        return False
    publish_after_commit(session, f"balance:{session.tenant_id}")
    return True


def lock(session: TenantSession, lines: Sequence[Line]) -> None:
    """These accounts are this transaction's until commit. Needed before a second journal that touches more accounts than the first."""
    ids = [line.account_id for line in lines]
    session.execute(LOCK, {"tenant": session.tenant_id, "ids": ids})


def lock_book(session: TenantSession) -> None:
    """All accounts of the tenant are this transaction's until commit, where it cannot be said beforehand which will be needed."""
    session.execute(LOCK_ALL, {"tenant": session.tenant_id})


# The order is that of `pockets`, here and below.
LOCK = text(
    "WITH locked AS (SELECT id FROM app.accounts WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"
    " ORDER BY kind NOT IN ('grant', 'cash'), kind = 'cash', expires_at NULLS LAST, id FOR NO KEY UPDATE)"
    " SELECT count(*) FROM locked"
)
LOCK_ALL = text(
    "WITH locked AS (SELECT id FROM app.accounts WHERE tenant_id = :tenant"
    " ORDER BY kind NOT IN ('grant', 'cash'), kind = 'cash', expires_at NULLS LAST, id FOR NO KEY UPDATE)"
    " SELECT count(*) FROM locked"
)
# One statement, so that accounts are locked for no longer than it and the commit take.
JOURNAL = text(
    "WITH journal AS (INSERT INTO app.journals (tenant_id, id, kind, source_id, run_id) VALUES (:tenant, :id, :kind, :source, :run)"
    " ON CONFLICT (tenant_id, kind, source_id) DO NOTHING RETURNING id),"
    " lines AS (SELECT journal.id AS journal_id, n, a, k, m FROM journal,"
    " unnest(CAST(:accounts AS uuid[]), CAST(:kinds AS text[]), CAST(:amounts AS bigint[])) WITH ORDINALITY AS t(a, k, m, n)),"
    " written AS (INSERT INTO app.postings (tenant_id, journal_id, line, account_id, account_kind, amount_micro_usd)"
    " SELECT :tenant, journal_id, n, a, k, m FROM lines),"
    " locked AS (SELECT id FROM app.accounts WHERE tenant_id = :tenant AND id IN (SELECT a FROM lines)"
    " ORDER BY kind NOT IN ('grant', 'cash'), kind = 'cash', expires_at NULLS LAST, id FOR NO KEY UPDATE),"
    " moved AS (UPDATE app.accounts SET balance_micro_usd = balance_micro_usd + change.m"
    " FROM locked JOIN (SELECT a, sum(m)::bigint AS m FROM lines GROUP BY a) change ON change.a = locked.id"
    " WHERE accounts.tenant_id = :tenant AND accounts.id = locked.id)"
    " SELECT id FROM journal"
)


def _columns(tenant_id: UUID, kind: str, source_id: UUID, run_id: UUID | None, lines: Sequence[Line]) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "id": new_id(),
        "kind": kind,
        "source": source_id,
        "run": run_id,
        "accounts": [line.account_id for line in lines],
        "kinds": [line.kind for line in lines],
        "amounts": [line.amount_micro_usd for line in lines],
    }


def _find(session: TenantSession, name: str) -> UUID | None:
    return session.execute(
        text("SELECT id FROM app.accounts WHERE tenant_id = :tenant AND name = :name"),
        {"tenant": session.tenant_id, "name": name},
    ).scalar_one_or_none()
