"""The one HTTP client: resolves a name once, checks every address, and connects to the address it checked.

Source of the rules: security document, section 8.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
import weakref
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2

from agent_platform.core.errors import AppError
from agent_platform.core.settings import LOOPBACK, Settings

CONNECT_SECONDS = 5
MOST_REDIRECTS = 3
HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]{2,45}")
MOST_AT_ONCE = 8
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEPT_ON_REDIRECT = frozenset({"accept", "accept-language", "content-type", "user-agent"})
# ipaddress.is_global calls several of these global, so the list is our own
DENIED_RANGES = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 168.63.129.16/32 ::/96 ::ffff:0:0/96 64:ff9b::/96
 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8"""
DENIED = tuple(map(ipaddress.ip_network, DENIED_RANGES.split()))

_turns: weakref.WeakValueDictionary[tuple, asyncio.Semaphore] = weakref.WeakValueDictionary()
RequestFailed = httpx2.HTTPError  # what callers of `transport` catch without importing a client
RequestTimedOut = httpx2.TimeoutException
ConnectFailed = (httpcore2.NetworkError, httpcore2.TimeoutException)


class AddressRefused(AppError):
    """Nothing was connected."""

    status = 422
    code = "address_refused"


class AnswerRefused(AppError):
    """The far side answered too much or led in circles."""

    status = 502
    code = "upstream_refused"


@dataclass(frozen=True)
class Reach:
    """What one feature may contact. `loopback_ports` opens exactly these ports of this machine, for local mode and tests."""

    ports: frozenset[int] = frozenset({80, 443})
    loopback_ports: frozenset[int] = frozenset()
    schemes: frozenset[str] = frozenset({"https"})
    seconds: float = 30
    most_bytes: int = 1 << 20


@dataclass(frozen=True)
class Answer:
    """`body` is decompressed; `url` is where it came from after redirects."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    url: str


@dataclass(frozen=True)
class Target:
    """An address parsed once: what is checked is what is used. `resource` is path and query; `host` is lower-case ASCII."""

    url: httpx2.URL
    scheme: str
    host: str
    port: int
    resource: str


@dataclass(frozen=True)
class Streamed:
    """An answer whose body is still on its way: raw, as the far side encoded it."""

    status: int
    headers: list[tuple[str, str]]
    chunks: AsyncIterator[bytes]


def is_public(address: str) -> bool:
    """True if the address lies in no denied network of its version."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return not any(parsed in network for network in DENIED if network.version == parsed.version)


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """Opens a connection only to an address it has checked itself."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._inner: Any = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's name
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(self._may_reach(address, port) for address in addresses):
            raise AddressRefused(f"{host} port {port} is not a public address, so nothing was sent. Use a public one.")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        raise AddressRefused("Sockets of this machine cannot be reached from here. Nothing was sent.")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def _may_reach(self, address: str, port: int) -> bool:
        if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
            return port in self._reach.loopback_ports
        return port in self._reach.ports and is_public(address)


def transport(reach: Reach) -> httpx2.AsyncHTTPTransport:
    """A transport for libraries that bring their own client (sign-in); give it `trust_env=False` and no redirects."""
    made = httpx2.AsyncHTTPTransport(verify=_tls(), trust_env=False)
    # the public argument list has no backend; tests/core/test_http.py fails if a new version stops calling ours
    made._pool = httpcore2.AsyncConnectionPool(network_backend=CheckedBackend(reach), ssl_context=_tls())  # noqa: SLF001
    return made


def configured_reach(settings: Settings, *urls: str) -> Reach:
    """For addresses that the operator configured: https, in local mode also plain http to loopback ports named in them."""
    parts = [urlsplit(url) for url in urls]
    if settings.env != "local":
        return Reach(ports=frozenset({443, *(part.port for part in parts if part.port)}))
    loopback = frozenset(part.port or 80 for part in parts if part.hostname in LOOPBACK)
    return Reach(loopback_ports=loopback, schemes=frozenset({"https", "http"} if loopback else {"https"}))


def egress_reach(settings: Settings) -> Reach:
    """For agents: the operator's ports of the internet, and in local mode the loopback ports that the settings name."""
    loopback = _ports(settings.egress_loopback_ports) if settings.env == "local" else frozenset()
    return Reach(_ports(settings.egress_ports), loopback, frozenset({"http", "https"}))


