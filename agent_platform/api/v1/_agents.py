"""Agents: the public directory, one agent with its schemas and price, and what a run of it would cost."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_platform.api.v1 import _asked, _shapes
from agent_platform.api.v1._doors import Access
from agent_platform.api.v1._problems import PRIVATE
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.services import agents, catalog, runs
from agent_platform.views.directory import CATEGORIES, PRICES, SORTS

MOST_AGENTS = 24
KEPT = {"Cache-Control": "public, max-age=60", "Vary": "Authorization"}
FILTERS = ("q", "category", "model", "max_micro_usd", "sort", "limit", "cursor")


def list_agents(request: Request, _access: Access) -> Response:
    """Public agents. Raises: InputInvalid for a filter that is not known."""
    given = _asked.read_query(request, FILTERS)
    sort = (_asked.known(given, "sort", tuple(SORTS)) or ("best",))[-1]
    filters = catalog.Filters(
        categories=_asked.known(given, "category", tuple(CATEGORIES)),
        price_models=_asked.known(given, "model", tuple(PRICES)),
        max_cost_micro_usd=_asked.number_of(given, "max_micro_usd", least=0, most=_asked.LARGEST_AMOUNT),
    )
    cursor, size = _asked.last(given, "cursor"), _asked.limit_of(given, most=MOST_AGENTS, usual=MOST_AGENTS)
    if cursor and not catalog.leads_on(sort, cursor):
        raise _asked.wrong("cursor", "This cursor was not given out for this order. Begin without one.")
    with public_session() as session:
        page = catalog.search(
            session, q=_asked.last(given, "q"), filters=filters, sort=sort, cursor=cursor or None, size=size
        )
    base = _base(request)
    found = [_shapes.agent_card(card, base) for card in page.listings]
    return JSONResponse({"data": found, "next_cursor": page.next_cursor}, headers=PRIVATE)


def get_agent(request: Request, access: Access) -> Response:
    """With a key: what a run in its workspace would be, own agents too. Raises: NotFound, AgentSuspended."""
    return JSONResponse(described(request, access)[0], headers=PRIVATE)


def quote(access: Access, wanted: runs.RunRequest) -> dict[str, Any]:
    """What a run with this input would typically cost and never exceed. Raises: NotFound, RunInputInvalid, CapBelowSmallest."""
    with tenant_session(access.tenant_id) as session:
        return _shapes.quote_of(runs.quote(session, wanted))


def described(request: Request, access: Access) -> tuple[dict[str, Any], agents.Manifest]:
    """The agent of the address as a program sees it, and its manifest. Raises: NotFound, AgentSuspended."""
    publisher, slug = request.path_params["publisher"], request.path_params["slug"]
    if access.holder is not None:
        return _in_workspace(request, access, publisher, slug)
    with public_session() as session:
        if stopped := catalog.find_suspended(session, publisher=publisher, slug=slug):
            raise catalog.AgentSuspended(stopped.name, stopped.reason)
        listing = catalog.get_listing(session, publisher=publisher, slug=slug)
    manifest, card = listing.manifest, listing.card
    address = f"{card.publisher}/{card.slug}"
    shown = _shapes.agent_whole(
        manifest, address=address, version=card.version, price=manifest.price, base=_base(request)
    )
    return {**shown, "state": card.state}, manifest


def _in_workspace(
    request: Request, access: Access, publisher: str, slug: str
) -> tuple[dict[str, Any], agents.Manifest]:
    with tenant_session(access.tenant_id) as session:
        try:
            found = catalog.find_runnable(session, publisher=publisher.replace("\0", ""), slug=slug.replace("\0", ""))
        except catalog.AgentNotFound:
            raise NotFound(catalog.AgentNotFound().sentence) from None
        listing = catalog.find_listing(session, publisher=publisher, slug=slug) if found.listing_id else None
    shown = _shapes.agent_whole(
        found.manifest, address=found.agent_ref, version=found.version, price=found.price, base=_base(request)
    )
    state = listing.state if listing is not None else "own"
    return {**shown, "state": state, "permissions_accepted": not found.needs_yes}, found.manifest


def _base(request: Request) -> str:
    return _shapes.base_of(request.state.ap["tenant_slug"])
