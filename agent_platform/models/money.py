"""Double-entry books, one per tenant. A journal lies in one book and sums to zero there."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, TenantRow, flag, maybe_at, micro_usd, one_of, unique


class AccountKind(StrEnum):
    CASH = "cash"
    GRANT = "grant"
    HOLD = "hold"
    LENT = "lent"
    SPENT = "spent"
    CLEARING = "clearing"
    PENDING = "pending"
    AVAILABLE = "available"
    PAID = "paid"
    FEE = "fee"
    COMPUTE_COST = "compute_cost"
    LLM_COST = "llm_cost"
    STRIPE = "stripe"
    GRANTED = "granted"


class Account(TenantRow, table=True):
    """`balance_micro_usd` equals the sum of its postings; pockets and holds never fall below zero. Each grant is an account of its own."""

    __tablename__: ClassVar[str] = "accounts"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", "kind"),
        unique("name"),
        one_of("kind", AccountKind),
        CheckConstraint(
            "kind NOT IN ('cash', 'grant', 'hold', 'lent', 'spent') OR balance_micro_usd >= 0",
            name="pockets_never_negative",
        ),
        APP,
    )

    kind: str
    name: str
    balance_micro_usd: int = micro_usd()
    expires_at: datetime | None = maybe_at()
    funded: bool = flag()


class Journal(TenantRow, table=True):
    __tablename__: ClassVar[str] = "journals"
    __table_args__ = (unique("kind", "source_id"), Index("ix_journals_run", "tenant_id", "run_id"), APP)

    kind: str
    source_id: UUID
    run_id: UUID | None = None


class Posting(SQLModel, table=True):
    __tablename__: ClassVar[str] = "postings"
    __table_args__ = (
        CheckConstraint("amount_micro_usd <> 0", name="amount_is_not_zero"),
        ForeignKeyConstraint(["tenant_id", "journal_id"], ["app.journals.tenant_id", "app.journals.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "account_id", "account_kind"],
            ["app.accounts.tenant_id", "app.accounts.id", "app.accounts.kind"],
        ),
        APP,
    )

    tenant_id: UUID = Field(primary_key=True)
    journal_id: UUID = Field(primary_key=True)
    line: int = Field(primary_key=True)
    account_id: UUID
    account_kind: str
    amount_micro_usd: int = micro_usd()
