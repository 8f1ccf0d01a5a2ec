"""Switches of the operator that decide about publication: rows, not environment."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from agent_platform.core.db.platform import platform_session
from agent_platform.core.settings import get_settings
from agent_platform.models.settings import Setting

KEY = "flags"


def ensure_flags() -> None:
    """The switches exist. In local mode one may review one's own agents and credit pays creators; elsewhere neither. Edited ones stay."""
    is_local = get_settings().env == "local"
    value = {"self_review": is_local, "grants_pay_creators": is_local}
    with platform_session() as session:
        session.execute(insert(Setting).values(key=KEY, value=value).on_conflict_do_nothing(index_elements=["key"]))


def flag(session: Session, name: str) -> bool:
    """False where nobody has decided."""
    value: dict[str, Any] | None = session.execute(
        select(col(Setting.value)).where(col(Setting.key) == KEY)
    ).scalar_one_or_none()
    return bool((value or {}).get(name))
