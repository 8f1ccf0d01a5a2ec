"""Texts for programs that read the site: llms.txt, and the keys that receipts are checked with."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agent_platform.api.site import answer
from agent_platform.core.db.tenant import public_session
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, runs
from agent_platform.views.directory import card_view
from agent_platform.views.docs import FILES
from agent_platform.views.site.markdown import agent_line, link
from agent_platform.views.site.words import CHANGELOG, CONTACT, STATUS

KEPT = "public, max-age=600"
MORE = (CHANGELOG, STATUS, CONTACT)
SECURITY = "/.well-known/security.txt"
VALID = timedelta(days=180)
HEADERS = {"Cache-Control": KEPT}
INTRO = """# Agent Platform

> A marketplace for containerised AI agents. Every run has a quote before, a hard cap during and a signed receipt after.

An agent is run by a member of a workspace, from its page or with an API key by `POST /v1/agents/{publisher}/{slug}/runs`; each page shows input,
price, permissions and success rate. `/v1/openapi.json` describes the API.
"""


@policy("public", rate="page")
def llms(request: Request) -> Response:
    """What is here, the most used agents first, each as Markdown. A workspace tells programs nothing. Source: llmstxt.org."""
    if request.state.ap["tenant_slug"] is not None:
        raise NotFound
    base = get_settings().base_url
    with public_session() as session:
        used = catalog.search(session, filters=catalog.Filters(real=True), sort="used")
    cards = [card_view(card) for card in used.listings]
    documents = [
        f"- {link(name.replace('-', ' ').capitalize(), f'/docs/{name}.md', base)}: {note}"
        for name, (_, note) in FILES.items()
    ]
    agents = ["", "## Agents", "", *(agent_line(card, base) for card in cards)] if cards else []
    more = [
        f"- {link('All agents', '/agents.md', base)}, with every page of them in {base}/sitemap.xml",
        f"- Search in the documents: {base}/docs.md?q=WORDS",
        *(f"- {link(one.title, f'/{one.title.lower()}.md', base)}: {one.description}" for one in MORE),
    ]
    lines = [INTRO, "## Documents", "", *documents, *agents, "", "## More", "", *more, ""]
    return answer(request, "\n".join(lines), media_type="text/plain", keep=KEPT)


@policy("public", rate="page")
def receipt_keys(_request: Request) -> Response:
    """Every public key that ever signed a receipt here, the newest first."""
    with public_session() as session:
        keys = [
            {"key_id": key.key_id, "algorithm": "Ed25519", "public_key": key.public_key}
            for key in runs.list_receipt_keys(session)
        ]
    return JSONResponse({"keys": keys}, headers=HEADERS)


@policy("public", rate="page")
def security(_request: Request) -> Response:
    """Whom to tell of a hole. Source: RFC 9116."""
    settings = get_settings()
    contact = (
        f"mailto:{quote(settings.contact_email, safe='@')}"
        if settings.contact_email
        else f"{settings.base_url}/contact"
    )
    expires = datetime.now(UTC).replace(microsecond=0) + VALID
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: en",
        f"Canonical: {settings.base_url}{SECURITY}",
    )
    return PlainTextResponse("".join(f"{line}\n" for line in lines), headers=HEADERS)


def routes() -> list[Route]:
    return [
        Route("/llms.txt", llms, methods=["GET"]),
        Route(SECURITY, security, methods=["GET"]),
        Route("/.well-known/receipt-keys.json", receipt_keys, methods=["GET"]),
    ]
