"""What an agent's page shows: from the directory for visitors, and what would run here for members."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from agent_platform.core.db.tenant import PublicSession, TenantSession, public_session, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import shown
from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.core.policy import Caller
from agent_platform.services import agents, billing, catalog, quality, runs, visitors
from agent_platform.views.agent import AgentView, Trust, agent_view, with_sheet
from agent_platform.views.demo import before_demo
from agent_platform.views.markdown import render_markdown
from agent_platform.views.reports import SuspendedView, suspended_view

NOT_ALLOWED = "The admins of this workspace have not let this agent in. Ask one of them to put it on the list."


@dataclass(frozen=True)
class AgentPage:
    """`schema`, `price` and `history` stay on the server: the form and the quote are made from them."""

    view: AgentView
    schema: dict[str, Any]
    price: dict[str, Any]
    history: billing.History
    version: str
    memory_mb: int
    timeout_seconds: int
    default_cap_micro_usd: int
    not_allowed: str = ""  # why this workspace does not run it
    demo_note: str = ""  # for visitors


def read_for_visitor(session: PublicSession, *, publisher: str, slug: str) -> AgentPage:
    """Raises: NotFound."""
    view, listing = read_listing(session, publisher=publisher, slug=slug)
    manifest, card = listing.manifest, listing.card
    history = billing.History(card.runs_30d, card.cost_p50_micro_usd, card.cost_p90_micro_usd, card.median_ms)
    page = _page(view, manifest, manifest.price, history, card.version)
    return replace(
        page, demo_note=before_demo(manifest, resting=card.state == "deprecated" or not visitors.are_on(session))
    )


def read_listing(session: PublicSession, *, publisher: str, slug: str) -> tuple[AgentView, catalog.ListingFacts]:
    """What anybody sees of an agent, and what it was made from. Raises: NotFound."""
    listing = catalog.get_listing(session, publisher=publisher, slug=slug)
    view = agent_view(
        listing.manifest,
        publisher=publisher,
        version=listing.card.version,
        listing=listing,
        now=datetime.now(UTC),
        trust=_trust(session, listing.card.id),
    )
    return view, listing


def read_for_member(session: TenantSession, *, publisher: str, slug: str, role: str | None) -> AgentPage:
    """The version and price a run here would have; an own agent needs no listing. Raises: NotFound, AgentNotRunnable."""
    runnable = catalog.find_runnable(session, publisher=publisher, slug=slug)
    listing = _listing(publisher, slug) if runnable.release_id is not None else None
    view = agent_view(
        runnable.manifest,
        publisher=publisher,
        version=runnable.version,
        listing=listing,
        now=datetime.now(UTC),
        needs_yes=runnable.needs_yes,
        trust=_trust(session, runnable.listing_id),
    )
    sheet = catalog.permission_sheet(session, runnable)
    view = with_sheet(view, sheet, may_accept=catalog.may_accept(role, sheet.level))
    if runnable.own_version_id is not None:
        own = agents.get_version(session, version_id=runnable.own_version_id)
        view = replace(view, readme=render_markdown(own.readme), changelog=render_markdown(own.changelog))
    page = _page(view, runnable.manifest, runnable.price, runnable.history, runnable.version)
    return replace(page, not_allowed=_not_allowed(session, runnable))


def is_offered(caller: Caller, *, publisher: str, slug: str) -> bool:
    """Whether there is an agent at this address for the caller: in the directory, or of their own workspace. Sync: call it in a thread."""
    with public_session() as session:
        if catalog.find_listing(session, publisher=publisher, slug=slug) is not None:
            return True
    if caller.tenant_id is None or caller.role is None or caller.tenant_slug != publisher:
        return False
    with tenant_session(caller.tenant_id) as session:
        return agents.find_agent(session, slug=slug) is not None


def read_suspended(session: PublicSession, *, publisher: str, slug: str) -> SuspendedView:
    """Empty for an agent that is not suspended."""
    found = catalog.find_suspended(session, publisher=publisher, slug=slug)
    return suspended_view(found, datetime.now(UTC)) if found else SuspendedView()


def start_run(session: TenantSession, *, caller: Caller, **asked: Any) -> str:
    """The address of the accepted run."""
    run = runs.start(session, runs.RunRequest(**asked), caller=caller)
    return f"/runs/{shown('run', run.id)}"


def _not_allowed(session: TenantSession, runnable: catalog.Runnable) -> str:
    try:
        catalog.require_allowed(session, runnable)
    except catalog.AgentNotAllowed:
        return NOT_ALLOWED
    return ""


def _trust(session: PublicSession | TenantSession, listing_id: UUID | None) -> Trust:
    if listing_id is None:
        return Trust()
    return Trust(
        quality.find_quality(session, listing_id=listing_id),
        quality.last_test(session, listing_id=listing_id),
        catalog.reply_time(session, listing_id=listing_id),
    )


def _listing(publisher: str, slug: str) -> catalog.ListingFacts | None:
    with public_session() as session:
        try:
            return catalog.get_listing(session, publisher=publisher, slug=slug)
        except NotFound:
            return None


def _page(
    view: AgentView, manifest: agents.Manifest, price: dict[str, Any], history: billing.History, version: str
) -> AgentPage:
    resources = manifest.resources
    most_compute = compute_cost_micro_usd(resources.memory_mb, resources.timeout_seconds * 1000)
    return AgentPage(
        view=view,
        schema=manifest.input_schema,
        price=price,
        history=history,
        version=version,
        memory_mb=resources.memory_mb,
        timeout_seconds=resources.timeout_seconds,
        default_cap_micro_usd=billing.default_cap(price, history, most_compute_micro_usd=most_compute),
    )
