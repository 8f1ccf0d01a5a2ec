"""Help, changelog, status and contact, read without a script."""

import pytest

from agent_platform.core.floods import RATES
from agent_platform.core.settings import get_settings
from agent_platform.services import outages
from agent_platform.views.contact import HINTS, REQUIRED
from agent_platform.views.site.words import FOOT
from tests.api.site.reading import Read, read

HERE = ("/docs", "/changelog", "/status", "/contact", "/terms", "/agents", "/sign-in")


@pytest.fixture(autouse=True)
def fresh(settings):
    outages.forget_status()
    yield
    outages.forget_status()


async def test_a_search_works_without_a_script_and_is_listed_nowhere(browser):
    answer = await browser.get("/docs?q=receipt+signature")
    page = Read.of(answer.text)
    assert "/docs/receipts#check-one-yourself" in page.anchors
    assert "mark" in [tag for tag, _ in page.tags]
    assert "places for “receipt signature”" in page.text
    assert page.metas["robots"] == "noindex, follow"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert page.link("canonical") == f"{get_settings().base_url}/docs"
    form = next(found for tag, found in page.tags if tag == "form")
    assert (form["action"], form["role"], form["class"]) == ("/docs", "search", "docs-search")
    assert ("use", {"href": "/icons/icons.svg#search"}) in page.tags
    entry = next(found for tag, found in page.tags if tag == "input" and found.get("name") == "q")
    assert entry["maxlength"] == "100"
    twin = (await browser.get("/docs.md?q=receipt+signature")).text
    assert f"]({get_settings().base_url}/docs/receipts#check-one-yourself)" in twin


async def test_a_search_that_finds_nothing_says_so_and_shows_every_document(browser):
    page = await read(browser, "/docs?q=qqqqzzzz")
    assert "No document has “qqqqzzzz”" in page.text
    assert {"/docs/help", "/docs/manifest", "/changelog"} <= set(page.anchors)


@pytest.fixture
def searched_out(monkeypatch):
    """Two searches at once, and another after a hundred seconds."""
    monkeypatch.setitem(RATES, "search", (0.01, 2))


@pytest.mark.sec
@pytest.mark.parametrize("path", ["/docs?q=receipt", "/docs.md?q=receipt", "/docs/?q=receipt", "/agents?q=links"])
async def test_words_in_the_address_of_a_page_are_limited_as_a_search(searched_out, browser, path):
    assert [(await browser.get(path)).status_code for _ in range(3)] == [200, 200, 429]
    for plain in ("/docs", "/docs?q=+", "/docs.md?q="):  # which do not search, so they go on
        assert (await browser.get(plain)).status_code == 200


@pytest.mark.sec
async def test_what_is_searched_stays_words(browser):
    words = '"><script>alert(1)</script>'
    page = Read.of((await browser.get(f"/docs?q={words}")).text)
    found = [one for tag, one in page.tags if tag == "input" and one.get("name") == "q"]
    assert [one["value"] for one in found] == [words]
    assert "alert(1)" not in "".join(str(one) for tag, one in page.tags if tag == "script")


async def test_without_words_the_built_page_is_enough(browser):
    assert "<noscript>" not in (await browser.get("/docs?q=+")).text


async def test_the_changelog_is_a_page_with_a_twin(browser):
    twin = (await browser.get("/changelog.md")).text
    assert twin.startswith(f"[Home]({get_settings().base_url}/) / Changelog\n\n# Changelog")
    assert "## Unreleased" in twin


async def test_status_says_when_it_was_taken_and_is_kept_by_nobody(browser):
    answer = await browser.get("/status")
    assert answer.headers["cache-control"] == "private, no-store"
    page = Read.of(answer.text)
    for said in (
        "Asked at",
        "UTC on",
        "Database",
        "Answers",
        "Starting of runs",
        "Does not answer",
        "None was recorded",
    ):
        assert said in page.text
    twin = await browser.get("/status.md")
    assert twin.headers["cache-control"] == "private, no-store"
    assert "| Database | Answers |" in twin.text


async def test_contact_is_a_form_where_somebody_reads_it_and_says_so_where_nobody_does(browser, configure):
    page = await read(browser, "/contact")
    form = next(found for tag, found in page.tags if tag == "form")
    assert (form["action"], form["method"]) == ("/contact", "post")
    assert page.text.split().count("required") == len(REQUIRED)
    assert HINTS["text"] in page.text
    assert ("use", {"href": "/icons/icons.svg#chevron-down"}) in page.tags
    named = {found["name"] for tag, found in page.tags if tag in {"input", "select", "textarea"} and "name" in found}
    assert named == {"email", "name", "topic", "text", "website"}
    assert "is on its way" in (await read(browser, "/contact?sent=1")).text
    configure(SMTP_URL="smtp://127.0.0.1:9")
    for path in ("/contact", "/contact?sent=1"):
        closed = await read(browser, path)
        assert "has not said how to be reached" in closed.text
        assert [tag for tag, _ in closed.tags if tag == "form"] == []


@pytest.mark.parametrize("path", HERE)
async def test_every_footer_leads_to_what_every_site_needs(browser, path):
    page = Read.of((await browser.get("/no/such/page")).text) if path == "/docs" else await read(browser, path)
    drawn_by_the_build = path == "/changelog"
    assert drawn_by_the_build or {href for _, href, _ in FOOT} <= set(page.anchors)


async def test_programs_are_told_of_them(browser):
    lines = (await browser.get("/llms.txt")).text
    for path in ("/docs/help.md", "/docs.md?q=", "/changelog.md", "/status.md", "/contact.md"):
        assert f"{get_settings().base_url}{path}" in lines
