"""Usage of one tenant: figures and series, from roll-ups where they exist and from recent usage facts where not."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.services.analytics._success import BAD, GOOD, success_share

# range -> days back, today included
RANGES = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
MINUTES = 60


@dataclass(frozen=True)
class Period:
    """Whole UTC days, except the last 24 hours, which are counted from now."""

    since: datetime
    until: datetime
    hourly: bool

    @property
    def first_day(self) -> date:
        return self.since.date()


@dataclass(frozen=True)
class Figures:
    """`good` and `bad` are the runs that count for the success rate."""

    runs: int
    good: int
    bad: int
    cost_micro_usd: int
    queue_p95_ms: int | None

    @property
    def success_share(self) -> float | None:
        return success_share(self.good, self.bad)

    @property
    def cost_per_success_micro_usd(self) -> int | None:
        return self.cost_micro_usd // self.good if self.good else None


@dataclass(frozen=True)
class Bucket:
    """Runs by outcome in one day or hour."""

    at: datetime
    succeeded: int
    capped: int
    failed: int
    timed_out: int
    cancelled: int
    lost: int
    cost_micro_usd: int


@dataclass(frozen=True)
class AgentUsage:
    agent_ref: str
    runs: int
    good: int
    bad: int
    cost_micro_usd: int

    @property
    def success_share(self) -> float | None:
        return success_share(self.good, self.bad)

    @property
    def cost_per_success_micro_usd(self) -> int | None:
        return self.cost_micro_usd // self.good if self.good else None


@dataclass(frozen=True)
class SpendPoint:
    at: datetime
    agent_ref: str
    cost_micro_usd: int


@dataclass(frozen=True)
class RunTimes:
    at: datetime
    p50_ms: int
    p95_ms: int
    p99_ms: int


@dataclass(frozen=True)
class Reason:
    code: str
    outcome: str
    runs: int


def period(session: TenantSession, name: str) -> Period:
    """The range ends now. An unknown name means 30 days."""
    now: datetime = session.execute(text("SELECT now()")).scalar_one()
    if name == "24h":
        return Period((now - timedelta(hours=23)).replace(minute=0, second=0, microsecond=0), now, hourly=True)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(midnight - timedelta(days=RANGES.get(name, 30) - 1), now, hourly=False)


def figures(session: TenantSession, *, wanted: Period, agent_ref: str = "") -> Figures:
    row = session.execute(
        text(
            f"SELECT count(*), count(*) FILTER (WHERE {GOOD}), count(*) FILTER (WHERE {BAD}),"
            " coalesce(sum(cost_micro_usd), 0), percentile_disc(0.95) WITHIN GROUP (ORDER BY queue_ms)"
            " FROM app.usage_events WHERE occurred_at >= :since AND occurred_at <= :until AND (:agent = '' OR agent_ref = :agent)"
        ),
        {"since": wanted.since, "until": wanted.until, "agent": agent_ref},
    ).one()
    return Figures(*(int(value) for value in row[:4]), queue_p95_ms=None if row[4] is None else int(row[4]))


def runs_by_outcome(session: TenantSession, *, wanted: Period, agent_ref: str = "") -> list[Bucket]:
    """One bucket for each day (or hour) of the period, empty ones too."""
    step = "hour" if wanted.hourly else "day"
    source = (
        "SELECT hour_at AS at, succeeded, capped, failed, timed_out, cancelled, lost, cost_micro_usd FROM app.usage_hourly WHERE hour_at >= :since"
        if wanted.hourly and not agent_ref
        else "SELECT date_trunc('hour', occurred_at, 'UTC') AS at, (outcome = 'succeeded')::int AS succeeded, (outcome = 'capped')::int AS capped,"
        " (outcome = 'failed')::int AS failed, (outcome = 'timed_out')::int AS timed_out, (outcome = 'cancelled')::int AS cancelled,"
        " (outcome = 'lost')::int AS lost, cost_micro_usd FROM app.usage_events WHERE occurred_at >= :since AND agent_ref = :agent"
        if wanted.hourly
        else "SELECT (day::timestamp AT TIME ZONE 'UTC') AS at, succeeded, capped, failed, timed_out, cancelled, lost, cost_micro_usd"
        " FROM app.usage_daily WHERE day >= CAST(:since AS timestamptz)::date AND (:agent = '' OR agent_ref = :agent)"
    )
    rows = session.execute(
        text(
            f"WITH source AS ({source}) SELECT slot, coalesce(sum(succeeded), 0), coalesce(sum(capped), 0), coalesce(sum(failed), 0),"
            " coalesce(sum(timed_out), 0), coalesce(sum(cancelled), 0), coalesce(sum(lost), 0), coalesce(sum(cost_micro_usd), 0)"
            f" FROM generate_series(date_trunc('{step}', CAST(:since AS timestamptz), 'UTC'), CAST(:until AS timestamptz), interval '1 {step}', 'UTC') slot"
            " LEFT JOIN source ON source.at = slot GROUP BY slot ORDER BY slot"
        ),
        {"since": wanted.since, "until": wanted.until, "agent": agent_ref},
    )
    return [Bucket(row[0], *(int(value) for value in row[1:])) for row in rows]


def spend_by_agent(session: TenantSession, *, wanted: Period, agent_ref: str = "") -> list[SpendPoint]:
    """Spend per day (or hour) and agent; only points with spend."""
    at = "date_trunc('hour', occurred_at, 'UTC')" if wanted.hourly else "date_trunc('day', occurred_at, 'UTC')"
    rows = session.execute(
        text(
            f"SELECT {at} AS at, agent_ref, sum(cost_micro_usd) FROM app.usage_events WHERE occurred_at >= :since AND occurred_at <= :until"
            " AND (:agent = '' OR agent_ref = :agent) GROUP BY 1, 2 HAVING sum(cost_micro_usd) > 0 ORDER BY 1, 2"
        ),
        {"since": wanted.since, "until": wanted.until, "agent": agent_ref},
    )
    return [SpendPoint(row[0], row[1], int(row[2])) for row in rows]


def usage_by_agent(session: TenantSession, *, wanted: Period, agent_ref: str = "") -> list[AgentUsage]:
    """Dearest first."""
    rows = session.execute(
        text(
            f"SELECT agent_ref, count(*), count(*) FILTER (WHERE {GOOD}), count(*) FILTER (WHERE {BAD}), coalesce(sum(cost_micro_usd), 0)"
            " FROM app.usage_events WHERE occurred_at >= :since AND occurred_at <= :until AND (:agent = '' OR agent_ref = :agent)"
            " GROUP BY 1 ORDER BY 5 DESC, 2 DESC, 1"
        ),
        {"since": wanted.since, "until": wanted.until, "agent": agent_ref},
    )
    return [AgentUsage(row[0], *(int(value) for value in row[1:])) for row in rows]


def run_times(session: TenantSession, *, wanted: Period, agent_ref: str = "") -> list[RunTimes]:
    """Percentiles of run time for each day (or hour) in which runs finished."""
    at = "date_trunc('hour', occurred_at, 'UTC')" if wanted.hourly else "date_trunc('day', occurred_at, 'UTC')"
    rows = session.execute(
        text(
            f"SELECT {at}, percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms), percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms),"
            " percentile_disc(0.99) WITHIN GROUP (ORDER BY duration_ms) FROM app.usage_events WHERE occurred_at >= :since AND occurred_at <= :until"
            " AND outcome <> 'cancelled' AND (:agent = '' OR agent_ref = :agent) GROUP BY 1 ORDER BY 1"
        ),
        {"since": wanted.since, "until": wanted.until, "agent": agent_ref},
    )
    return [RunTimes(row[0], *(int(value) for value in row[1:])) for row in rows]


def failure_reasons(session: TenantSession, *, wanted: Period, agent_ref: str = "") -> list[Reason]:
    """Why runs did not succeed, most frequent first. One that stopped at its cap did."""
    rows = session.execute(
        text(
            "SELECT coalesce(failure_code, outcome), outcome, count(*) FROM app.usage_events WHERE occurred_at >= :since AND occurred_at <= :until"
            f" AND NOT {GOOD} AND (:agent = '' OR agent_ref = :agent) GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 8"
        ),
        {"since": wanted.since, "until": wanted.until, "agent": agent_ref},
    )
    return [Reason(row[0], row[1], int(row[2])) for row in rows]


def running_series(session: TenantSession) -> list[tuple[datetime, int]]:
    """The most runs that were between start and end at once, in each of the last 60 minutes."""
    rows = session.execute(
        text(
            "WITH told AS (SELECT now() - interval '60 min' AS since),"
            " steps AS (SELECT at, sum(change) AS change FROM told, app.runs r, LATERAL"
            " (VALUES (greatest(r.started_at, since), 1), (r.finished_at, -1)) AS step(at, change)"
            " WHERE r.started_at IS NOT NULL AND (r.finished_at IS NULL OR r.finished_at > since) AND at IS NOT NULL GROUP BY at),"
            " levels AS (SELECT at, sum(change) OVER (ORDER BY at) AS running FROM steps)"
            " SELECT since, floor(extract(epoch FROM at - since) / 60)::int AS minute, max(running),"
            " (array_agg(running ORDER BY at DESC))[1] FROM told LEFT JOIN levels ON true GROUP BY 1, 2"
        )
    ).all()
    minutes = {row[1]: (int(row[2]), int(row[3])) for row in rows if row[1] is not None}
    series, level = [], 0
    for minute in range(MINUTES):
        most, left = minutes.get(minute, (level, level))
        series.append((rows[0][0] + timedelta(minutes=minute + 1), max(most, level)))
        level = left
    return series


def busy_hours(session: TenantSession, *, wanted: Period) -> list[tuple[int, int, int]]:
    """(weekday 1 = Monday, hour UTC, runs)."""
    rows = session.execute(
        text(
            "SELECT extract(isodow FROM occurred_at AT TIME ZONE 'UTC')::int, extract(hour FROM occurred_at AT TIME ZONE 'UTC')::int, count(*)"
            " FROM app.usage_events WHERE occurred_at >= :since AND occurred_at <= :until GROUP BY 1, 2"
        ),
        {"since": wanted.since, "until": wanted.until},
    )
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


def ledger_spend(session: TenantSession, *, wanted: Period) -> int:
    """What the ledger says was charged in the period: charts must equal it."""
    return int(
        session.execute(
            text(
                "SELECT coalesce(sum(p.amount_micro_usd), 0) FROM app.journals j JOIN app.postings p ON (p.tenant_id, p.journal_id) = (j.tenant_id, j.id)"
                " WHERE j.kind = 'settle' AND p.account_kind = 'clearing' AND j.created_at >= :since AND j.created_at <= :until"
            ),
            {"since": wanted.since, "until": wanted.until},
        ).scalar_one()
    )
