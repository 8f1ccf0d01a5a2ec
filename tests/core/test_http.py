import asyncio
import ipaddress
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore2
import httpx2
import pytest

from agent_platform.core.http import (
    DENIED,
    AddressRefused,
    AnswerRefused,
    CheckedBackend,
    Reach,
    RequestFailed,
    configured_reach,
    fetch,
    is_public,
    transport,
)
from agent_platform.core.settings import Settings


class Handler(BaseHTTPRequestHandler):
    seen: list[tuple[str, dict]]

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers)))
        if self.path.startswith("/to/"):
            self._answer(302, b"", location=self.path.removeprefix("/to/"))
        elif self.path == "/again":
            self._answer(302, b"", location="/again")
        elif self.path == "/big":
            self._answer(200, b"x" * 5_000)
        else:
            self._answer(200, b"hello")

    def log_message(self, *_) -> None:
        """Quiet."""

    def _answer(self, status: int, body: bytes, *, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving():
    seen: list[tuple[str, dict]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"seen": seen}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reach_of(*ports: int, **limits) -> Reach:
    return Reach(loopback_ports=frozenset(ports), schemes=frozenset({"http"}), **limits)


@pytest.mark.sec
@pytest.mark.parametrize(
    "address",
    [
        *(str(network[0]) for network in DENIED),
        *(str(network[-1]) for network in DENIED),
        *("127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "172.31.255.255", "100.64.1.1", "255.255.255.255"),
        *(
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "fe80::1%eth0",
            "fc00::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ),
    ],
)
def test_internal_and_reserved_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "140.82.121.3", "2606:4700::1111", "172.32.0.1", "100.63.255.255"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


def test_both_versions_have_denied_ranges():
    assert {network.version for network in DENIED} == {4, 6}
    assert ipaddress.ip_network("127.0.0.0/8") in DENIED


@pytest.mark.sec
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_is_refused_without_a_connection_however_it_is_written(host):
    with serving() as (port, seen):
        with pytest.raises((AddressRefused, RequestFailed)):
            await fetch(f"http://{host}:{port}/", reach=Reach(ports=frozenset({port}), schemes=frozenset({"http"})))
        assert seen == []


@pytest.mark.sec
async def test_one_internal_address_among_the_names_addresses_refuses_the_name(monkeypatch):
    with serving() as (port, seen):
        loop = asyncio.get_running_loop()

        async def answer(*_, **__):
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("93.184.216.34", "10.0.0.7")]

        monkeypatch.setattr(loop, "getaddrinfo", answer)
        backend = CheckedBackend(Reach(ports=frozenset({port})))
        with pytest.raises(AddressRefused):
            await backend.connect_tcp("rebinding.example", port)
        assert seen == []


@pytest.mark.sec
async def test_the_checked_address_is_the_one_connected_to_and_a_name_is_resolved_once(monkeypatch):
    with serving() as (port, _):
        loop, asked = asyncio.get_running_loop(), []
        first = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        async def answer(host, *_, **__):
            asked.append(host)
            return first

        monkeypatch.setattr(loop, "getaddrinfo", answer)
        stream = await CheckedBackend(reach_of(port)).connect_tcp("name.example", port)
        await stream.aclose()
        assert asked == ["name.example"]


async def test_a_loopback_port_that_was_named_answers_and_no_other():
    with serving() as (port, _), serving() as (other, seen):
        assert (await fetch(f"http://127.0.0.1:{port}/x", reach=reach_of(port))).body == b"hello"
        with pytest.raises(AddressRefused):
            await fetch(f"http://127.0.0.1:{other}/x", reach=reach_of(port))
        assert seen == []


@pytest.mark.sec
async def test_a_redirect_is_checked_again_and_carries_no_credentials():
    with serving() as (port, seen), serving() as (other, hidden):
        headers = {
            "Authorization": "Bearer x",
            "Cookie": "a=b",
            "X-Api-Key": "k",
            "X-Token": "t",
            "Accept": "text/plain",
        }
        answer = await fetch(
            f"http://127.0.0.1:{port}/to/http://127.0.0.1:{port}/end", reach=reach_of(port), headers=headers
        )
        assert (answer.body, answer.url) == (b"hello", f"http://127.0.0.1:{port}/end")
        assert seen[0][1]["Authorization"] == "Bearer x"
        assert not {"Authorization", "Cookie", "X-Api-Key", "X-Token"} & set(seen[1][1])
        with pytest.raises(AddressRefused):
            await fetch(f"http://127.0.0.1:{port}/to/http://127.0.0.1:{other}/", reach=reach_of(port))
        with pytest.raises(AddressRefused):
            await fetch(f"http://127.0.0.1:{port}/to/file:///etc/passwd", reach=reach_of(port))
        assert hidden == []


async def test_a_fourth_redirect_is_not_followed():
    with serving() as (port, seen):
        with pytest.raises(AnswerRefused):
            await fetch(f"http://127.0.0.1:{port}/again", reach=reach_of(port))
        assert len(seen) == 4


async def test_an_answer_is_cut_off_at_its_limit():
    with serving() as (port, _), pytest.raises(AnswerRefused):
        await fetch(f"http://127.0.0.1:{port}/big", reach=reach_of(port, most_bytes=4_999))


@pytest.mark.sec
@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "http:///x", "gopher://x/"]
)
async def test_other_schemes_and_addresses_with_a_password_are_refused(url):
    with pytest.raises((AddressRefused, RequestFailed)):
        await fetch(url, reach=reach_of(80))


@pytest.mark.sec
async def test_the_transport_calls_our_backend_and_no_proxy(monkeypatch):
    with serving() as (port, seen):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        async with httpx2.AsyncClient(transport=transport(Reach()), trust_env=False) as client:
            with pytest.raises(AddressRefused):
                await client.get(f"http://127.0.0.1:{port}/")
        assert seen == []


@pytest.mark.sec
async def test_sockets_of_this_machine_are_refused():
    with pytest.raises(AddressRefused):
        await CheckedBackend(Reach()).connect_unix_socket("/run/postgres")
    assert issubclass(CheckedBackend, httpcore2.AsyncNetworkBackend)


@pytest.mark.sec
def test_configured_loopback_addresses_are_reached_in_local_mode_only():
    url = "http://127.0.0.1:4567"
    local = configured_reach(Settings(_env_file=None, AP_ENV="local"), url, "https://api.github.com")
    assert (local.loopback_ports, local.ports) == (frozenset({4567}), frozenset({80, 443}))
    assert configured_reach(Settings(_env_file=None, AP_ENV="production"), url).loopback_ports == frozenset()
