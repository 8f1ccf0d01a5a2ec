"""Reports: anybody signed in says what is wrong with an agent or a review, and a reviewer decides with words (P-52)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from agent_platform.core import outbox, rate
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import Conflict, InputInvalid, NotFound
from agent_platform.core.queue import after_commit
from agent_platform.models.catalogue import Listing, PublicReview
from agent_platform.models.trust import Report, ReportKind, ReportState, Suspension, SuspensionKind
from agent_platform.services import audit
from agent_platform.services.catalog._reviewers import require_reviewer
from agent_platform.services.catalog._suspensions import (
    MOST_REASON,
    SUSPENSIONS_KIND,
    needed,
    put_suspension,
    suspend,
)

Answer = Literal["suspend", "uphold", "dismiss"]
STATES: dict[Answer, ReportState] = {
    "suspend": ReportState.UPHELD,
    "uphold": ReportState.UPHELD,
    "dismiss": ReportState.DISMISSED,
}
HOW_OFTEN = "5/minute; 20/hour; 50/day"
MOST_OPEN = 100
GONE = "This report is not open any more: somebody has decided it."


@dataclass(frozen=True)
class ReportFacts:
    """An open report with what it is about: the agent, or a review of it where there is a `review_id`.

    `review` is None for a review that nobody can read any more, too.
    """

    id: UUID
    kind: str
    text: str
    by_name: str
    created_at: datetime
    listing_id: UUID
    publisher: str
    slug: str
    name: str
    suspended: bool
    review_id: UUID | None
    review: PublicReview | None


def file_report(
    session: TenantSession, *, listing_id: UUID, review_id: UUID | None, kind: str, text: str, by: UUID, by_name: str
) -> UUID:
    """Reviewers read it in their queue; this person's earlier one about the same, while it is open, says this instead.

    Raises: NotFound, InputInvalid, RateLimited.
    """
    if kind not in set(ReportKind):
        raise InputInvalid("Choose what is wrong: abuse, broken or misleading. Nothing was sent.")
    said = text.replace("\0", "").strip()
    if not said or len(said) > MOST_REASON:
        raise InputInvalid(f"Describe it in one to {MOST_REASON:,} characters. Nothing was sent.")
    _refuse_unknown(session, listing_id, review_id)
    rate.hit(f"report:{by}", HOW_OFTEN)
    report = _open_one(session, listing_id, review_id, by) or Report(
        tenant_id=session.tenant_id, listing_id=listing_id, review_id=review_id, by_user_id=by, by_name=by_name
    )  # pyright: ignore[reportCallIssue]  # kind and text follow
    report.kind, report.text = kind, said
    session.add(report)
    session.flush()
    _note(session, report, "report.filed", by, kind=kind)
    return report.id


def list_reports(session: PlatformSession, *, by: UUID) -> list[ReportFacts]:
    """Open reports of all workspaces, the longest waiting first. Raises: NotReviewer."""
    require_reviewer(session, by)
    rows = session.execute(
        select(Report)
        .where(col(Report.state) == ReportState.OPEN.value)
        .order_by(col(Report.created_at), col(Report.id))
        .limit(MOST_OPEN)
    ).scalars()
    return [_facts(session, report) for report in rows]


def get_report(session: PlatformSession, *, report_id: UUID, by: UUID) -> ReportFacts:
    """Raises: NotReviewer, NotFound for one that is not open."""
    require_reviewer(session, by)
    return _facts(session, _open_report(session, report_id))


def decide_report(session: PlatformSession, *, report_id: UUID, answer: Answer, note: str, by: UUID) -> None:
    """The report is closed with words; `suspend` stops the agent, or takes the review down, from this commit on.

    Raises: NotReviewer, NotFound, Conflict without words or for what is suspended already.
    """
    require_reviewer(session, by)
    if answer not in STATES:
        raise InputInvalid("Suspend, uphold or dismiss. Nothing was changed.")
    said, report = needed(note), _open_report(session, report_id)
    if answer == "suspend" and report.review_id is not None:
        put_suspension(session, subject_id=report.review_id, kind=SuspensionKind.REVIEW, reason=said, by=by)
    elif answer == "suspend":
        suspend(session, listing_id=report.listing_id, reason=said, by=by)
    _close(
        report, answer, said, by
    )  # commits before the suspension does: of two reviewers one is told, and stops nothing
    after_commit(session, lambda: _follow(report.tenant_id))


def _follow(tenant_id: UUID) -> None:
    with tenant_session(tenant_id) as session:
        outbox.put(session, SUSPENSIONS_KIND)


def _close(report: Report, answer: Answer, said: str, by: UUID) -> None:
    with tenant_session(report.tenant_id) as session:
        stored = session.execute(
            select(Report)
            .where(col(Report.tenant_id) == report.tenant_id, col(Report.id) == report.id)
            .with_for_update()
        ).scalar_one()
        if stored.state != ReportState.OPEN:
            raise Conflict(GONE)
        stored.state, stored.decision_note, stored.decided_by_user_id = STATES[answer].value, said, by
        stored.decided_at = session.execute(select(func.now())).scalar_one()
        _note(session, stored, f"report.{stored.state}", by, answer=answer, note=said)


def _refuse_unknown(session: TenantSession, listing_id: UUID, review_id: UUID | None) -> None:
    review = session.get(PublicReview, review_id) if review_id else None
    if session.get(Listing, listing_id) is None or (review_id and (review is None or review.listing_id != listing_id)):
        raise NotFound("This is not in the directory any more, so there is nothing to report.")


def _open_one(session: TenantSession, listing_id: UUID, review_id: UUID | None, by: UUID) -> Report | None:
    return (
        session.execute(
            select(Report).where(
                col(Report.tenant_id) == session.tenant_id,
                col(Report.listing_id) == listing_id,
                col(Report.review_id).is_not_distinct_from(review_id),
                col(Report.by_user_id) == by,
                col(Report.state) == ReportState.OPEN.value,
            )
        )
        .scalars()
        .first()
    )


def _open_report(session: PlatformSession, report_id: UUID) -> Report:
    """The platform's login sees open reports only."""
    report = session.execute(
        select(Report).where(col(Report.id) == report_id, col(Report.state) == ReportState.OPEN.value)
    ).scalar_one_or_none()
    if report is None:
        raise NotFound(GONE)
    return report


def _facts(session: PlatformSession, report: Report) -> ReportFacts:
    listing = session.get_one(Listing, report.listing_id)
    subject = report.review_id or report.listing_id
    return ReportFacts(
        id=report.id,
        kind=report.kind,
        text=report.text,
        by_name=report.by_name,
        created_at=report.created_at,
        listing_id=listing.id,
        publisher=listing.publisher,
        slug=listing.slug,
        name=listing.name,
        suspended=session.get(Suspension, subject) is not None,
        review_id=report.review_id,
        review=session.get(PublicReview, report.review_id) if report.review_id else None,
    )


def _note(session: TenantSession, report: Report, action: str, by: UUID, **detail: object) -> None:
    subject = f"review:{report.review_id}" if report.review_id else f"listing:{report.listing_id}"
    audit.record(session, actor=f"user:{by}", action=action, subject=subject, report=str(report.id), **detail)
