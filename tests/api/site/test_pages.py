"""What crawlers, programs and people without JavaScript get, through the real application."""

import gzip

import pytest

from agent_platform.core.floods import RATES
from agent_platform.core.settings import get_settings
from agent_platform.services import identity
from tests.api.site.listed import list_agent, review_agent
from tests.api.site.reading import Read
from tests.doubles.people import arrive, found

PUBLIC = (
    *("/", "/agents", "/agents/harbor/site-auditor", "/publishers/harbor", "/docs", "/docs/manifest", "/quality"),
    *("/changelog", "/contact", "/terms", "/cookies", "/sign-in"),
    "/status",
)
MOST_BYTES = 6_000  # what a page of one agent may add, compressed


@pytest.fixture
def base(settings) -> str:
    return get_settings().base_url


@pytest.fixture(autouse=True)
def agent(settings):
    list_agent(readme="# Audits\n\nFollows *every* link.")


async def read(browser, path: str, status: int = 200) -> Read:
    answer = await browser.get(path)
    assert answer.status_code == status, answer.text
    return Read.of(answer.text)


@pytest.mark.parametrize("path", PUBLIC)
async def test_every_public_page_says_in_its_head_what_it_is(browser, base, path):
    answer = await browser.get(path)
    page = Read.of(answer.text)
    assert (answer.status_code, page.titles) == (200, 1)
    assert page.title.endswith(" · Agent Platform")
    assert 20 <= len(page.metas["description"]) <= 300
    assert page.link("canonical") == f"{base}{path}"
    assert page.metas["og:url"] == f"{base}{path}"
    assert page.metas["og:title"]
    assert page.metas["og:description"] == page.metas["twitter:description"] == page.metas["description"]
    assert page.metas["og:image"] == page.metas["twitter:image"]
    assert page.metas["og:image"].startswith(f"{base}/og/")
    assert page.metas["twitter:card"] == "summary_large_image"
    assert [meta for tag, meta in page.tags if tag == "meta" and meta.get("property") == "og:image"] == [
        {"data-served": "", "content": page.metas["og:image"], "property": "og:image"}
    ]


@pytest.mark.parametrize("path", PUBLIC)
async def test_every_public_page_has_a_twin_that_names_it(browser, base, path):
    page = await browser.get(path)
    twin = Read.of(page.text).link("alternate")
    assert f'<{twin}>; rel="alternate"; type="text/markdown"' in page.headers["link"]
    markdown = await browser.get(twin)
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert markdown.headers["link"] == f'<{base}{path}>; rel="canonical"'
    assert markdown.headers["x-robots-tag"] == "noindex"
    assert markdown.text.rstrip().endswith(f"Page: {base}{path}")
    assert "# " in markdown.text


async def test_an_agent_s_page_tells_without_a_script_what_the_database_knows(browser):
    page = await read(browser, "/agents/harbor/site-auditor")
    for fact in ("Site Auditor", "Finds broken links.", "$0.02 / run", "98.1 %", "212", "1,481 runs", "3.2 s", "1.0.0"):
        assert fact in page.text
    assert "Follows every link" in " ".join(page.text.split())
    assert "Start url" in page.text
    assert {"/", "/agents", "/agents?category=web"} <= set(page.anchors)
    assert "/sign-in?next=%2Fagents%2Fharbor%2Fsite-auditor%3Ftab%3Drun" in page.anchors
    twin = (await browser.get("/agents/harbor/site-auditor.md")).text
    assert "- Success, 30 days: 98.1 %" in twin
    assert "- Price: $0.02 / run" in twin
    assert "# Audits" in twin


async def test_an_agent_is_described_to_machines_with_its_offer(browser, base):
    page = await read(browser, "/agents/harbor/site-auditor")
    agent = page.object("SoftwareApplication")
    assert agent["url"] == f"{base}/agents/harbor/site-auditor"
    assert agent["offers"][0]["price"] == "0.02"
    assert agent["offers"][0]["priceCurrency"] == "USD"
    assert agent["interactionStatistic"]["userInteractionCount"] == 1481
    assert "aggregateRating" not in agent
    trail = page.object("BreadcrumbList")["itemListElement"]
    assert [one["name"] for one in trail] == ["Home", "Agents", "Web", "Site Auditor"]
    assert agent["provider"]["name"] == "Agent Platform"


