import base64
import hashlib

import pytest
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse

from agent_platform.core.settings import get_settings
from agent_platform.edge.headers import SecurityHeaders
from tests.edge.conftest import INLINE

COOKIE = {"Host": "localhost:3000", "Cookie": "ap_sid=x"}


def digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


async def test_a_page_allows_its_own_inline_scripts_only(through):
    home = (await through(HTMLResponse(""), "/")).headers["content-security-policy"]
    assert digest(INLINE) in home
    assert digest("shell()") not in home
    other = (await through(HTMLResponse(""), "/runs/7")).headers["content-security-policy"]
    assert digest("shell()") in other


async def test_the_socket_may_go_to_the_page_s_own_host_only(through, acme):
    policy = (await through(HTMLResponse(""), headers={"Host": "acme.localhost:3000"})).headers[
        "content-security-policy"
    ]
    assert "connect-src 'self' ws://acme.localhost:3000;" in policy


async def test_what_the_application_says_about_security_is_replaced(through):
    said = {"Content-Security-Policy": "default-src *", "Access-Control-Allow-Origin": "*", "X-Powered-By": "us"}
    answer = await through(PlainTextResponse("", headers=said))
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers
    assert "x-powered-by" not in answer.headers


async def test_plain_http_promises_no_https(through, monkeypatch, built):
    assert "strict-transport-security" not in (await through(PlainTextResponse(""))).headers
    monkeypatch.setenv("AP_BASE_URL", "https://example.com")
    get_settings.cache_clear()
    message = {"type": "http.response.start", "status": 200, "headers": []}
    made = SecurityHeaders(get_settings(), built).add(
        message, host="example.com", path="/", has_cookie=False, request_id="1"
    )
    headers = dict(made["headers"])
    assert b"max-age=" in headers[b"strict-transport-security"]
    assert b"wss://example.com" in headers[b"content-security-policy"]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.js"
    path.write_text("1")
    return FileResponse(path)


async def test_hashed_files_are_kept_for_a_year(through, file):
    answer = await through(file, "/assets/a-123.js", headers=COOKIE)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_other_files_are_asked_for_again(through, file):
    assert (await through(file, "/css/a.css")).headers["cache-control"] == "no-cache"


async def test_a_missing_asset_is_not_kept(through):
    answer = await through(PlainTextResponse("", 404, headers={"etag": "x"}), "/assets/gone.js")
    assert answer.headers["cache-control"] == "no-cache"


async def test_an_answer_to_a_cookie_is_kept_by_nobody(through):
    assert (await through(JSONResponse({}), "/x", headers=COOKIE)).headers["cache-control"] == "private, no-store"


async def test_an_answer_that_sets_a_cookie_is_kept_by_nobody_whatever_it_says(through):
    response = PlainTextResponse("", headers={"Cache-Control": "public, max-age=60"})
    response.set_cookie("a", "b")
    assert (await through(response)).headers["cache-control"] == "private, no-store"


async def test_an_endpoint_may_choose_how_long_it_is_kept(through):
    response = PlainTextResponse("", headers={"Cache-Control": "public, max-age=60"})
    assert (await through(response, headers=COOKIE)).headers["cache-control"] == "public, max-age=60"


async def test_search_engines_list_nothing_of_a_workspace_s_host(through, acme):
    for answer in (HTMLResponse("", headers={"X-Robots-Tag": "all"}), JSONResponse({}), PlainTextResponse("", 404)):
        said = (await through(answer, "/runs", headers={"Host": "acme.localhost:3000"})).headers["x-robots-tag"]
        assert said == "noindex, nofollow"


async def test_a_workspace_s_front_page_alone_may_say_that_it_is_for_search_engines(through, acme):
    for said, shown in (({"X-Robots-Tag": "all"}, "all"), ({}, "noindex")):
        answer = await through(HTMLResponse("", headers=said), headers={"Host": "acme.localhost:3000"})
        assert answer.headers["x-robots-tag"] == shown


async def test_search_engines_list_only_pages_that_say_that_they_may(through):
    assert (await through(HTMLResponse(""))).headers["x-robots-tag"] == "noindex"
    assert (await through(HTMLResponse("", headers={"X-Robots-Tag": "all"}))).headers["x-robots-tag"] == "all"
    assert "x-robots-tag" not in (await through(JSONResponse({}))).headers
