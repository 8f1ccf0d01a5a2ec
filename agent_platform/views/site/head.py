"""What a page says about itself in its head: to search engines, to whoever shares it, to programs that read."""

import hashlib

from markupsafe import Markup

from agent_platform.views.site.blocks import Picture, SitePage
from agent_platform.views.site.data import script
from agent_platform.views.site.words import NAME

PICTURE_SIZE = (1200, 630)
DRAWING = 1  # one more whenever pictures are drawn differently, so that nobody keeps the old ones
NOTHING = Markup("")


def title_of(page: SitePage) -> str:
    return f"{page.title} · {NAME}"


def tags(page: SitePage, base_url: str, *, described: bool = False) -> Markup:
    """All but the title; each carries `data-served`, by which the browser takes them away when it goes on to another page.

    `described` leaves the description out, because the built page has the same.
    """
    address, picture = f"{base_url}{page.path}", f"{base_url}{picture_address(page)}"
    named = [] if described else [("description", page.description)]
    robots = "index, follow, max-image-preview:large" if page.indexed else "noindex, follow"
    named += [
        ("robots", robots),
        ("twitter:card", "summary_large_image"),
        ("twitter:title", title_of(page)),
        ("twitter:description", page.description),
        ("twitter:image", picture),
    ]
    width, height = PICTURE_SIZE
    properties = [
        ("og:site_name", NAME),
        ("og:type", page.kind),
        ("og:title", page.title),
        ("og:description", page.description),
        *([("og:url", address)] if page.status == 200 else []),
        ("og:locale", "en_GB"),
        ("og:image", picture),
        ("og:image:type", "image/png"),
        ("og:image:width", str(width)),
        ("og:image:height", str(height)),
        ("og:image:alt", page.picture.title),
    ]
    parts = [
        *(Markup('<meta data-served content="{}" name="{}">').format(said, name) for name, said in named),
        *(Markup('<meta data-served content="{}" property="{}">').format(said, name) for name, said in properties),
        _places(page, address, base_url),
        *(script(one) for one in page.data),
    ]
    return NOTHING.join(parts)


def picture_address(page: SitePage) -> str:
    """Changes whenever the picture does, so that a copy of it may be kept for ever."""
    return f"{page.picture_path}{'&' if '?' in page.picture_path else '?'}v={picture_digest(page.picture)[:16]}"


def picture_digest(picture: Picture) -> str:
    return hashlib.sha256(f"{DRAWING} {picture!r}".encode()).hexdigest()


def _places(page: SitePage, address: str, base_url: str) -> Markup:
    """A page that is none, such as a 404, has no address of its own and no twin."""
    if page.status != 200:
        return NOTHING
    canonical = Markup('<link data-served href="{}" rel="canonical">').format(address)
    if not page.twin:
        return canonical
    twin = Markup('<link data-served href="{}" rel="alternate" type="text/markdown">').format(f"{base_url}{page.twin}")
    return canonical + twin
