"""What the overview shows, formatted."""

from dataclasses import dataclass, field

from agent_platform.views.parts import FigureView, MeterView, RunRowView, TableView


@dataclass(frozen=True)
class StepView:
    """One line of the first-run checklist; `done` comes from facts, never from a click."""

    title: str
    sentence: str
    action: str
    href: str
    done: bool = False


@dataclass(frozen=True)
class OverviewView:
    subtitle: str = ""
    figures: list[FigureView] = field(default_factory=list)
    recent: list[RunRowView] = field(default_factory=list)
    steps: list[StepView] = field(default_factory=list)
    steps_done: str = ""
    show_steps: bool = False
    runs_summary: str = ""
    runs_table: TableView = TableView()
    money: MeterView = MeterView()
    credit: str = ""
    cash: str = ""
    held: str = ""
