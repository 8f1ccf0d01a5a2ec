"""Sitemaps: the addresses they name, read without an XML parser, so that no entity and no nesting can do harm.

Source: sitemaps.org protocol.
"""

import html
import re

LOCATION = re.compile(rb"<(?:\w{1,20}:)?loc>\s{0,100}(?:<!\[CDATA\[)?\s{0,100}([^<\s\]]{1,2048})")
INDEX = re.compile(rb"<(?:\w{1,20}:)?sitemapindex[\s>]")
MOST_ADDRESSES = 5_000


def read_sitemap(content: bytes) -> tuple[list[str], bool]:
    """The addresses, and whether they are of further sitemaps."""
    found = [
        html.unescape(place.decode("utf-8", "replace"))
        for place in (match[1] for match, _ in zip(LOCATION.finditer(content), range(MOST_ADDRESSES), strict=False))
    ]
    return found, INDEX.search(content[:4096]) is not None
