import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from agent_platform.core.floods import Bucket
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from agent_platform.services import tenancy
from tests.edge.asgi import ask

OWN = {"Host": "localhost:3000", "Origin": "http://localhost:3000"}


async def echo(scope, receive, send):
    visit = scope["state"]["ap"]
    shown = {name: str(value) for name, value in visit.items()} | {"path": scope["path"]}
    await JSONResponse(shown)(scope, receive, send)


async def swallow(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def fail(request: Request) -> Response:
    raise ZeroDivisionError("the cookie is not in the answer")


reader = Starlette(routes=[Route("/read", swallow, methods=["POST"]), Route("/fail", fail)])


async def test_the_application_learns_host_tenant_and_address(through, acme):
    answer = await through(echo, "/runs", headers={"Host": "ACME.localhost:3000"})
    assert answer.status == 200
    shown = __import__("json").loads(answer.body)
    assert shown | {"request_id": "", "path": ""} == {
        "request_id": "",
        "host": "acme.localhost:3000",
        "address": "198.51.100.7",
        "tenant_id": str(acme),
        "tenant_slug": "acme",
        "counted": "False",
        "path": "",
    }
    assert shown["request_id"] == answer.headers["x-request-id"]


async def test_two_host_headers_are_refused(through):
    answer = await through(echo, headers=[("Host", "localhost:3000"), ("Host", "acme.localhost")])
    assert answer.status == 400


async def test_a_cookie_planted_in_a_second_header_is_seen(through):
    async def visitor(scope, receive, send):
        await PlainTextResponse(str(scope["state"]["visitor"].token_hash))(scope, receive, send)

    own, planted = ("Cookie", f"ap_sid={'A' * 43}"), ("Cookie", f"ap_sid={'B' * 43}")
    host = ("Host", "localhost:3000")
    assert (await through(visitor, headers=[host, own])).body != b"None"
    assert (await through(visitor, headers=[host, own, planted])).body == b"None"


async def test_a_request_without_host_is_refused(through):
    assert (await through(echo, headers={})).status == 400


async def test_a_deleted_workspace_has_no_address(through, acme, database):
    import psycopg

    with psycopg.connect(database.platform) as connection:
        connection.execute("update app.tenants set deleted_at = now() where id = %s", (acme,))
    assert (await through(echo, headers={"Host": "acme.localhost:3000"})).status == 421


async def test_a_workspace_that_moved_leads_to_its_new_address(through, acme, settings):
    from tests.doubles.people import inside

    inside(acme, tenancy.change_slug, slug="apex", by=_owner_of(acme))
    answer = await through(echo, "/runs?page=2", headers={"Host": "acme.localhost:3000"})
    assert (answer.status, answer.headers["location"]) == (308, f"{settings.tenant_url('apex')}/runs?page=2")


async def test_forwarding_headers_count_only_from_trusted_proxies(through, monkeypatch, built):
    headers = {"Host": "localhost:3000", "X-Forwarded-For": "1.1.1.1, 2.2.2.2"}
    assert b'"198.51.100.7"' in (await through(echo, headers=headers)).body
    monkeypatch.setenv("TRUSTED_PROXY_HOPS", "1")
    get_settings.cache_clear()
    answer = await ask(Edge(echo, get_settings(), built), headers=headers)
    assert b'"2.2.2.2"' in answer.body


async def test_a_built_page_is_served_without_a_redirect(through):
    assert b'"/agents/"' in (await through(echo, "/agents")).body


async def test_an_address_that_asks_for_too_much_is_refused_before_anybody_reads_it(through):
    async def unread(_scope, _receive, _send):
        pytest.fail("The application was asked.")

    answer = await through(unread, f"/agents?category={'web,' * 3_000}")
    assert answer.status == 414
    assert b"8,192 bytes" in answer.body
    assert (await through(echo, f"/sign-in?next=/{'x' * 8_186}")).status == 200


async def test_a_body_is_counted_while_it_streams(through):
    chunks = (b"x" * (256 << 10) for _ in range(5))
    answer = await through(reader, "/read", method="POST", headers=OWN, body=chunks)
    assert answer.status == 413
    assert b"Nothing was stored" in answer.body
    whole = await through(reader, "/read", method="POST", headers=OWN, body=(b"x" * (1 << 20),))
    assert (whole.status, whole.body) == (200, str(1 << 20).encode())


async def test_a_body_that_declares_too_much_is_refused_unread(through):
    async def unread(_scope, _receive, _send):
        pytest.fail("The application was asked.")

    for declared, status in ((str((1 << 20) + 1), 413), ("-1", 400), ("many", 400)):
        answer = await through(unread, "/read", method="POST", headers=OWN | {"Content-Length": declared})
        assert answer.status == status


async def test_only_the_very_address_of_uploads_takes_files(through):
    length = {**OWN, "Content-Length": str(2 << 20)}
    assert (await through(reader, "/uploadsXYZ", method="POST", headers=length)).status == 413
    refused = await through(reader, "/uploads", method="POST", headers={**OWN, "Content-Length": str(101 << 20)})
    assert refused.headers["content-type"] == "application/problem+json"


async def test_a_visitor_s_file_is_refused_unread_beyond_a_megabyte_and_its_form(through):
    for path, most in (("/uploads/demo/maker/counter", (1 << 20) + (64 << 10)), ("/uploads/demoX", 1 << 20)):
        length = {**OWN, "Content-Length": str(most + 1)}
        refused = await through(reader, path, method="POST", headers=length)
        assert (refused.status, b"At most 1 MiB" in refused.body) == (413, True)
        passed = await through(reader, path, method="POST", headers={**OWN, "Content-Length": str(most)})
        assert passed.status == 404
    problem = await through(reader, "/uploads/demo/maker/counter", method="POST", headers={"Host": OWN["Host"]})
    assert (problem.status, problem.headers["content-type"]) == (403, "application/problem+json")


async def test_a_body_that_lies_about_its_length_is_counted_all_the_same(through):
    headers = OWN | {"Content-Length": "5"}
    answer = await through(reader, "/read", method="POST", headers=headers, body=(b"x" * (2 << 20),))
    assert answer.status == 413


async def test_a_failure_is_answered_with_a_reference_and_nothing_else(through):
    answer = await through(reader, "/fail")
    assert answer.status == 500
    assert b"cookie" not in answer.body


async def test_a_page_that_failed_is_light_or_dark_and_leads_back_to_itself(through):
    async def broken(_scope, _receive, _send):
        raise ZeroDivisionError

    failed = await through(broken, "/", headers={**OWN, "Accept": "text/html"})
    assert failed.status == 500
    for said in (b"color-scheme content='light dark'", b'<a href="">Load it again</a>', b"nothing was charged"):
        assert said in failed.body
    refused = await through(reader, "/nowhere//", headers={**OWN, "Accept": "text/html"})
    assert (refused.status, b"Load it again" in refused.body) == (404, False)


async def test_people_get_a_page_and_programs_get_text(through):
    page = await through(echo, headers={"Host": "evil.example", "Accept": "text/html,*/*"})
    assert page.headers["content-type"].startswith("text/html")
    assert b"http://localhost:3000" in page.body
    text = await through(echo, headers={"Host": "evil.example"})
    assert text.headers["content-type"].startswith("text/plain")


@pytest.fixture
def edge(settings, built):
    """No time passes for its limit, however slow the machine is."""
    edge = Edge(echo, settings, built)
    edge.requests = Bucket(edge.requests.rate, edge.requests.burst, clock=lambda: 0.0)
    return edge


async def test_a_flood_of_one_address_does_not_touch_another(edge):
    answers = [await ask(edge, headers={"Host": "localhost:3000"}) for _ in range(450)]
    assert {answer.status for answer in answers} == {200, 429}
    other = await ask(edge, headers={"Host": "localhost:3000"}, client=("198.51.100.8", 1))
    assert other.status == 200


async def test_a_flood_from_many_addresses_of_one_ipv6_customer_is_one_flood(edge):
    answers = [
        await ask(edge, headers={"Host": "localhost:3000"}, client=(f"2001:db8:1:2::{n:x}", 1)) for n in range(450)
    ]
    assert {answer.status for answer in answers} == {200, 429}


async def test_a_refused_socket_is_closed_where_the_server_cannot_answer(through):
    answer = await through(echo, "/_event", type="websocket", headers={"Host": "localhost:3000"})
    assert answer.closed == 1008


async def test_the_framework_s_own_upload_is_closed(through):
    assert (await through(echo, "/_upload", method="POST", headers=OWN)).status == 404
    assert (await through(echo, "/_upload/somebody.html", headers=OWN)).status == 404


def _owner_of(tenant_id):
    from tests.doubles.people import inside

    return inside(tenant_id, tenancy.list_members)[0].user_id


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_may_ask_by_address(through, path):
    assert (await through(echo, path, headers={"Host": "10.1.2.3:8080"})).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/agents/open\x00works/data-profiler",
        "/agents/openworks/data-profiler.md\n",
        "/publishers/open\x85works",
        "/agents//openworks/data-profiler",
        "/agents/openworks//data-profiler",
        "/docs//help",
        "//agents",
        "//agents.example/",
    ],
)
async def test_an_address_that_nobody_ever_wrote_is_no_page(through, path):
    answer = await through(echo, path)
    assert (answer.status, answer.headers.get("location")) == (404, None)
    assert answer.body.startswith(b"There is nothing at this address.")
