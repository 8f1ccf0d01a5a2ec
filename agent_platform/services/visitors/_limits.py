"""How many demos there have been, counted in Postgres: by address, by agent, by money, and how many go on right now."""

from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.services import catalog, tenancy
from agent_platform.services.visitors._budget import budget
from agent_platform.services.visitors._rules import (
    AGENT_DEMOS,
    CAP_MICRO_USD,
    HOUR_DEMOS,
    MOST_WAITING,
    SHOWN_MINUTES,
    minutes_until,
)
from agent_platform.services.visitors.errors import DemoLimit

LOCK = 7_201_010
OF_ADDRESS = text(
    "SELECT count(*) AS number, min(created_at) + make_interval(mins => :minutes) AS free_at, clock_timestamp() AS now FROM app.demos"
    " WHERE tenant_id = :tenant AND address_hash = ANY(:marks) AND created_at > now() - make_interval(mins => :minutes)"
)
UNDER_WAY = text("SELECT count(*) FROM app.runs WHERE tenant_id = :tenant AND finished_at IS NULL")
OF_AGENT = text(
    "SELECT coalesce(sum(runs), 0) FROM app.demo_days"
    " WHERE tenant_id = :tenant AND day = (now() AT TIME ZONE 'UTC')::date AND listing_id = :listing"
)
SPENT = text(
    "SELECT coalesce(sum(cost_micro_usd) FILTER (WHERE day = (now() AT TIME ZONE 'UTC')::date), 0)::bigint AS today,"
    " coalesce(sum(cost_micro_usd), 0)::bigint AS month"
    " FROM app.demo_days WHERE tenant_id = :tenant AND day >= date_trunc('month', now() AT TIME ZONE 'UTC')::date"
)
SET_ASIDE = text(
    "INSERT INTO app.demo_days AS d (tenant_id, day, listing_id, runs, cost_micro_usd)"
    " VALUES (:tenant, (now() AT TIME ZONE 'UTC')::date, :listing, 1, :cap)"
    " ON CONFLICT (tenant_id, day, listing_id) DO UPDATE SET runs = d.runs + 1, cost_micro_usd = d.cost_micro_usd + excluded.cost_micro_usd"
)
ACCOUNT = "make an account and run it now"


def take_turn(session: TenantSession) -> None:
    """Whoever comes here waits for the one before to commit, so that what is counted next is what there is."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def refuse_spent(session: TenantSession, agent: catalog.Runnable, *, marks: list[str]) -> None:
    """Returns if one more demo may begin. Raises: DemoLimit with the sentence that helps."""
    refuse_used_up(session, agent, marks=marks)
    if session.execute(UNDER_WAY, {"tenant": session.tenant_id}).scalar_one() >= tenancy.DEMO_PLACES + MOST_WAITING:
        raise DemoLimit(
            f"All places for demos are taken just now. Try again in half a minute, or {ACCOUNT}.",
            retry_after_seconds=30,
        )


def refuse_used_up(session: TenantSession, agent: catalog.Runnable, *, marks: list[str]) -> None:
    """Returns if one more demo may begin as soon as there is a place for it. Raises: DemoLimit."""
    _refuse_address(session, marks)
    _refuse_agent(session, agent)
    _refuse_budget(session)


def set_aside(session: TenantSession, *, listing_id: UUID) -> None:
    """One more demo of the agent counts for today, with all that it may cost."""
    values = {"tenant": session.tenant_id, "listing": listing_id, "cap": CAP_MICRO_USD}
    session.execute(SET_ASIDE, values)


def _refuse_address(session: TenantSession, marks: list[str]) -> None:
    values = {"tenant": session.tenant_id, "marks": marks, "minutes": SHOWN_MINUTES}
    number, free_at, now = session.execute(OF_ADDRESS, values).one()
    if number >= HOUR_DEMOS:
        minutes = minutes_until(free_at, now)
        raise DemoLimit(
            f"{number} demos were started from your address within an hour, the most there are. The next one is possible in"
            f" {minutes} {'minute' if minutes == 1 else 'minutes'}; with an account you run it now.",
            retry_after_seconds=minutes * 60,
        )


def _refuse_agent(session: TenantSession, agent: catalog.Runnable) -> None:
    values = {"tenant": session.tenant_id, "listing": agent.listing_id}
    if session.execute(OF_AGENT, values).scalar_one() >= AGENT_DEMOS:
        raise DemoLimit(
            f"{agent.name} has given its {AGENT_DEMOS} demos of today. Come back tomorrow (UTC), or {ACCOUNT}.",
            retry_after_seconds=3_600,
        )


def _refuse_budget(session: TenantSession) -> None:
    most = budget(session)
    today, month = session.execute(SPENT, {"tenant": session.tenant_id}).one()
    if today + CAP_MICRO_USD > most.day_micro_usd or month + CAP_MICRO_USD > most.month_micro_usd:
        until = "today" if month + CAP_MICRO_USD <= most.month_micro_usd else "this month"
        raise DemoLimit(
            f"What this installation gives for demos is used up for {until}. Come back later, or {ACCOUNT}.",
            retry_after_seconds=3_600,
        )
