"""A real 404, readable without a script, where the front end has no file for an address."""

from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent_platform.api.site._shells import Shells
from agent_platform.core.settings import get_settings
from agent_platform.views.site.doors import missing_page

NOWHERE = "/404"  # has no page of its own, so it is filled by the browser's router


def missing_pages(built: Path) -> Callable[[ASGIApp], ASGIApp]:
    """Wraps an application. On workspaces' hosts its own pages are left alone: what is there depends on who looks."""
    return lambda app: _MissingPages(app, Shells(built))


class _MissingPages:
    def __init__(self, app: ASGIApp, shells: Shells) -> None:
        self._app = app
        self._shells = shells

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = (scope.get("state") or {}).get("ap")
        if scope["type"] != "http" or visit is None or visit["tenant_slug"] is not None:
            await self._app(scope, receive, send)
            return
        replaced = False

        async def instead(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_missing_page(message):
                replaced = True
                await self._send_page(scope["method"], send)
            elif not replaced:
                await send(message)

        await self._app(scope, receive, instead)

    async def _send_page(self, method: str, send: Send) -> None:
        body = self._shells.completed(missing_page(), NOWHERE, get_settings().base_url).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-robots-tag", b"noindex"),
        ]
        await send({"type": "http.response.start", "status": 404, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


def _is_missing_page(message: Message) -> bool:
    """Of the front end's files; an endpoint that misses something has said `x-robots-tag` or speaks no HTML."""
    said = {name.lower(): value for name, value in message["headers"]}
    return (
        message["status"] == 404
        and said.get(b"content-type", b"").startswith(b"text/html")
        and b"x-robots-tag" not in said
        and b"cache-control" not in said
    )
