"""Daily upkeep by the owner: partitions for three months ahead, fenced like their parents."""

from datetime import date

from sqlalchemy import Connection, create_engine, text

from agent_platform.core.db.engine import driver_url

PARTITIONED = ("run_events", "usage_events", "audit_log")
MONTHS_AHEAD = 3


def maintain(owner_url: str, today: date | None = None) -> list[str]:
    """Partitions exist for last month to three months ahead, with row security and without grants. Returns those made now."""
    engine = create_engine(driver_url(owner_url))
    try:
        with engine.begin() as connection:
            now = today or connection.execute(text("select current_date")).scalar_one()
            return [
                name
                for table in PARTITIONED
                for offset in range(-1, MONTHS_AHEAD + 1)
                if (name := _make_partition(connection, table, _month(now, offset)))
            ]
    finally:
        engine.dispose()


def _make_partition(connection: Connection, table: str, first: date) -> str | None:
    name = f"{table}_{first:%Y_%m}"
    if connection.execute(text("select to_regclass(:name)"), {"name": f"app.{name}"}).scalar_one() is not None:
        return None
    for statement in (
        f"CREATE TABLE app.{name} PARTITION OF app.{table} FOR VALUES FROM ('{first}') TO ('{_month(first, 1)}')",
        f"ALTER TABLE app.{name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE app.{name} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY tenant ON app.{name} USING (tenant_id = (SELECT app.tenant())) WITH CHECK (tenant_id = (SELECT app.tenant()))",
    ):
        connection.exec_driver_sql(statement)
    return name


def _month(day: date, offset: int) -> date:
    months = day.year * 12 + day.month - 1 + offset
    return date(months // 12, months % 12 + 1, 1)
