"""What runs asked of the network."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from agent_platform.models._columns import APP, count, maybe_at, now_at, within_tenant


class RunEgress(SQLModel, table=True):
    """One request of a run, allowed or refused. `path_hash` stands for a path that may hold what people typed.

    `refused` says why nothing was sent, `failed` what went wrong on the way; both empty is an answer with `status`.
    """

    __tablename__: ClassVar[str] = "run_egress"
    __table_args__ = (within_tenant("run_id", "runs"), APP)

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    created_at: datetime = now_at()
    attempt: int
    method: str
    host: str
    port: int
    path_hash: str = ""
    status: int | None = None
    sent_bytes: int = count()
    received_bytes: int = count()
    ms: int = count()
    refused: str | None = None
    failed: str | None = None
    ended_at: datetime | None = maybe_at()


class RunEgressUse(SQLModel, table=True):
    """What a run has used of its limits; requests past the most a run may make are counted here and written down nowhere else."""

    __tablename__: ClassVar[str] = "run_egress_use"
    __table_args__ = (within_tenant("run_id", "runs"), APP)

    tenant_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    requests: int = count()
    bytes: int = count()
