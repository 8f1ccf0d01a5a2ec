"""Daily tests of listings: runs of the workspace that the platform keeps for them, and what each showed."""

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from agent_platform.models._columns import APP, TenantRow, one_of, unique, within_tenant


class ListingTestState(StrEnum):
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    VOID = "void"  # our fault: it says nothing about the agent


class ListingTest(TenantRow, table=True):
    """One test of a listing on one day; `note` says what was expected and what came where it failed."""

    __tablename__: ClassVar[str] = "test_results"
    __table_args__ = (
        unique("listing_id", "day", "name"),
        within_tenant("run_id", "runs"),
        one_of("state", ListingTestState),
        APP,
    )

    listing_id: UUID
    release_id: UUID
    day: date
    name: str
    run_id: UUID | None = None
    state: str
    note: str = ""
