"""What the overview shows, formatted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from urllib.parse import urlencode

from agent_platform.services.catalog import NEWS_DAYS, AgentNews, NewsKind
from agent_platform.views.format import day_text, plain_text
from agent_platform.views.parts import FigureView, RunRowView, TableView
from agent_platform.views.run_questions import PendingView

CREDIT_AND_CASH = "credit and cash"
NEWS_OF = f"your agents, last {NEWS_DAYS} days"
WORDS = {
    NewsKind.SUSPENDED: ("{name} is suspended", "A reviewer stopped it on {day}. It starts no runs.", "Read why"),
    NewsKind.MAINTENANCE: (
        "{name} is in maintenance",
        "Since {day}, because its daily tests failed. It still runs.",
        "Open",
    ),
    NewsKind.DEPRECATED: (
        "{name} is deprecated",
        "Since {day} only workspaces that use it already may run it.",
        "Open",
    ),
    NewsKind.WITHDRAWN: (
        "{name} was withdrawn",
        "It left the directory on {day} and starts no runs. Runs you have stay.",
        "Its runs",
    ),
    NewsKind.PRICE: ("{name} has a new price", "{before} became {after} on {day}, with {version}.", "Open"),
    NewsKind.PERMISSIONS: (
        "{name} {version} asks for more",
        "Published on {day}. Nobody here has accepted what it may do.",
        "Compare",
    ),
}
WAITING = " Runs stay on {stays_on} until somebody accepts it."


@dataclass(frozen=True)
class StepView:
    """One line of the first-run checklist; `done` comes from facts, never from a click."""

    title: str
    sentence: str
    action: str
    href: str
    done: bool = False


@dataclass(frozen=True)
class NoteView:
    """One thing to look at; `action` are the words of the link to it."""

    slug: str
    title: str
    sentence: str
    action: str
    href: str


@dataclass(frozen=True)
class OverviewView:
    subtitle: str = ""
    figures: list[FigureView] = field(default_factory=list)
    recent: list[RunRowView] = field(default_factory=list)
    steps: list[StepView] = field(default_factory=list)
    steps_done: str = ""
    show_steps: bool = False
    questions: list[NoteView] = field(default_factory=list)
    news: list[NoteView] = field(default_factory=list)
    runs_summary: str = ""
    runs_table: TableView = TableView()
    spent: str = ""
    spent_of: str = ""
    spent_share: str = "0%"
    spent_level: str = "none"
    credit: str = ""
    cash: str = ""
    held: str = ""


def questions_of(pending: Sequence[PendingView]) -> list[NoteView]:
    return [
        NoteView(
            slug=one.slug,
            title=one.title,
            sentence=f"{one.agent} asked {one.asked}. {one.left} left to decide.",
            action="Decide" if one.can_decide else "Read",
            href=one.href,
        )
        for one in pending
    ]


def news_of(found: Sequence[AgentNews], *, now: datetime, zone: tzinfo) -> list[NoteView]:
    return [_note(one, day_text(one.at, now, zone)) for one in found]


def _note(one: AgentNews, day: str) -> NoteView:
    title, sentence, action = WORDS[one.kind]
    facts = {
        "name": plain_text(one.name),
        "day": day,
        "version": one.version,
        "stays_on": one.stays_on,
        "before": " / ".join(filter(None, one.before)),
        "after": " / ".join(filter(None, one.after)),
    }
    whole = sentence + WAITING if one.stays_on else sentence
    return NoteView(
        slug=one.agent_ref.rpartition("/")[2],
        title=title.format(**facts),
        sentence=whole.format(**facts),
        action=action,
        href=f"/runs?{urlencode({'agent': one.agent_ref}, safe='/')}"
        if one.kind == NewsKind.WITHDRAWN
        else f"/agents/{one.agent_ref}",
    )
