"""What the overview shows, read in one transaction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller
from agent_platform.models.runs import Run
from agent_platform.services import agents, analytics, billing, catalog, runs, tenancy
from agent_platform.views.format import ago, count, duration_ms, money_short, percent, plain_text
from agent_platform.views.overview import CREDIT_AND_CASH, OverviewView, StepView, news_of, questions_of
from agent_platform.views.parts import FigureView, RunRowView, meter_view, spark_path
from agent_platform.views.run_questions import pending_of
from agent_platform.views.usage_charts import runs_chart

RECENT = 7
MOST_QUESTIONS = 3
MOST_NEWS = 5


@dataclass(frozen=True)
class OverviewPage:
    view: OverviewView
    runs: go.Figure
    has_runs: bool


def read_overview(session: TenantSession, *, caller: Caller) -> OverviewPage:
    """Figures of the month, runs by day, recent runs, questions, news, and the checklist while it is open."""
    workspace = tenancy.get_workspace(session)
    now, zone = datetime.now(UTC), ZoneInfo(caller.time_zone)
    buckets = analytics.runs_by_outcome(session, wanted=analytics.period(session, "30d"))[-14:]
    month = billing.month(session)
    recent = runs.list_runs(session, wanted=runs.RunFilter(), limit=RECENT).runs
    chart = runs_chart(buckets, hourly=False)
    steps = _steps(session) if workspace.checklist_dismissed_at is None else []
    done = sum(step.done for step in steps)
    meter = meter_view(month.spent_micro_usd, month.whole_micro_usd)
    view = OverviewView(
        subtitle=f"{workspace.name}, {now.astimezone(zone):%B} so far",
        figures=_figures(session, month, buckets, now),
        recent=[_row(run, now) for run in recent],
        steps=steps,
        steps_done=f"{done} of {len(steps)}",
        show_steps=done < len(steps),
        questions=questions_of(pending_of(runs.newest_pending(session, most=MOST_QUESTIONS), caller, now=now)),
        news=news_of(catalog.list_news(session, most=MOST_NEWS), now=now, zone=zone),
        runs_summary=chart[1],
        runs_table=chart[2],
        spent=money_short(month.spent_micro_usd),
        spent_of=f"{money_short(month.spent_micro_usd)} of {money_short(month.whole_micro_usd)} {CREDIT_AND_CASH}",
        spent_share=meter.fill,
        spent_level=meter.level,
        credit=money_short(month.balance.credit_micro_usd),
        cash=money_short(month.balance.cash_micro_usd),
        held=money_short(month.balance.held_micro_usd),
    )
    return OverviewPage(view, chart[0], has_runs=bool(recent))


def _figures(
    session: TenantSession, month: billing.Month, buckets: list[analytics.Bucket], now: datetime
) -> list[FigureView]:
    began = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = analytics.period(session, "30d").until
    figures = analytics.figures(session, wanted=analytics.Period(began, until, hourly=False))
    running, queued = runs.count_open(session)
    return [
        FigureView(
            "Spent this month",
            money_short(month.spent_micro_usd),
            note=f"{percent(month.spent_share)} of {money_short(month.whole_micro_usd)} {CREDIT_AND_CASH}",
            spark=spark_path([float(bucket.cost_micro_usd) for bucket in buckets]),
        ),
        FigureView("Runs this month", count(figures.runs), note=f"{percent(figures.success_share)} succeeded"),
        FigureView(
            "Running now",
            count(running),
            unit=f"of {count(runs.most_at_once(session))} slots",
            note=f"Queue wait p95 {duration_ms(figures.queue_p95_ms)}",
        ),
        FigureView(
            "Held for runs",
            money_short(month.balance.held_micro_usd),
            note=f"{count(queued)} queued; unused holds come back at once",
        ),
    ]


def _steps(session: TenantSession) -> list[StepView]:
    members, invited = len(tenancy.list_members(session)), len(tenancy.list_invitations(session))
    return [
        StepView(
            "Run a free agent",
            "Data Profiler reads a CSV file and needs no key.",
            "Find an agent",
            "/agents",
            runs.has_free_success(session),
        ),
        StepView(
            "Invite somebody",
            "Runs, outputs and costs are shared by the workspace.",
            "Invite",
            "/settings/members",
            members + invited > 1,
        ),
        StepView(
            "Build an agent",
            "A folder with agent.yaml and Python, uploaded as a zip.",
            "Open the studio",
            "/studio",
            bool(agents.list_agents(session)),
        ),
    ]


def _row(run: Run, now: datetime) -> RunRowView:
    ended = run.finished_at or now
    return RunRowView(
        id=shown("run", run.id),
        href=f"/runs/{shown('run', run.id)}",
        title=plain_text(run.title),
        agent=plain_text(run.agent_name),
        slug=run.agent_ref.rpartition("/")[2],
        state="worker_lost" if run.failure_code == "worker_lost" else run.state,
        started_by=plain_text(run.started_by_name),
        time=duration_ms(round((ended - run.started_at).total_seconds() * 1000)) if run.started_at else "\N{EM DASH}",
        charged=money_short(run.charged_micro_usd),
        ago=ago(run.finished_at or run.created_at, now),
    )
