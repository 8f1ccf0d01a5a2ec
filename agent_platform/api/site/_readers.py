"""What the public pages say, read from the database by the same functions as the visible ones."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from starlette.requests import Request

from agent_platform.core.db.tenant import public_session
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import current_caller
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, examples, identity, outages, visitors
from agent_platform.state._agent import is_offered, read_listing, read_suspended
from agent_platform.state._examples import read_rows
from agent_platform.state._saved import saved_by
from agent_platform.state.contact import read_contact
from agent_platform.state.directory import read_directory
from agent_platform.state.landing import read_landing
from agent_platform.state.publisher import LONGEST_CURSOR, read_publisher
from agent_platform.views.directory import Asked
from agent_platform.views.docs import Document, read_changelog, read_documents
from agent_platform.views.docs_search import search_documents
from agent_platform.views.legal import read_legal
from agent_platform.views.sign_in import sign_in_view
from agent_platform.views.site.agent import agent_page
from agent_platform.views.site.blocks import SitePage
from agent_platform.views.site.contact import contact_page
from agent_platform.views.site.directory import directory_page
from agent_platform.views.site.documents import changelog_page, document_page, documents_page
from agent_platform.views.site.doors import (
    demo_page,
    missing_agent,
    missing_example,
    missing_page,
    sign_in_page,
    suspended_agent,
)
from agent_platform.views.site.example import example_page
from agent_platform.views.site.landing import landing_page
from agent_platform.views.site.legal import legal_page
from agent_platform.views.site.publisher import missing_publisher, publisher_page
from agent_platform.views.site.quality import quality_page
from agent_platform.views.site.status import status_page
from agent_platform.views.status import status_view

REVIEWS_SHOWN = 5


def landing(_request: Request) -> SitePage:
    with public_session() as session:
        view, collections = read_landing(session)
    return landing_page(view, collections, get_settings().base_url)


def directory(request: Request) -> SitePage:
    """A page that was never written here, or lies behind the last one, is missing."""
    asked = Asked.of(dict(request.query_params))
    if asked.cursor and not catalog.leads_on(asked.sort, asked.cursor):
        return missing_page()
    among = saved_by(current_caller()) if asked.saved else ()
    with public_session() as session:
        view = read_directory(session, asked=asked, among=among)
    return directory_page(asked, view, get_settings().base_url)


def agent(request: Request) -> SitePage:
    publisher, slug = request.path_params["publisher"], request.path_params["slug"]
    try:
        with public_session() as session:
            view, listing = read_listing(session, publisher=publisher, slug=slug)
            reviews = catalog.list_reviews(session, listing_id=listing.card.id, limit=REVIEWS_SHOWN)
            rows = read_rows(session, publisher=publisher, slug=slug)
    except NotFound:
        with public_session() as session:
            suspended = read_suspended(session, publisher=publisher, slug=slug)
        return suspended_agent(suspended) if suspended.name else missing_agent()
    return agent_page(view, listing, reviews, get_settings().base_url, examples=rows)


def example(request: Request) -> SitePage:
    facts = _find_example(request)
    return example_page(facts, datetime.now(UTC), get_settings().base_url) if facts else missing_example()


def demo(request: Request) -> SitePage:
    """Its head only: what a demo shows comes over the socket."""
    try:
        visitors.find_demo(request.path_params["key"])
    except NotFound:
        return demo_page(gone=True)
    return demo_page()


def publisher(request: Request) -> SitePage:
    """A page that was never written here, or lies behind the last one, is missing."""
    cursor = request.query_params.get("after", "")[:LONGEST_CURSOR]
    if cursor and not catalog.leads_on("used", cursor):
        return missing_page()
    try:
        with public_session() as session:
            view, facts = read_publisher(session, handle=request.path_params["publisher"], cursor=cursor)
    except NotFound:
        return missing_publisher()
    return publisher_page(view, facts, get_settings().base_url, cursor=cursor)


def is_there(request: Request) -> bool:
    """Whether a workspace's host has this page: of an agent for whoever may see it, of a publisher and all else for everybody."""
    named = request.path_params
    if "example" in named:
        return _find_example(request) is not None
    if "slug" in named:
        return is_offered(current_caller(), publisher=named["publisher"], slug=named["slug"])
    if "publisher" in named:
        with public_session() as session:
            return catalog.find_publisher(session, handle=named["publisher"])
    return "name" not in named or named["name"] in known_documents()


def is_public_agent(request: Request) -> bool:
    named = request.path_params
    with public_session() as session:
        return catalog.find_listing(session, publisher=named["publisher"], slug=named["slug"]) is not None


def documents(request: Request) -> SitePage:
    """All of them, or what the words in the address have found in them."""
    listed, asked = [*known_documents().values(), read_changelog()], request.query_params.get("q", "")
    return documents_page(listed, get_settings().base_url, search_documents(asked) if asked.strip() else None)


def changelog(_request: Request) -> SitePage:
    return changelog_page(read_changelog(), get_settings().base_url)


def status(_request: Request) -> SitePage:
    return status_page(status_view(outages.read_status()), get_settings().base_url)


def contact(request: Request) -> SitePage:
    return contact_page(read_contact(dict(request.query_params)), get_settings().base_url)


def document(request: Request) -> SitePage:
    found = known_documents().get(request.path_params["name"])
    return document_page(found, get_settings().base_url) if found else missing_page()


def legal(name: str) -> Callable[[Request], SitePage]:
    """The reader of one of terms, privacy and cookies."""

    def read(_request: Request) -> SitePage:
        settings = get_settings()
        return legal_page(name, read_legal(name, settings.legal_dir), settings.base_url)

    return read


def quality(_request: Request) -> SitePage:
    return quality_page(get_settings().base_url)


def sign_in(request: Request) -> SitePage:
    settings, query = get_settings(), dict(request.query_params)
    return sign_in_page(sign_in_view(query, identity.sign_in_doors(settings), base_netloc=settings.base_netloc))


def _find_example(request: Request) -> examples.ExampleFacts | None:
    named = request.path_params
    try:
        with public_session() as session:
            return examples.get_example(
                session, publisher=named["publisher"], slug=named["slug"], example=named["example"]
            )
    except NotFound:
        return None


@lru_cache(maxsize=1)
def known_documents() -> dict[str, Document]:
    """By name, in the order of the list; they change only with the program."""
    return {one.name: one for one in read_documents()}
