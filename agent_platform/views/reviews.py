"""What the Reviews tab of an agent shows, formatted."""

from dataclasses import dataclass, field
from datetime import datetime

from agent_platform.core.ids import shown
from agent_platform.services import catalog
from agent_platform.views.format import count, day_text, plain_text
from agent_platform.views.markdown import render_markdown


@dataclass(frozen=True)
class ReviewView:
    """`text` and `reply` are clean HTML; `answer` is the reply as it was written."""

    id: str
    stars: int
    text: str
    by: str
    when: str
    reply: str
    replied: str
    answer: str = ""


@dataclass(frozen=True)
class StarsRowView:
    """How many gave this number of stars; `share` is a CSS length."""

    label: str
    share: str
    count: str


@dataclass(frozen=True)
class ReviewsView:
    """`more` is set while further ones can be shown."""

    average: str = ""
    stars: int = 0
    total: str = ""
    rows: list[StarsRowView] = field(default_factory=list)
    reviews: list[ReviewView] = field(default_factory=list)
    more: bool = False


@dataclass(frozen=True)
class StandingView:
    """What this person may do here. `ours` is set once the workspace has a review."""

    may_write: bool = False
    may_reply: bool = False
    why_not: str = ""
    ours: bool = False
    hidden_note: str = ""
    may_delete: bool = False


def reviews_view(found: catalog.ReviewList, publisher: str, now: datetime) -> ReviewsView:
    average = found.average
    return ReviewsView(
        average=f"{average:.1f}" if average else "",
        stars=round(average) if average else 0,
        total=f"{count(found.total)} {'review' if found.total == 1 else 'reviews'}",
        rows=[_row(stars, number, found.total) for stars, number in found.counts.items()],
        reviews=[_review(one, publisher, now) for one in found.reviews],
        more=len(found.reviews) < min(found.total, catalog.MOST_SHOWN),
    )


def standing_view(standing: catalog.Standing) -> StandingView:
    return StandingView(
        may_write=standing.may_write,
        may_reply=standing.may_reply,
        why_not=plain_text(standing.why_not),
        ours=standing.review_id is not None,
        hidden_note=plain_text(standing.hidden_note),
        may_delete=standing.may_delete,
    )


def _row(stars: int, number: int, total: int) -> StarsRowView:
    label = "1 star" if stars == 1 else f"{stars} stars"
    return StarsRowView(label, f"{number / total:.1%}" if total else "0%", count(number))


def _review(one: catalog.ReviewFacts, publisher: str, now: datetime) -> ReviewView:
    edited = f", changed {day_text(one.edited_at, now)}" if one.edited_at else ""
    replied = f"{publisher} replied, {day_text(one.replied_at, now)}" if one.replied_at else ""
    return ReviewView(
        id=shown("rev", one.id),
        stars=one.stars,
        text=render_markdown(one.text),
        by=plain_text(one.reviewer_label),
        when=f"{day_text(one.written_at, now)}{edited}, after running {one.version}",
        reply=render_markdown(one.reply),
        replied=replied,
        answer=one.reply,
    )
