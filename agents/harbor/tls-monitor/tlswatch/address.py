"""The addresses to check: read strictly, each once."""

from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


class BadAddress(Exception):
    """One of the addresses cannot be checked; the text says which and what to change."""


@dataclass(frozen=True)
class Address:
    """`host` is in ASCII as it is looked up; `url` as it was given, trimmed."""

    url: str
    scheme: str
    host: str

    @property
    def plain_url(self) -> str:
        """The first page of the host over plain HTTP."""
        return f"http://{_bracketed(self.host)}/"


def read_addresses(urls: list[str]) -> list[Address]:
    """Each different address, in order. Raises: BadAddress."""
    found = [_read(url.strip()) for url in urls if url.strip()]
    if not found:
        raise BadAddress("Give at least one address, such as https://example.com/.")
    return list({address.url: address for address in found}.values())


def host_of(url: str) -> str:
    """The host in ASCII and lower case. Raises: ValueError."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host if host.isascii() else host.encode("idna").decode("ascii")


def _read(url: str) -> Address:
    shown = url[:100]
    try:
        parts = urlsplit(url)
        port = parts.port
        host = host_of(url)
    except (ValueError, UnicodeError):
        raise BadAddress(f"{shown} is not an address. Write one such as https://example.com/.") from None
    if parts.scheme not in PORTS or not host:
        raise BadAddress(f"{shown} is not an address of the web. Begin it with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("An address holds a name or password. Take it out: rows and logs would show it.")
    if port not in {None, PORTS[parts.scheme]}:
        raise BadAddress(f"{shown} names port {port}. Only 443 of https and 80 of http are checked; take the port out.")
    return Address(url, parts.scheme, host)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