async def test_only_a_rating_that_the_page_shows_is_claimed(browser):
    list_agent("rated-one", rating=4.3, rating_count=12)
    page = await read(browser, "/agents/harbor/rated-one")
    assert page.object("SoftwareApplication")["aggregateRating"]["ratingCount"] == 12
    assert "Rated 4.3 of 5 by 12." in page.text


async def test_what_was_made_for_measuring_is_not_told_to_anybody_as_if_it_were_used(browser):
    list_agent("made-up", rating=4.3, rating_count=12, runs_30d=9_000_000, is_synthetic=True)
    answer = await browser.get("/agents/harbor/made-up")
    page = Read.of(answer.text)
    assert (answer.status_code, answer.headers["x-robots-tag"], page.metas["robots"][:7]) == (200, "noindex", "noindex")
    assert not {"aggregateRating", "interactionStatistic", "review"} & set(page.object("SoftwareApplication"))
    for path in ("/llms.txt", "/", "/index.md"):
        text = (await browser.get(path)).text
        assert "harbor/site-auditor" in text
        assert "made-up" not in text


async def test_reviews_are_shown_and_described_as_they_were_written(browser):
    review_agent("site-auditor", stars=4, text="Found <b>everything</b>.", label="Mia, Acme", reply="Thank you.")
    page = await read(browser, "/agents/harbor/site-auditor")
    assert "4 of 5, Mia, Acme, after running 1.0.0" in page.text
    assert "The publisher replied" in page.text
    described = page.object("SoftwareApplication")["review"][0]
    assert (described["author"]["name"], described["reviewRating"]["ratingValue"]) == ("Mia, Acme", 4)
    assert described["reviewBody"] == "Found <b>everything</b>."
    assert "b" not in [tag for tag, _ in page.tags]


async def test_the_directory_lists_agents_and_its_filters_are_links(browser, base):
    list_agent("log-triage", made={"name": "Log Triage", "category": "operations"})
    page = await read(browser, "/agents")
    assert {
        "/agents/harbor/site-auditor",
        "/agents/harbor/log-triage",
        "/agents?category=web",
        "/agents?sort=newest",
    } <= set(page.anchors)
    assert page.object("ItemList")["numberOfItems"] == 2
    assert {"/agents?cost=0.01", "/agents?success=98", "/agents?rating=4", "/agents?verified=1"} <= set(page.anchors)
    category = await read(browser, "/agents?category=operations")
    assert category.title == "Operations agents · Agent Platform"
    assert category.link("canonical") == f"{base}/agents?category=operations"
    assert category.metas["robots"].startswith("index")
    assert "/agents/harbor/site-auditor" not in category.anchors


async def test_other_questions_lead_on_but_are_not_listed(browser, base):
    for question in ("/agents?q=broken+links", "/agents?category=web&sort=newest", "/agents?verified=1"):
        answer = await browser.get(question)
        assert Read.of(answer.text).metas["robots"] == "noindex, follow"
        assert answer.headers["x-robots-tag"] == "noindex"
    page = await read(browser, "/agents?utm_source=x&category=web,web")
    assert page.link("canonical") == f"{base}/agents?category=web"


async def test_pages_of_the_directory_lead_to_each_other_until_the_last(browser):
    for number in range(30):
        list_agent(f"agent-{number}")
    first = await read(browser, "/agents")
    more = next(href for href in first.anchors if "after=" in href)
    second = await read(browser, more)
    assert second.metas["robots"] == "noindex, follow"
    shown = [{href for href in page.anchors if href.startswith("/agents/harbor/")} for page in (first, second)]
    assert (len(shown[0]), len(shown[1]), len(shown[0] | shown[1])) == (24, 7, 31)
    assert not [href for href in second.anchors if "after=" in href]


