"""What reviewers see of reports and suspensions, formatted."""

from dataclasses import dataclass
from datetime import datetime

from agent_platform.core.ids import shown
from agent_platform.services import catalog
from agent_platform.views.format import ago, ago_text, date_text, plain_text
from agent_platform.views.markdown import render_markdown

KINDS = (
    ("abuse", "Abuse: it harms, steals or breaks the rules"),
    ("broken", "Broken: it does not do what it says"),
    ("misleading", "Misleading: name, words or price deceive"),
)


@dataclass(frozen=True)
class ReportRowView:
    href: str
    name: str
    slug: str
    address: str
    kind: str
    about: str
    ago: str


@dataclass(frozen=True)
class ReportView:
    """`review` is clean HTML of the review that was reported, or empty; `review_gone` says that nobody reads it any more.

    `suspended` says that it was acted on already.
    """

    id: str = ""
    name: str = ""
    slug: str = ""
    address: str = ""
    href: str = ""
    kind: str = ""
    text: str = ""
    by: str = ""
    ago: str = ""
    about_review: bool = False
    review_gone: bool = False
    review: str = ""
    review_by: str = ""
    review_stars: int = 0
    suspended: bool = False


@dataclass(frozen=True)
class SuspendedView:
    """A suspended agent in the list of reviewers, and what its page says in place of itself."""

    id: str = ""
    name: str = ""
    title: str = ""
    slug: str = ""
    address: str = ""
    reason: str = ""
    since: str = ""


@dataclass(frozen=True)
class TakenDownView:
    """A review that nobody reads now; `text` is clean HTML."""

    id: str = ""
    name: str = ""
    address: str = ""
    by: str = ""
    stars: int = 0
    text: str = ""
    reason: str = ""
    since: str = ""


def report_row(one: catalog.ReportFacts, now: datetime) -> ReportRowView:
    return ReportRowView(
        href=f"/ops/reports/{shown('rep', one.id)}",
        name=plain_text(one.name),
        slug=one.slug,
        address=f"{one.publisher}/{one.slug}",
        kind=one.kind.capitalize(),
        about="A review of it" if one.review_id else "The agent",
        ago=ago(one.created_at, now),
    )


def report_view(one: catalog.ReportFacts, now: datetime) -> ReportView:
    address = f"{one.publisher}/{one.slug}"
    return ReportView(
        id=shown("rep", one.id),
        name=plain_text(one.name),
        slug=one.slug,
        address=address,
        href=f"/agents/{address}",
        kind=one.kind.capitalize(),
        text=plain_text(one.text),
        by=plain_text(one.by_name),
        ago=ago_text(one.created_at, now),
        about_review=one.review_id is not None,
        review_gone=one.review_id is not None and one.review is None,
        review=render_markdown(one.review.text) if one.review else "",
        review_by=plain_text(one.review.reviewer_label) if one.review else "",
        review_stars=one.review.stars if one.review else 0,
        suspended=one.suspended,
    )


def suspended_view(one: catalog.SuspendedFacts, now: datetime) -> SuspendedView:
    return SuspendedView(
        id=shown("lst", one.listing_id),
        name=plain_text(one.name),
        title=f"{plain_text(one.name)} is suspended",
        slug=one.slug,
        address=f"{one.publisher}/{one.slug}",
        reason=plain_text(one.reason),
        since=date_text(one.since_at, now),
    )


def taken_down_view(one: catalog.TakenDownFacts, now: datetime) -> TakenDownView:
    return TakenDownView(
        id=shown("rev", one.review_id),
        name=plain_text(one.name),
        address=f"{one.publisher}/{one.slug}",
        by=plain_text(one.reviewer_label),
        stars=one.stars,
        text=render_markdown(one.text),
        reason=plain_text(one.reason),
        since=date_text(one.since_at, now),
    )