def parse_target(url: str) -> Target:
    """Raises: AddressRefused for anything but an http or https address of a host, without a password in it."""
    try:
        parsed = httpx2.URL(url)
        host, port = parsed.raw_host.decode("ascii").lower().rstrip("."), parsed.port
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise AddressRefused(f"This is not an address: {error}. Nothing was sent.") from error
    if parsed.scheme not in {"http", "https"} or not HOST.fullmatch(host) or parsed.userinfo:
        raise AddressRefused("Only http and https addresses without a password in them are used. Nothing was sent.")
    return Target(
        parsed, parsed.scheme, host, port or (443 if parsed.scheme == "https" else 80), parsed.raw_path.decode("ascii")
    )


@asynccontextmanager
async def streamed(
    target: Target, *, reach: Reach, method: str, headers: list[tuple[str, str]], content: bytes | None
) -> AsyncIterator[Streamed]:
    """One guarded request, no redirect followed; `reach.seconds` bounds each wait, the caller bounds the whole.

    Raises: AddressRefused, RequestFailed.
    """
    timeout = httpx2.Timeout(reach.seconds, connect=CONNECT_SECONDS)
    async with (
        httpx2.AsyncClient(transport=transport(reach), trust_env=False, timeout=timeout) as client,
        client.stream(method, target.url, headers=headers, content=content) as response,
    ):
        yield Streamed(response.status_code, response.headers.multi_items(), response.aiter_raw(1 << 16))


async def connect(host: str, port: int, *, reach: Reach) -> httpcore2.AsyncNetworkStream:
    """An open connection to a checked address. Raises: AddressRefused, ConnectFailed."""
    return await CheckedBackend(reach).connect_tcp(host, port, CONNECT_SECONDS)


async def fetch(
    url: str,
    *,
    reach: Reach,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    content: bytes | None = None,
    tenant: object = None,
) -> Answer:
    """The answer of a guarded request. A redirect is a new guarded request without credentials, at most 3.

    Raises: AddressRefused, AnswerRefused, RequestFailed, TimeoutError.
    """
    async with asyncio.timeout(reach.seconds), _turn(tenant, urlsplit(url).hostname):
        return await _follow(url, reach, method, dict(headers or {}), content)


async def _follow(url: str, reach: Reach, method: str, headers: dict[str, str], content: bytes | None) -> Answer:
    for _ in range(MOST_REDIRECTS + 1):
        answer = await _once(url, reach, method, headers, content)
        target = answer.headers.get("location")
        if answer.status not in REDIRECTS or not target:
            return answer
        url = urljoin(url, target)
        headers = {name: value for name, value in headers.items() if name.lower() in KEPT_ON_REDIRECT}
        if answer.status in {301, 302, 303} and method != "HEAD":
            method, content = "GET", None
    raise AnswerRefused("The address leads from one page to the next without end. Nothing was stored.")


async def _once(url: str, reach: Reach, method: str, headers: dict[str, str], content: bytes | None) -> Answer:
    parsed = httpx2.URL(url)
    if parsed.scheme not in reach.schemes or not parsed.host or parsed.userinfo:
        raise AddressRefused(
            f"Only {' or '.join(sorted(reach.schemes))} addresses without a password in them are used."
        )
    timeout = httpx2.Timeout(reach.seconds, connect=CONNECT_SECONDS)
    async with (
        httpx2.AsyncClient(transport=transport(reach), trust_env=False, timeout=timeout) as client,
        client.stream(method, parsed, headers=headers, content=content) as response,
    ):
        body = bytearray()
        async for chunk in response.aiter_bytes(1 << 16):
            body += chunk
            if len(body) > reach.most_bytes:
                raise AnswerRefused(f"The answer has more than {reach.most_bytes:,} bytes. Nothing was stored.")
        return Answer(response.status_code, dict(response.headers), bytes(body), str(parsed))


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


def _ports(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.replace(",", " ").split())


def _turn(tenant: object, host: str | None) -> asyncio.Semaphore:
    key = (id(asyncio.get_running_loop()), tenant, host)
    turn = _turns.get(key)
    if turn is None:
        turn = _turns[key] = asyncio.Semaphore(MOST_AT_ONCE)
    return turn
