"""Example pages for readers without scripts: the same address, facts and doors as the visible ones."""

import pytest

from agent_platform.core.settings import get_settings
from agent_platform.views.format import plain_text
from tests.api.site.listed import FIRST_AT, keep_example, list_agent
from tests.api.site.reading import Read
from tests.api.site.test_hostile import CORPUS, all_tokens, structure
from tests.api.site.test_sitemaps import everything
from tests.doubles import people

PATH = "/agents/harbor/site-auditor/examples/three-pages"


@pytest.fixture
def example(settings):
    list_agent()
    keep_example("site-auditor")


async def read(browser, path=PATH) -> Read:
    answer = await browser.get(path)
    assert answer.status_code == 200
    return Read.of(answer.text)


async def test_an_example_tells_without_a_script_what_the_run_was_given_and_put_out(browser, example):
    page = await read(browser)
    text = " ".join(page.text.split())
    for fact in (
        "Three pages", "A small site without a fault.", "https://example.com/", "/page/0", "/page/2", "Rows 1\N{EN DASH}3 of 3.",
        "1.0.0", "1 Nov, 08:30 UTC", "3.2 s", "$0.000166", "sandbox time: its publisher ran it", "report.html",
        "Files are not for download here", "$0.02", "Saved 1 Nov by Harbor, and not changed since.",
    ):  # fmt: skip
        assert fact in text, fact
    assert "/agents/harbor/site-auditor?tab=run&example=three-pages" in page.anchors
    assert "/agents/harbor/site-auditor" in page.anchors
    assert page.titles == 1
    assert page.title == "Three pages, an example of Site Auditor · Agent Platform"


async def test_an_example_has_an_address_a_description_and_a_picture_for_machines(browser, example):
    base = get_settings().base_url
    page = await read(browser)
    assert page.link("canonical") == f"{base}{PATH}"
    assert page.link("alternate") == f"{base}{PATH}.md"
    described = "A small site without a fault. A real run of Site Auditor, with its input and output."
    assert page.metas["description"] == page.metas["og:description"] == described
    assert page.metas["og:url"] == f"{base}{PATH}"
    assert page.metas["robots"].startswith("index")
    article = page.object("TechArticle")
    assert (article["headline"], article["datePublished"]) == (page.metas["og:title"], f"{FIRST_AT:%Y-%m-%d}")
    assert article["about"]["@id"] == f"{base}/agents/harbor/site-auditor#agent"
    trail = [one["name"] for one in page.object("BreadcrumbList")["itemListElement"]]
    assert trail == ["Home", "Agents", "Web", "Site Auditor", "Three pages"]
    picture = await browser.get(page.metas["og:image"].removeprefix(base))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")


async def test_the_twin_says_the_same_as_markdown(browser, example):
    answer = await browser.get(f"{PATH}.md")
    base = get_settings().base_url
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["link"] == f'<{base}{PATH}>; rel="canonical"'
    for fact in ("# Three pages", "- start\\_url", "| /page/1 |", "- Cost: $0.000166", f"Page: {base}{PATH}"):
        assert fact in answer.text, fact


@pytest.mark.parametrize(
    "path",
    [
        "/agents/harbor/site-auditor/examples/nothing", "/agents/harbor/nothing/examples/three-pages",
        "/agents/nobody/site-auditor/examples/three-pages", "/agents/harbor/site-auditor/examples/%00",
        "/agents/harbor/site-auditor/examples/..%2f..", "/agents/harbor/site-auditor/examples/THREE-PAGES",
        "/agents/harbor/site-auditor/examples/" + "x" * 4_000,
    ],
)  # fmt: skip
async def test_what_is_no_example_is_missing_as_page_twin_and_picture(browser, example, path):
    for address in (path, f"{path}.md", f"/og{path}.png"):
        assert (await browser.get(address)).status_code == 404, address


@pytest.mark.parametrize("state", ["suspended", "withdrawn"])
async def test_an_example_is_missing_while_its_agent_is(browser, settings, state):
    list_agent(state=state)
    keep_example("site-auditor")
    assert (await browser.get(PATH)).status_code == 404


async def test_an_example_of_an_unlisted_agent_is_for_whoever_has_its_address(browser, settings):
    list_agent(visibility="unlisted")
    keep_example("site-auditor")
    answer = await browser.get(PATH)
    assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "noindex")
    assert not any(PATH in address for address in await everything(browser))


