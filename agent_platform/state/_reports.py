"""Reports: sent by anybody who is signed in, decided on the operator's host."""

from datetime import UTC, datetime
from uuid import UUID

from agent_platform.core.db.tenant import PublicSession, TenantSession, tenant_session
from agent_platform.core.errors import NotFound, Unauthenticated
from agent_platform.core.ids import parse
from agent_platform.core.policy import Caller
from agent_platform.services import catalog, identity
from agent_platform.state._review import refuse_elsewhere
from agent_platform.views.reports import (
    ReportRowView,
    ReportView,
    SuspendedView,
    TakenDownView,
    report_row,
    report_view,
    suspended_view,
    taken_down_view,
)

NOWHERE = "There is no such agent in the directory. Write its address as publisher/agent. Nothing was changed."


def file_report(session: PublicSession, *, address: str, review: str, kind: str, text: str, caller: Caller) -> None:
    """In the workspace where it was said; outside of one in the person's own, which has their id. Raises: NotFound, InputInvalid, RateLimited."""
    if caller.user_id is None:
        raise Unauthenticated
    listing_id = _listing(session, address)
    review_id = parse("rev", review) if review else None
    place = caller.tenant_id if caller.role and caller.tenant_id else caller.user_id
    who = {"by": caller.user_id, "by_name": caller.user_name}
    with tenant_session(place) as inside:
        catalog.file_report(inside, listing_id=listing_id, review_id=review_id, kind=kind, text=text, **who)


def read_reports(session: TenantSession, *, caller: Caller) -> list[ReportRowView]:
    """Raises: NotFound on other hosts, NotReviewer."""
    refuse_elsewhere(session)
    now = datetime.now(UTC)
    return [report_row(one, now) for one in identity.in_platform(catalog.list_reports, by=_person(caller))]


def read_report(session: TenantSession, *, report: str, caller: Caller) -> ReportView:
    """Raises: NotFound on other hosts and for a report that is not open, NotReviewer."""
    refuse_elsewhere(session)
    found = identity.in_platform(catalog.get_report, report_id=parse("rep", report), by=_person(caller))
    return report_view(found, datetime.now(UTC))


def decide_report(session: TenantSession, *, report: str, answer: str, note: str, caller: Caller) -> None:
    """Raises: NotFound, NotReviewer, Conflict without words or for what is suspended already."""
    refuse_elsewhere(session)
    given = {"answer": answer, "note": note, "by": _person(caller)}
    identity.in_platform(catalog.decide_report, report_id=parse("rep", report), **given)


def read_suspended(session: TenantSession, *, caller: Caller) -> list[SuspendedView]:
    """Raises: NotFound on other hosts, NotReviewer."""
    refuse_elsewhere(session)
    now = datetime.now(UTC)
    return [suspended_view(one, now) for one in identity.in_platform(catalog.list_suspended, by=_person(caller))]


def suspend(session: TenantSession, *, address: str, reason: str, caller: Caller) -> None:
    """Raises: NotFound, NotReviewer, Conflict without a reason or for one that is suspended already."""
    refuse_elsewhere(session)
    listing_id = _listing(session, address)
    identity.in_platform(catalog.suspend, listing_id=listing_id, reason=reason, by=_person(caller))


def lift(session: TenantSession, *, listing: str, reason: str, caller: Caller) -> None:
    """Raises: NotFound, NotReviewer, Conflict without a reason."""
    refuse_elsewhere(session)
    given = {"reason": reason, "by": _person(caller)}
    identity.in_platform(catalog.lift, listing_id=parse("lst", listing), **given)


def read_taken_down(session: TenantSession, *, caller: Caller) -> list[TakenDownView]:
    """Raises: NotFound on other hosts, NotReviewer."""
    refuse_elsewhere(session)
    now = datetime.now(UTC)
    return [taken_down_view(one, now) for one in identity.in_platform(catalog.list_taken_down, by=_person(caller))]


def put_back(session: TenantSession, *, review: str, reason: str, caller: Caller) -> None:
    """Raises: NotFound, NotReviewer, Conflict without a reason."""
    refuse_elsewhere(session)
    given = {"reason": reason, "by": _person(caller)}
    identity.in_platform(catalog.put_back, review_id=parse("rev", review), **given)


def _listing(session: PublicSession | TenantSession, address: str) -> UUID:
    publisher, _, slug = address.strip().strip("/").removeprefix("agents/").partition("/")
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    if listing is None:
        raise NotFound(NOWHERE)
    return listing.id


def _person(caller: Caller) -> UUID:
    assert caller.user_id is not None
    return caller.user_id