@pytest.mark.parametrize(
    "path",
    [
        "/agents/harbor/nothing",
        "/agents/nobody/site-auditor",
        "/agents?after=forged",
        "/docs/nothing",
        "/docs/..%2fmanifest",
        "/no/such/page",
        "/agents/harbor",
        "/agents/harbor/site-auditor/more",
    ],
)
async def test_what_is_not_there_is_a_real_404_that_leads_on(browser, path):
    answer = await browser.get(path)
    page = Read.of(answer.text)
    assert answer.status_code == 404
    assert {"/agents", "/"} <= set(page.anchors)
    assert page.metas["robots"] == "noindex, follow"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "no-store" in answer.headers["cache-control"]
    assert page.link("canonical") == ""


async def test_a_page_behind_the_last_one_is_missing(browser):
    for number in range(25):
        list_agent(f"agent-{number}")
    first = await read(browser, "/agents?sort=newest")
    more = next(href for href in first.anchors if "after=" in href)
    assert (await browser.get(f"{more}&category=finance")).status_code == 404


@pytest.mark.parametrize("path", ["/agents/harbor/nothing.md", "/docs/nothing.md", "/agents.md?after=forged"])
async def test_what_is_not_there_has_no_twin(browser, path):
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")


async def test_an_agent_that_is_not_listed_is_shown_but_not_to_search_engines(browser):
    list_agent("by-link", visibility="unlisted")
    list_agent("retired", state="deprecated")
    for slug in ("by-link", "retired"):
        answer = await browser.get(f"/agents/harbor/{slug}")
        assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "noindex")
    list_agent("gone", state="withdrawn")
    assert (await browser.get("/agents/harbor/gone")).status_code == 404


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


async def test_a_workspace_s_host_shows_the_application_alone_and_is_listed_nowhere(browser):
    found(arrive("Olga", 1), "acme")
    for path in (
        "/agents",
        "/agents/harbor/site-auditor",
        "/agents/own/only-here",
        "/docs/manifest",
        "/status",
        "/contact",
        "/x",
    ):
        answer = await browser.get(f"http://acme.localhost:3000{path}")
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert "built" in answer.text
        assert "data-served" not in answer.text
    for path in ("/sitemap.xml", "/sitemaps/site.xml", "/llms.txt", "/agents.md", "/og/site.png"):
        assert (await browser.get(f"http://acme.localhost:3000{path}")).status_code == 404


async def test_the_built_page_stays_as_it_was_built_around_what_is_added(browser):
    answer = await browser.get("/agents")
    assert "<main>built agents</main>" in answer.text
    assert "<script>theme()</script>" in answer.text
    assert "favicon.ico" not in answer.text
    agent = (await browser.get("/agents/harbor/site-auditor")).text
    assert '<title data-at="/agents/harbor/site-auditor">Site Auditor · Agent Platform</title>' in agent
    assert "built any" in agent


async def test_a_document_that_the_built_page_shows_is_not_said_twice(browser):
    assert "<noscript>" not in (await browser.get("/docs/manifest")).text
    assert "<noscript>" in (await browser.get("/docs/receipts")).text


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


async def test_a_slash_behind_an_address_is_the_same_page(browser, base):
    for path in ("/agents/", "/docs/manifest/", "/agents/harbor/site-auditor/"):
        assert (await read(browser, path)).link("canonical") == f"{base}{path.rstrip('/')}"


async def test_a_door_that_is_open_can_be_used_without_a_script(browser):
    page = await read(browser, "/sign-in?next=/agents/harbor/site-auditor")
    form = next(found for tag, found in page.tags if tag == "form")
    assert (form["method"], form["action"]) == ("post", "/auth/email")
    hidden = next(found for tag, found in page.tags if tag == "input" and found.get("type") == "hidden")
    assert hidden["value"] == "/agents/harbor/site-auditor"
    assert page.metas["robots"] == "noindex, follow"


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
