"""What a publisher's page shows, formatted."""

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from agent_platform.services import catalog
from agent_platform.views.directory import card_view
from agent_platform.views.format import count, day_text, plain_text
from agent_platform.views.parts import AgentCardView, FigureView


@dataclass(frozen=True)
class PublisherView:
    """`figures` are those that there are; `more` and `first` lead to other pages of the agents."""

    handle: str = ""
    name: str = ""
    verified: bool = False
    since: str = ""
    figures: list[FigureView] = field(default_factory=list)
    cards: list[AgentCardView] = field(default_factory=list)
    more: str = ""
    first: str = ""


def publisher_view(
    facts: catalog.PublisherFacts, page: catalog.Page, *, now: datetime, cursor: str = ""
) -> PublisherView:
    return PublisherView(
        handle=facts.handle,
        name=plain_text(facts.name),
        verified=facts.is_verified,
        since=day_text(facts.since_at, now),
        figures=figures_of(facts),
        cards=[card_view(card) for card in page.listings],
        more=publisher_path(facts.handle, page.next_cursor or "") if page.next_cursor else "",
        first=publisher_path(facts.handle) if cursor else "",
    )


def publisher_path(handle: str, cursor: str = "") -> str:
    return f"/publishers/{handle}" + (f"?{urlencode({'after': cursor})}" if cursor else "")


def figures_of(facts: catalog.PublisherFacts) -> list[FigureView]:
    """Counted in the database; a figure with nothing to count is left out."""
    known = [FigureView("Agents", count(facts.agents))]
    if facts.users_30d:
        known.append(FigureView("Users, 30 days", count(facts.users_30d)))
    if facts.runs_30d:
        known.append(FigureView("Runs, 30 days", count(facts.runs_30d)))
    if facts.rating and facts.ratings:
        reviews = "review" if facts.ratings == 1 else "reviews"
        known.append(FigureView("Mean rating", f"{facts.rating:.1f}", "of 5", note=f"{count(facts.ratings)} {reviews}"))
    return known
