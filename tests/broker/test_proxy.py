"""The egress socket as a hostile client meets it, and a tunnel from its first byte to its last."""

import asyncio
import base64
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from agent_platform.broker.proxy import Proxy
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.settings import get_settings
from tests.doubles.upstream import serving
from tests.services.runs.conftest import Bench

pytestmark = pytest.mark.sec


@pytest.fixture
def open_port(upstream, monkeypatch):
    """The one port of this machine that this installation lets agents reach."""
    monkeypatch.setenv("AP_EGRESS_LOOPBACK_PORTS", str(upstream.server_port))
    return upstream.server_port


@pytest.fixture
def bench(open_port, hidden, settings):
    made = Bench("free")
    ports = [open_port, hidden.server_port]
    made.release("reader", network=[{"host": "*", "ports": ports, "methods": ["GET"], "why": "Reads."}])
    made.run = made.running(slug="reader", accept_permissions=True)
    made.token = made.driver.started[-1].token
    return made


@pytest.fixture
async def ask(bench, tmp_path):
    """Sends raw bytes with the run's token put in for TOKEN; gives the answer's first line, or `keep` the open connection."""
    path = tmp_path / "egress.sock"
    with acting_as("broker"):
        server = await Proxy().serve(path)

        async def send(raw: str, *, keep: bool = False):
            reader, writer = await asyncio.open_unix_connection(path)
            secret = base64.b64encode(f"run:{bench.token}".encode()).decode()
            writer.write(raw.replace("AUTH", f"Proxy-Authorization: Basic {secret}").replace("\n", "\r\n").encode())
            line = (await reader.readline()).decode().strip()
            if keep:
                await reader.readuntil(b"\r\n")
                return reader, writer
            rest = await reader.read()
            writer.close()
            return f"{line} | {rest.decode(errors='replace')}"

        async with server:
            yield send


def log_of(bench):
    with tenant_session(bench.consumer) as session:
        return [
            tuple(row)
            for row in session.execute(
                text("SELECT method, host, status, refused, failed FROM app.run_egress ORDER BY seq")
            )
        ]


async def test_whoever_shows_no_token_learns_nothing(ask, bench, open_port, upstream):
    dead = base64.b64encode(f"run:{bench.token[:-1]}x".encode()).decode()
    for header in (
        "",
        "Proxy-Authorization: Basic !!!\n",
        f"Proxy-Authorization: Basic {dead}\n",
        "Proxy-Authorization: Bearer x\n",
    ):
        answer = await ask(f"CONNECT 127.0.0.1:{open_port} HTTP/1.1\n{header}\n")
        assert answer.startswith("HTTP/1.1 407"), answer
    assert (upstream.connections, log_of(bench)) == (0, [])


@pytest.mark.parametrize(
    "raw",
    [
        "nonsense\n\n",
        "GET / HTTP/1.1\nAUTH\n\n",
        "GET https://127.0.0.1/ HTTP/1.1\nAUTH\n\n",
        "TRACE http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\n\n",
        "GET http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\nTransfer-Encoding: chunked\n\n0\n\n",
        "GET http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\nContent-Length: 1\nContent-Length: 2\n\nxx",
        "GET http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\nBad Header: 1\n\n",
        "GET http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\n folded: 1\n\n",
        "GET  http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\n\n",
        "CONNECT 127.0.0.1 HTTP/1.1\nAUTH\n\n",
        "CONNECT 127.0.0.1:99999 HTTP/1.1\nAUTH\n\n",
        "CONNECT me@127.0.0.1:PORT HTTP/1.1\nAUTH\n\n",
        "POST http://127.0.0.1:PORT/ HTTP/1.1\nAUTH\nContent-Length: 1\n\nx",
    ],
)
async def test_what_two_readers_could_read_differently_reaches_nobody(ask, open_port, upstream, raw):
    answer = await ask(raw.replace("PORT", str(open_port)))
    assert answer.split()[1] in {"403", "422"}, answer
    assert upstream.connections == 0


async def test_an_undeclared_port_and_an_address_inside_open_no_connection(ask, bench, hidden, upstream):
    assert "not among the ports" in await ask("CONNECT example.com:443 HTTP/1.1\nAUTH\n\n")
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433"):
        assert (await ask(f"CONNECT {host}:{hidden.server_port} HTTP/1.1\nAUTH\n\n")).split()[1] in {"403", "502"}
    assert hidden.connections == 0
    assert [row[3] or row[4] for row in log_of(bench)][:3] == ["port", "address", "address"]


async def test_a_name_that_leads_inside_at_the_second_look_is_refused(ask, bench, hidden, monkeypatch):
    """Rebinding: the name is looked up once, by who connects, and every address must be public."""
    import socket

    async def answer(*_, **__):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, hidden.server_port)) for a in ("93.184.216.34", "127.0.0.1")
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answer)
    assert (await ask(f"CONNECT rebinding.example:{hidden.server_port} HTTP/1.1\nAUTH\n\n")).split()[1] == "403"
    assert hidden.connections == 0
    assert log_of(bench) == [("CONNECT", "rebinding.example", None, "address", None)]


async def test_a_plain_request_is_passed_without_the_token(ask, bench, open_port, upstream):
    answer = await ask(f"GET http://127.0.0.1:{open_port}/a?b=1 HTTP/1.1\nAUTH\nX-Mine: 1\nConnection: X-Mine\n\n")
    assert answer.startswith("HTTP/1.1 200"), answer
    assert "hello" in answer
    ((_, path, headers, _),) = upstream.seen
    assert path == "/a?b=1"
    assert not {"Proxy-Authorization", "X-Mine"} & set(headers)
    assert bench.token not in str(headers)


async def test_a_tunnel_is_cut_within_seconds_of_the_end_of_its_attempt(ask, bench, open_port):
    reader, writer = await ask(f"CONNECT 127.0.0.1:{open_port} HTTP/1.1\nAUTH\n\n", keep=True)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in await reader.readline()
    bench.end(bench.run, phase="lost", reason="lost", exit_code=None)
    while await asyncio.wait_for(reader.read(4096), 10):
        continue
    writer.close()
    for _ in range(50):
        if log_of(bench)[-1][2]:
            break
        await asyncio.sleep(0.05)
    assert log_of(bench)[-1] == ("CONNECT", "127.0.0.1", 200, None, "attempt_over")


async def test_tls_is_spoken_with_the_far_side_itself(ask, bench, tmp_path, monkeypatch):
    server_side, client_side = contexts(tmp_path)
    with serving(server_side) as secure:
        monkeypatch.setenv("AP_EGRESS_LOOPBACK_PORTS", str(secure.server_port))
        get_settings.cache_clear()
        with tenant_session(bench.consumer) as session:
            session.execute(
                text(
                    "UPDATE app.runs SET options = jsonb_set(options, '{network,0,ports}', to_jsonb(array[CAST(:port AS int)]))"
                ),
                {"port": secure.server_port},
            )
        reader, writer = await ask(f"CONNECT 127.0.0.1:{secure.server_port} HTTP/1.1\nAUTH\n\n", keep=True)
        await writer.start_tls(client_side, server_hostname="127.0.0.1")
        writer.write(b"GET /inside HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"200 OK" in await reader.readline()
        writer.close()
        assert [path for _, path, _, _ in secure.seen] == ["/inside"]


def contexts(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "upstream")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(pem + private)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(folder / "both.pem")
    return server_side, ssl.create_default_context(cadata=pem.decode())