async def test_the_sitemap_and_the_agent_lead_to_its_examples(browser, example):
    base = get_settings().base_url
    listed = await everything(browser)
    assert listed[f"{base}{PATH}"] == f"{FIRST_AT:%Y-%m-%dT%H:%M:%SZ}"
    agent = await read(browser, "/agents/harbor/site-auditor")
    assert PATH in agent.anchors
    assert "Three pages" in (await browser.get("/agents/harbor/site-auditor.md")).text
    assert (await browser.get("/sitemaps/examples-2.xml")).status_code == 404


async def test_an_agent_without_examples_has_no_sitemap_of_them(browser, settings):
    list_agent()
    assert not any("examples" in address for address in await everything(browser))
    assert (await browser.get("/sitemaps/examples-1.xml")).status_code == 404


async def test_a_workspace_s_host_has_the_page_too_and_tells_no_machine(browser, example):
    people.found(people.arrive("Olga", 1), "acme")
    base = "http://acme.localhost:3000"
    assert (await browser.get(base + PATH)).status_code == 200
    assert (await browser.get(f"{base}{PATH}-2")).status_code == 404
    assert (await browser.get(f"{base}{PATH}.md")).status_code == 404


async def test_rows_that_are_not_kept_are_counted(browser, settings):
    list_agent()
    keep_example("site-auditor", kept={"row_count": 312})
    text = " ".join((await read(browser)).text.split())
    assert "This example keeps the first 3 of 312 rows." in text
    assert "of 312" in text


async def test_every_view_that_needs_no_script_is_shown(browser, settings):
    views = [
        {"id": "note", "type": "markdown", "title": "Note", "file": "note.md"},
        {"id": "page", "type": "file", "title": "Page", "file": "report.html"},
        {"id": "cards", "type": "cards", "title": "Cards", "columns": ["path"]},
        {"id": "numbers", "type": "figures", "title": "Numbers", "fields": ["pages"]},
    ]
    output = {
        "item": {"type": "object", "properties": {"path": {"type": "string"}}},
        "result": {"type": "object", "properties": {"pages": {"type": "integer"}}},
        "files": [
            {"name": "note.md", "media_type": "text/markdown"},
            {"name": "report.html", "media_type": "text/html"},
        ],
        "views": views,
    }
    list_agent(made={"output": output})
    files = [
        {"name": "note.md", "media_type": "text/markdown", "bytes": 9, "text": "# Fine\n\n*All* good."},
        {"name": "report.html", "media_type": "text/html", "bytes": 9, "text": None},
    ]
    keep_example("site-auditor", kept={"files": files, "result": {"pages": 3}})
    answer = await browser.get(PATH)
    page = Read.of(answer.text)
    assert "<em>All</em> good." in answer.text
    assert {"Note", "Cards", "Numbers"} <= set(page.text.split())
    assert "never opened on this address" not in page.text


@pytest.mark.sec
async def test_no_word_of_an_example_becomes_markup_script_or_structure(browser, settings):
    schema = {"type": "object", "properties": {"text": {"type": "string"}, "url": {"type": "string"}}}
    plain = structure(Read.of((await browser.get("/sign-in")).text))
    for number, words in enumerate(CORPUS):
        list_agent(f"agent-{number}", made={"input": schema})
        kept = {
            "input": {"text": f"{words}\n{words}", "url": words, words: [words]},
            "rows": [{"path": words, words: words}],
            "row_count": 1,
            "result": {words: words},
            "files": [{"name": words, "media_type": words, "bytes": 1, "text": None}],
        }
        keep_example(f"agent-{number}", kept=kept, title=words, line=words)
        path = f"/agents/harbor/agent-{number}/examples/three-pages"
        answer = await browser.get(path)
        page = Read.of(answer.text)
        data_blocks = [("script", "application/ld+json")] * len(page.data)
        assert sorted(structure(page)) == sorted([*plain, *data_blocks]), words
        assert not [href for href in page.anchors if not href.startswith("/")], words
        assert not [found for tag, found in page.tags if tag == "meta" and "http-equiv" in found], words
        assert (page.titles, answer.text.count("</noscript>"), answer.text.count("</body>")) == (1, 2, 1), words
        assert " ".join(plain_text(words).split()) in " ".join(page.text.split()), words
        tokens = all_tokens((await browser.get(f"{path}.md")).text)
        assert not [one.content for one in tokens if one.type in {"html_block", "html_inline", "image"}], words
        targets = [str(one.attrs["href"]) for one in tokens if one.type == "link_open"]
        assert all(target.startswith(f"{get_settings().base_url}/") for target in targets), words
