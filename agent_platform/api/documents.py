"""Texts for programs that read the site: robots.txt, llms.txt, and the keys that receipts are checked with."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agent_platform.core.db.tenant import PublicSession, public_session
from agent_platform.core.policy import policy
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, runs
from agent_platform.views.docs import FILES
from agent_platform.views.format import plain_text

HEADERS = {"Cache-Control": "public, max-age=600"}
PRIVATE = ("/auth/", "/invite/", "/sandbox/", "/sign-in", "/start", "/uploads")
INTRO = """# Agent Platform

> A marketplace for containerised AI agents. Every run has a quote before, a hard cap during and a signed receipt after.

An agent is run from its page by a member of a workspace; each page shows input, price, permissions and success rate.
"""


@policy("public")
def robots(request: Request) -> Response:
    """Workspaces are not for search engines; on the base domain only the doors are closed."""
    if request.state.ap["tenant_slug"] is not None:
        return _text("User-agent: *\nDisallow: /\n")
    closed = "".join(f"Disallow: {path}\n" for path in PRIVATE)
    return _text(f"User-agent: *\n{closed}")


@policy("public")
def llms(_request: Request) -> Response:
    """What is here, the most used agents first."""
    with public_session() as session:
        agents = _agents(session)
    url = get_settings().base_url
    documents = "".join(
        f"- [{name.replace('-', ' ').capitalize()}]({url}/docs/{name}): {note}\n" for name, (_, note) in FILES.items()
    )
    listed = f"\n## Agents\n\n{agents}" if agents else ""
    return _text(f"{INTRO}\n## Documents\n\n{documents}{listed}\n- [All agents]({url}/agents)\n")


@policy("public")
def receipt_keys(_request: Request) -> Response:
    """Every public key that ever signed a receipt here, the newest first."""
    with public_session() as session:
        keys = [
            {"key_id": key.key_id, "algorithm": "Ed25519", "public_key": key.public_key}
            for key in runs.list_receipt_keys(session)
        ]
    return JSONResponse({"keys": keys}, headers=HEADERS)


def routes() -> list[Route]:
    return [
        Route("/robots.txt", robots, methods=["GET"]),
        Route("/llms.txt", llms, methods=["GET"]),
        Route("/.well-known/receipt-keys.json", receipt_keys, methods=["GET"]),
    ]


def _agents(session: PublicSession) -> str:
    url = get_settings().base_url
    return "".join(
        f"- [{plain_text(card.name)}]({url}/agents/{card.publisher}/{card.slug}): {plain_text(card.summary)} "
        f"{card.price_label}{f' / {card.price_unit}' if card.price_unit else ''}\n"
        for card in catalog.search(session, sort="used").listings
    )


def _text(body: str) -> Response:
    return PlainTextResponse(body, headers=HEADERS)
