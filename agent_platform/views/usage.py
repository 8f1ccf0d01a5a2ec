"""What the usage page shows, formatted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent_platform.services import analytics
from agent_platform.views.format import (
    MoneyView,
    count,
    duration_ms,
    many,
    money_exact,
    money_short,
    money_text,
    percent,
)
from agent_platform.views.parts import FigureView, TableView, spark_path

RANGE_NAMES = {"24h": "24 h", "7d": "7 days", "30d": "30 days", "90d": "90 days"}
REASONS = {
    "input_invalid": ("Input refused by the agent", "input", "var(--c7)"),
    "agent_error": ("Agent error", "agent", "var(--c6)"),
    "agent_exit": ("Agent ended early", "agent", "var(--c6)"),
    "output_invalid": ("Output did not fit its schema", "agent", "var(--c6)"),
    "out_of_memory": ("Out of memory", "agent", "var(--c6)"),
    "disk_full": ("Disk full", "agent", "var(--c6)"),
    "too_many_processes": ("Too many processes", "agent", "var(--c6)"),
    "timed_out": ("Time limit", "agent", "var(--c3)"),
    "upstream_refused": ("Upstream refused", "upstream", "var(--c6)"),
    "worker_lost": ("Worker lost", "platform", "var(--c5)"),
    "launch_failed": ("Sandbox did not start", "platform", "var(--c5)"),
    "cancelled": ("Cancelled", "you", "var(--c7)"),
}


@dataclass(frozen=True)
class AgentUsageView:
    slug: str
    name: str
    href: str
    runs: str
    success: str
    spend: MoneyView
    per_success: str
    share: str


@dataclass(frozen=True)
class ReasonView:
    label: str
    source: str
    runs: str
    width: str
    colour: str


@dataclass(frozen=True)
class HourView:
    """A cell of the week: `depth` 0 to 4."""

    label: str
    depth: int


@dataclass(frozen=True)
class UsageView:
    figures: list[FigureView] = field(default_factory=list)
    agents: list[AgentUsageView] = field(default_factory=list)
    total_runs: str = ""
    total_success: str = ""
    total_spend: MoneyView = MoneyView("$0.00", "0000")
    agrees: bool = True
    agreement: str = ""
    reasons: list[ReasonView] = field(default_factory=list)
    reasons_total: str = ""
    week: list[list[HourView]] = field(default_factory=list)
    running: str = ""
    quota: str = ""
    spend_summary: str = ""
    runs_summary: str = ""
    times_summary: str = ""
    running_summary: str = ""
    spend_table: TableView = TableView()
    runs_table: TableView = TableView()
    times_table: TableView = TableView()
    running_table: TableView = TableView()


def figure_views(now: analytics.Figures, buckets: Sequence[analytics.Bucket]) -> list[FigureView]:
    spent = [float(bucket.cost_micro_usd) for bucket in buckets]
    ran = [
        float(bucket.succeeded + bucket.capped + bucket.failed + bucket.timed_out + bucket.cancelled + bucket.lost)
        for bucket in buckets
    ]
    return [
        FigureView("Spend", money_short(now.cost_micro_usd), spark=spark_path(spent)),
        FigureView("Runs", count(now.runs), spark=spark_path(ran)),
        FigureView(
            "Succeeded", percent(now.success_share), note="stopped at cap counts; wrong input and cancelled do not"
        ),
        FigureView("Per successful run", _short_or_dash(now.cost_per_success_micro_usd)),
        FigureView("Queue wait p95", duration_ms(now.queue_p95_ms)),
    ]


def _short_or_dash(micro_usd: int | None) -> str:
    return "\N{EM DASH}" if micro_usd is None else money_short(micro_usd)


def agent_views(rows: Sequence[analytics.AgentUsage], names: dict[str, str]) -> list[AgentUsageView]:
    most = max((row.cost_micro_usd for row in rows), default=0)
    return [
        AgentUsageView(
            slug=row.agent_ref.rpartition("/")[2],
            name=names.get(row.agent_ref, row.agent_ref),
            href=f"/runs?agent={row.agent_ref}",
            runs=count(row.runs),
            success=percent(row.success_share),
            spend=money_exact(row.cost_micro_usd),
            per_success=_short_or_dash(row.cost_per_success_micro_usd),
            share=f"{row.cost_micro_usd / most:.1%}" if most else "0%",
        )
        for row in rows
    ]


def reason_views(rows: Sequence[analytics.Reason]) -> list[ReasonView]:
    most = max((row.runs for row in rows), default=1)
    views = []
    for row in rows:
        label, source, colour = REASONS.get(row.code, (row.code.replace("_", " ").capitalize(), "agent", "var(--c6)"))
        views.append(ReasonView(label, source, count(row.runs), f"{row.runs / most:.0%}", colour))
    return views


def agreement_of(charts_micro_usd: int, ledger_micro_usd: int) -> tuple[bool, str]:
    """Chart and ledger side by side; a difference is said, not hidden."""
    if charts_micro_usd == ledger_micro_usd:
        return True, f"Chart = ledger: {money_text(ledger_micro_usd)}"
    return (
        False,
        f"Chart {money_text(charts_micro_usd)}, ledger {money_text(ledger_micro_usd)}: {money_text(charts_micro_usd - ledger_micro_usd)} apart",
    )


def week_view(cells: Sequence[tuple[int, int, int]]) -> list[list[HourView]]:
    """Seven rows of 24 cells, Monday first."""
    runs = {(day, hour): number for day, hour, number in cells}
    most = max(runs.values(), default=0)
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return [
        [
            HourView(
                f"{name} {hour:02d}:00 UTC, {many(runs.get((day, hour), 0), 'run')}",
                -(-4 * runs.get((day, hour), 0) // most) if most else 0,
            )
            for hour in range(24)
        ]
        for day, name in enumerate(names, 1)
    ]
