"""What is not there is a real 404 that leads on, and so is its twin."""

import pytest

from tests.api.site.listed import list_agent
from tests.api.site.reading import Read, read

pytestmark = pytest.mark.usefixtures("agent")


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
async def test_the_twin_of_what_is_not_there_says_so_and_leads_on(browser, path):
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text.startswith("# ")
    assert "/agents)" in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "no-store" in answer.headers["cache-control"]
