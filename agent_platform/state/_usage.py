"""What the usage page shows, read in one transaction."""

from dataclasses import dataclass, replace

import plotly.graph_objects as go

from agent_platform.core.db.tenant import TenantSession
from agent_platform.services import analytics, runs
from agent_platform.views.format import count, money_exact, percent
from agent_platform.views.parts import OptionView
from agent_platform.views.usage import UsageView, agent_views, agreement_of, figure_views, reason_views, week_view
from agent_platform.views.usage_charts import running_chart, runs_chart, spend_chart, times_chart


@dataclass(frozen=True)
class UsagePage:
    """The view and its figures; figures are vars of their own because the chart component wants them so."""

    view: UsageView
    agents: list[OptionView]
    spend: go.Figure
    runs: go.Figure
    times: go.Figure
    running: go.Figure
    is_empty: bool


def read_usage(session: TenantSession, *, range_name: str, agent_ref: str) -> UsagePage:
    """Everything of the period; charts and ledger are compared only without an agent filter."""
    wanted = analytics.period(session, range_name)
    now = analytics.figures(session, wanted=wanted, agent_ref=agent_ref)
    buckets = analytics.runs_by_outcome(session, wanted=wanted, agent_ref=agent_ref)
    names = dict(runs.list_agents_run(session))
    slots = [bucket.at for bucket in buckets]
    by_agent = analytics.usage_by_agent(session, wanted=wanted, agent_ref=agent_ref)
    reasons = analytics.failure_reasons(session, wanted=wanted, agent_ref=agent_ref)
    running, queued = runs.count_open(session)
    quota = runs.most_at_once(session)
    spend = spend_chart(
        analytics.spend_by_agent(session, wanted=wanted, agent_ref=agent_ref),
        slots,
        names,
        hourly=wanted.hourly,
    )
    outcome = runs_chart(buckets, hourly=wanted.hourly)
    times = times_chart(analytics.run_times(session, wanted=wanted, agent_ref=agent_ref), slots, hourly=wanted.hourly)
    live = running_chart(analytics.running_series(session), quota)
    agrees, agreement = (
        agreement_of(now.cost_micro_usd, analytics.ledger_spend(session, wanted=wanted))
        if not agent_ref
        else (True, "")
    )
    view = UsageView(
        figures=figure_views(now, buckets),
        agents=agent_views(by_agent, names),
        total_runs=count(now.runs),
        agrees=agrees,
        agreement=agreement,
        reasons=reason_views(reasons),
        reasons_total=count(sum(reason.runs for reason in reasons)),
        week=week_view(analytics.busy_hours(session, wanted=wanted)),
        running=f"{count(running)} running, {count(queued)} queued",
        quota=count(quota),
        spend_summary=spend[1],
        runs_summary=outcome[1],
        times_summary=times[1],
        running_summary=live[1],
        spend_table=spend[2],
        runs_table=outcome[2],
        times_table=times[2],
        running_table=live[2],
    )
    options = [
        OptionView("", "All agents", chosen=not agent_ref),
        *(OptionView(ref, name, chosen=ref == agent_ref) for ref, name in names.items()),
    ]
    return UsagePage(
        _with_totals(view, now), options, spend[0], outcome[0], times[0], live[0], is_empty=not now.runs and not running
    )


def _with_totals(view: UsageView, now: analytics.Figures) -> UsageView:
    return replace(view, total_success=percent(now.success_share), total_spend=money_exact(now.cost_micro_usd))
