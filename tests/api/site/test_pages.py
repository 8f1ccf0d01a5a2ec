"""What crawlers, programs and people without JavaScript get, through the real application."""

import pytest

from tests.api.site.reading import PUBLIC, Read, read
from tests.doubles.people import arrive, found

pytestmark = pytest.mark.usefixtures("agent")


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
