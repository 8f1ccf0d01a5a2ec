"""Addresses of one site: written in one way, so that the same page is one address."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

MOST_CHARACTERS = 2_000
MOST_SEGMENTS = 30
MOST_REPEATS = 3
PORTS = {"http": 80, "https": 443}
SAFE = "/%:@!$&'()*+,;=~-._?"
FILE = re.compile(
    r"\.(?:pdf|zip|gz|tgz|tar|7z|rar|exe|dmg|deb|rpm|iso|png|jpe?g|gif|webp|avif|svg|ico|bmp|tiff?|mp[34]|m4[av]|webm|og[gv]|wav|mov|avi"
    r"|css|m?js|json|xml|rss|atom|txt|csv|docx?|xlsx?|pptx?|od[tsp]|woff2?|ttf|otf|eot|wasm|map)$",
    re.IGNORECASE,
)


class BadStart(Exception):
    """The start address cannot be crawled; the text says what to change."""


@dataclass(frozen=True)
class Start:
    url: str
    host: str


def read_start(text: str) -> Start:
    """Raises: BadStart."""
    shown = text.strip()[:100]
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port, _host(parts.hostname)
    except (ValueError, UnicodeError):
        raise BadStart(f"{shown} is not an address. Write one such as https://example.com/.") from None
    if parts.scheme not in PORTS or not host:
        raise BadStart(f"{shown} is not an address of the web. Begin it with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise BadStart("The address holds a name or password. Take it out: the report would show it.")
    if port not in {None, PORTS[parts.scheme]}:
        raise BadStart(f"{shown} names port {port}. Only 443 of https and 80 of http are read; take the port out.")
    found = written(text.strip(), text.strip())
    if found is None:
        raise BadStart(f"The address has more than {MOST_CHARACTERS:,} characters; begin at a shorter one.")
    return Start(found, host)


def written(base: str, link: str) -> str | None:
    """The link as an address without its fragment; None for what is no page of the web."""
    try:
        parts = urlsplit(urljoin(base, link.strip()))
        host, port = _host(parts.hostname), parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in PORTS or not host or parts.username is not None:
        return None
    place = f"[{host}]" if ":" in host else host
    if port not in {None, PORTS[parts.scheme]}:
        place = f"{place}:{port}"
    path, query = quote(parts.path or "/", safe=SAFE), quote(parts.query, safe=SAFE)
    found = urlunsplit((parts.scheme, place, path, query, ""))
    return found if len(found) <= MOST_CHARACTERS else None


def host_of(url: str) -> str:
    return _host(urlsplit(url).hostname)


def is_same_site(url: str, host: str) -> bool:
    """The host of the start, on the ports of the web; with or without TLS."""
    parts = urlsplit(url)
    return _host(parts.hostname) == host and parts.port in {None, PORTS[parts.scheme]}


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def is_file(url: str) -> bool:
    """True for what by its ending is no page."""
    return FILE.search(urlsplit(url).path) is not None


def is_trap(url: str) -> bool:
    """Calendars and relative links that lead ever deeper have paths that no page has."""
    segments = [one for one in urlsplit(url).path.split("/") if one]
    return len(segments) > MOST_SEGMENTS or any(segments.count(one) > MOST_REPEATS for one in set(segments))


def _host(name: str | None) -> str:
    host = (name or "").rstrip(".")
    return host if host.isascii() else host.encode("idna").decode("ascii")
