import uuid

import aiohttp
import pytest

pytestmark = pytest.mark.sec
REQUIRED = (
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "x-request-id",
)
FOREIGN = (
    "https://evil.example",
    "null",
    None,
    "http://globex.localhost:{port}",
    "http://localhost:{port}",
    "http://acme.localhost.evil.example:{port}",
    "http://evilacme.localhost:{port}",
    "https://acme.localhost:{port}",
    "http://acme.localhost:1",
    "http://acme.localhost:{port}/path",
    "http://user@acme.localhost:{port}",
)


def origin_of(pattern: str | None, port: int) -> str | None:
    return pattern.format(port=port) if pattern else None


@pytest.mark.parametrize("pattern", FOREIGN)
async def test_a_socket_from_another_origin_is_refused_before_it_opens(visit, world, pattern):
    visitor = visit("acme.localhost", world.owner)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.connect(Origin=origin_of(pattern, visitor.port))
    assert refused.value.status == 403
    assert [name for name in REQUIRED if name not in refused.value.headers] == []


async def test_a_socket_from_its_own_page_is_opened(visit, world):
    socket = await visit("acme.localhost", world.owner).connect()
    assert (await socket.receive()).data.startswith("0{")


@pytest.mark.parametrize("pattern", [*FOREIGN, "http://acme.localhost:{port}"])
async def test_polling_is_refused_from_anywhere(visit, world, pattern):
    visitor = visit("acme.localhost", world.owner)
    for method in ("GET", "POST"):
        path = f"/_event/?EIO=4&transport=polling&token={uuid.uuid4()}"
        answer = await visitor.request(method, path, Origin=origin_of(pattern, visitor.port))
        assert answer.status >= 400
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("unknown.localhost", 421),
        ("a.acme.localhost", 421),
        ("acme.localhost.evil.example", 421),
        ("acme.localhost.", 421),
        ("127.0.0.1", 421),
        ("acme_.localhost", 400),
        ("acme.localhost:80:80", 400),
        ("acme.localhost/x", 400),
        ("ac me.localhost", 400),
    ],
)
async def test_a_host_that_is_not_ours_is_refused(visit, world, host, status):
    visitor = visit()
    answer = await visitor.get("/auth/start", Host=host)
    assert answer.status == status
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await visitor.connect(Host=host, Origin=f"http://{host}")
    assert refused.value.status == status


async def test_case_and_port_of_the_host_do_not_matter(visit, world):
    visitor = visit("acme.localhost", world.member)
    visitor.host = "ACME.LocalHost"
    tab = await visitor.open_tab()
    await tab.call("change")
    await tab.until(lambda: tab.probe.get("seen") == "change acme")


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host"])
async def test_other_headers_do_not_choose_the_workspace(visit, world, name):
    visitor = visit("acme.localhost", world.owner)
    headers = visitor.headers() | {name: "host=globex.localhost" if name == "Forwarded" else "globex.localhost"}
    async with visitor.http.get(f"http://127.0.0.1:{visitor.port}/healthz", headers=headers) as answer:
        assert answer.status == 200
    assert "globex" not in str(answer.headers)


@pytest.mark.parametrize("pattern", [p for p in FOREIGN if p])
async def test_no_answer_is_shared_with_another_origin(visit, world, pattern):
    visitor = visit("acme.localhost", world.owner)
    origin = origin_of(pattern, visitor.port)
    for path in ("/ping", "/healthz", "/auth/start", "/nowhere", "/_event/", "/_upload"):
        for method, more in (("GET", {}), ("OPTIONS", {"Access-Control-Request-Method": "POST"}), ("POST", {})):
            answer = await visitor.request(method, path, Origin=origin, **more)
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")], (method, path)


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "/healthz", {}),
        ("GET", "/nowhere", {}),
        ("GET", "/auth/start", {}),
        ("POST", "/auth/sign-out", {"Origin": "https://evil.example"}),
        ("POST", "/_upload", {}),
        ("DELETE", "/healthz", {}),
        ("GET", "/healthz/", {}),
        ("OPTIONS", "/ping", {"Access-Control-Request-Method": "POST"}),
        ("GET", "/auth/start", {"Host": "evil.example"}),
        ("GET", "/_event/?transport=polling", {}),
    ],
)
async def test_every_answer_carries_the_security_headers(visit, world, method, path, more):
    answer = await visit("acme.localhost").request(method, path, **more)
    assert [name for name in REQUIRED if name not in answer.headers] == []
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "'unsafe-eval'" not in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "'unsafe-inline'" not in script


async def test_an_unsafe_method_without_origin_is_refused(visit, world):
    answer = await visit("acme.localhost", world.owner).request("POST", "/auth/sign-out", Origin=None)
    assert answer.status == 403


async def test_machine_routes_need_no_origin(visit, world):
    answer = await visit("acme.localhost").request("POST", "/v1/nothing", Origin=None)
    assert answer.status == 404


async def test_an_upload_needs_a_member_before_its_first_byte(visit, world):
    for visitor, status in (
        (visit("acme.localhost"), 401),
        (visit("globex.localhost", world.owner), 403),
    ):
        answer = await visitor.request("POST", "/uploads", body=b"x")
        assert answer.status == status
    assert (await visit("acme.localhost", world.owner).request("POST", "/_upload", body=b"x")).status == 404


MULTIPART = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "*/*"}
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n'


@pytest.mark.parametrize("body", [b"nonsense", PART * 2 + b"--x--"])
async def test_an_upload_that_cannot_be_read_is_a_problem_that_says_how(visit, world, body):
    answer = await visit("acme.localhost", world.owner).request("POST", "/uploads", body=body, **MULTIPART)
    assert (answer.status, answer.content_type) == (422, "application/problem+json")
    assert "Send one file" in (await answer.json())["detail"]


async def test_the_server_is_ready(visit, world):
    answer = await visit().get("/readyz", Host="10.0.0.1:8080")
    assert answer.status == 200


async def test_one_address_cannot_open_sockets_without_end(visit, world):
    visitor = visit()

    async def open_many() -> list[aiohttp.ClientWebSocketResponse]:
        return [await visitor.connect() for _ in range(60)]

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await open_many()
    assert refused.value.status == 429
    assert int(refused.value.headers["retry-after"]) > 0
    honest = await visit().connect()
    assert (await honest.receive()).data.startswith("0{")


async def test_an_address_behind_a_proxy_is_counted_from_the_trusted_end(visit, world):
    visitor = visit()
    refused = None
    for number in range(60):
        visitor.address = f"203.0.113.{number}, 198.51.100.200"  # the left part is what the client claims
        try:
            await visitor.connect()
        except aiohttp.WSServerHandshakeError as error:
            refused = error
            break
    assert refused is not None
    assert refused.status == 429
