"""What demos may cost the platform: a day and a month, both a hard stop. The operator's setting, else the defaults."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from agent_platform.core.db.tenant import public_session
from agent_platform.core.errors import InputInvalid
from agent_platform.models.settings import Setting
from agent_platform.services import tenancy
from agent_platform.services.visitors._rules import CAP_MICRO_USD

KEY = "demo_budget"
DAY_MICRO_USD, MONTH_MICRO_USD = 5_000_000, 50_000_000


@dataclass(frozen=True)
class Budget:
    """Zero means that there are no demos."""

    day_micro_usd: int = DAY_MICRO_USD
    month_micro_usd: int = MONTH_MICRO_USD


def budget(session: Session | None = None) -> Budget:
    """What the operator has set."""
    if session is None:
        with public_session() as fresh:
            return budget(fresh)
    found = session.execute(text("SELECT value FROM platform.settings WHERE key = :key"), {"key": KEY})
    return Budget(**(found.scalar_one_or_none() or {}))


def are_on(session: Session) -> bool:
    """Whether visitors may begin demos at all: there is a workspace for them, and money for one."""
    most = budget(session)
    return (
        min(most.day_micro_usd, most.month_micro_usd) >= CAP_MICRO_USD
        and tenancy.find_demo_workspace(session) is not None
    )


def set_budget(wanted: Budget) -> None:
    """From now on demos stop at these amounts. Raises: InputInvalid."""
    if min(wanted.day_micro_usd, wanted.month_micro_usd) < 0:
        raise InputInvalid("A budget is zero or more dollars. Nothing changed.")
    tenancy.in_platform(
        _write, value={"day_micro_usd": wanted.day_micro_usd, "month_micro_usd": wanted.month_micro_usd}
    )


def _write(session: Session, *, value: dict[str, int]) -> None:
    row = insert(Setting).values(key=KEY, value=value)
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
