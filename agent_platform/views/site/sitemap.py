"""Sitemaps. Source: sitemaps.org protocol 0.9."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

MOST_ADDRESSES = 50_000
XML = Markup(
    '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{1}</{0}>\n'
)
ENTRY = Markup("<{0}><loc>{1}</loc>{2}</{0}>\n")
CHANGED = Markup("<lastmod>{}</lastmod>")


@dataclass(frozen=True)
class Entry:
    """`path` lies below the base URL; `changed_at` is when what the page says last changed, if that is known."""

    path: str
    changed_at: datetime | None = None


def sitemap(entries: Iterable[Entry], base_url: str) -> str:
    return _written("urlset", "url", entries, base_url)


def index(entries: Iterable[Entry], base_url: str) -> str:
    return _written("sitemapindex", "sitemap", entries, base_url)


def _written(root: str, element: str, entries: Iterable[Entry], base_url: str) -> str:
    lines = (ENTRY.format(element, f"{base_url}{one.path}", _changed(one.changed_at)) for one in entries)
    return XML.format(root, Markup("").join(lines))


def _changed(at: datetime | None) -> Markup:
    return CHANGED.format(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}") if at else Markup("")
