"""The directory without a script: filters, orders and pages are links."""

import pytest

from tests.api.site.listed import list_agent
from tests.api.site.reading import Read, read

pytestmark = pytest.mark.usefixtures("agent")


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
