"""The built pages, completed: what the server knows goes into their heads, and into `noscript` for whoever runs no scripts.

A browser that runs scripts draws nothing of it, so nothing flashes and nothing moves. Hydration passes tags by that it did not make.
"""

import re
from pathlib import Path

from markupsafe import Markup

from agent_platform.core.settings import get_settings
from agent_platform.services import identity
from agent_platform.views.shell import DEV_SIGN_IN
from agent_platform.views.site.blocks import SitePage
from agent_platform.views.site.head import tags, title_of
from agent_platform.views.site.html import document

FALLBACK = "__spa-fallback.html"
TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
DESCRIPTION = re.compile(r'<meta content="([^"]*)" name="description"/>')
PICTURE = re.compile(r'<meta content="[^"]*" property="og:image"/>')
HIDES = Markup("<noscript><style>body>:not(noscript){display:none!important}</style></noscript>")
STYLES = "".join(
    f'<link rel="stylesheet" href="/css/{name}.css">'
    for name in ("tokens", "base", "controls", "display", "parts", "shell", "pages")
)
SHOWS_BANNER = (
    f'<style>:root .banner.soon{{display:flex}}.banner.soon::after{{content:"{DEV_SIGN_IN}"}}'
    "html .banner.soon~.sign-in{min-height:calc(100vh - 28px)}</style>"
)
BARE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<link rel="icon" href="/favicon.svg" type="image/svg+xml">{STYLES}</head><body></body></html>'
)


class Shells:
    """Read once, at start: a later build belongs to a later process, which knows its scripts.

    `banner` gives the banner of the local mode its place from the first paint on: the application would push the page down by it.
    """

    def __init__(self, built: Path) -> None:
        self.banner = SHOWS_BANNER if identity.is_outbox_open(get_settings()) else ""
        more = self.banner + _dark(built / "css" / "tokens-dark.css")
        self._pages = {_address(page, built): _read(page, more) for page in built.rglob("index.html")}
        fallback = built / FALLBACK
        self._fallback = _read(fallback, more) if fallback.exists() else BARE

    def plain(self, path: str) -> str:
        """The page as it was built; an address without a page of its own gets the one that the browser's router fills."""
        return self._pages.get(path.rstrip("/") or "/", self._fallback)

    def completed(self, page: SitePage, path: str, base_url: str) -> str:
        """The built page of the path, saying in its head and without scripts what the page says."""
        shell = self.plain(path)
        described = DESCRIPTION.search(shell)
        same = described is not None and described[1] == str(Markup.escape(page.description))
        if described and not same:
            shell = DESCRIPTION.sub("", shell, count=1)
        shell = PICTURE.sub("", _titled(shell, page, path), count=1)
        readable = page.drawn and shell is not self._fallback and path.rstrip("/") in self._pages
        hides, said = (
            (Markup(""), Markup("")) if readable else (HIDES, Markup("<noscript>{}</noscript>").format(document(page)))
        )
        shell = shell.replace("</head>", f"{tags(page, base_url, described=same)}{hides}</head>", 1)
        before, closing, after = shell.rpartition("</body>")
        return f"{before}{said}{closing}{after}"


def _read(page: Path, more: str) -> str:
    return page.read_text(encoding="utf-8").replace("</head>", f"{more}</head>", 1)


def _dark(sheet: Path) -> str:
    """Who runs no scripts gets the colours that their system prefers: the class that brings them is set by a script."""
    if not sheet.exists():
        return ""
    rules = sheet.read_text(encoding="utf-8").replace(":root.dark", ":root")
    return f'<noscript><style media="(prefers-color-scheme: dark)">{rules}</style></noscript>'


def _titled(shell: str, page: SitePage, path: str) -> str:
    title = Markup("{}").format(title_of(page))
    if TITLE.search(shell):
        return TITLE.sub(lambda _: f"<title>{title}</title>", shell, count=1)
    named = Markup('<title data-at="{}">{}</title>').format(path, title)
    return shell.replace("</head>", f"{named}</head>", 1)


def _address(page: Path, built: Path) -> str:
    inner = page.parent.relative_to(built).as_posix()
    return "/" if inner == "." else f"/{inner}"
