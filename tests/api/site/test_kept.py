"""How public pages travel: kept for a moment, small, compressed, and to nobody faster than they browse."""

import gzip

import pytest

from agent_platform.core.floods import RATES
from agent_platform.services import identity
from tests.api.site.listed import list_agent
from tests.api.site.reading import PUBLIC
from tests.doubles.people import arrive

MOST_BYTES = 6_000  # what a page of one agent may add, compressed


pytestmark = pytest.mark.usefixtures("agent")


async def test_a_page_is_kept_for_a_minute_and_then_asked_for_at_almost_no_cost(browser):
    for path in (path for path in PUBLIC if path != "/status"):
        first = await browser.get(path)
        assert first.headers["cache-control"] == "public, max-age=60"
        assert first.headers["vary"] == "Accept-Encoding, Cookie"
        again = await browser.get(path, **{"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    before = (await browser.get("/agents")).headers["etag"]
    list_agent("another")
    assert (await browser.get("/agents")).headers["etag"] != before


async def test_what_was_asked_for_with_a_session_is_kept_by_nobody(browser):
    person = arrive("Olga", 1)
    seen = identity.Browser("localhost:3000", "test", "127.0.0.1")
    token = identity.in_platform(identity.open_session, user_id=person.id, browser=seen)
    for path in (*PUBLIC, "/agents/harbor/site-auditor.md", "/og/site.png"):
        answer = await browser.get(path, cookie=f"ap_sid={token}")
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-store")


async def test_what_is_added_is_light(browser, built):
    for path in ("/agents/harbor/site-auditor", "/", "/agents"):
        added = len(gzip.compress((await browser.get(path)).content)) - len(
            gzip.compress((built / "index.html").read_bytes())
        )
        assert added <= MOST_BYTES, path


async def test_pages_travel_compressed(browser):
    answer = await browser.get("/agents", **{"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    plain = await browser.get("/agents", **{"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == answer.text


@pytest.fixture
def hurried(monkeypatch):
    """Three pages at once, and another after a hundred seconds."""
    monkeypatch.setitem(RATES, "page", (0.01, 3))


@pytest.mark.parametrize(
    "path", ["/", "/agents?q=links", "/docs/manifest.md", "/sitemap.xml", "/robots.txt", "/llms.txt"]
)
async def test_who_reads_faster_than_anybody_browses_is_told_when_to_come_back(hurried, browser, path):
    assert [(await browser.get(path)).status_code for _ in range(3)] == [200, 200, 200]
    answer = await browser.get(path, accept="text/html")
    assert answer.status_code == 429
    assert 1 < int(answer.headers["retry-after"]) <= 100
    assert "try again" in answer.text
