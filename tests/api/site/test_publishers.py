"""Publisher pages for readers without scripts, search engines and programs."""

import pytest

from agent_platform.core.settings import get_settings
from tests.api.site.listed import list_agent
from tests.api.site.reading import Read, read
from tests.api.site.test_hostile import CORPUS, structure
from tests.api.site.test_sitemaps import everything
from tests.doubles.people import arrive, found

PATH = "/publishers/harbor"


async def test_a_publisher_s_page_tells_who_it_is_and_what_it_offers(browser, settings):
    list_agent()
    list_agent("log-triage", rating=4.5, rating_count=2)
    list_agent("by-link", visibility="unlisted")
    page = await read(browser, PATH)
    assert page.metas["description"].startswith("Harbor: 2 agents on Agent Platform, publishing since ")
    for fact in ("Harbor", "2,962", "4.5 of 5", "2 reviews", "Site Auditor"):
        assert fact in page.text, fact
    assert {"/agents/harbor/site-auditor", "/agents/harbor/log-triage"} <= set(page.anchors)
    assert "/agents/harbor/by-link" not in page.anchors
    twin = (await browser.get(f"{PATH}.md")).text
    assert "- Runs, 30 days: 2,962" in twin
    assert "harbor/log-triage" in twin


async def test_what_there_is_nothing_of_is_left_out(browser, settings):
    list_agent(runs_30d=0, users_30d=0)
    text = (await read(browser, PATH)).text
    assert not [word for word in ("Runs, 30", "Users, 30", "Mean rating") if word in text]


async def test_machines_find_an_organization_and_its_agents(browser, settings):
    list_agent()
    base, page = get_settings().base_url, await read(browser, PATH)
    publisher = page.object("Organization")
    assert (publisher["name"], publisher["url"]) == ("Harbor", f"{base}{PATH}")
    assert page.object("ItemList")["numberOfItems"] == 1
    assert page.link("canonical") == page.metas["og:url"] == f"{base}{PATH}"
    assert page.metas["robots"].startswith("index")
    agent = await read(browser, "/agents/harbor/site-auditor")
    assert agent.object("SoftwareApplication")["author"]["@id"] == publisher["@id"]


async def test_the_sitemap_lists_publishers_with_public_agents_alone(browser, settings):
    list_agent()
    assert f"{get_settings().base_url}{PATH}" in await everything(browser)
    assert (await browser.get("/sitemaps/publishers-2.xml")).status_code == 404


@pytest.mark.parametrize("columns", [{"state": "suspended"}, {"state": "withdrawn"}, {"visibility": "unlisted"}])
async def test_a_publisher_without_a_public_agent_is_a_real_404(browser, settings, columns):
    list_agent(**columns)
    for path in (PATH, "/publishers/nobody", "/publishers/x/y"):
        page = await read(browser, path, 404)
        assert page.metas["robots"] == "noindex, follow"
    assert (await browser.get(f"{PATH}.md")).status_code == 404
    assert (await browser.get("/og/publishers/harbor.png")).status_code == 404


async def test_pages_lead_on_and_a_forged_place_leads_nowhere(browser, settings):
    for number in range(25):
        list_agent(f"agent-{number}")
    first = await read(browser, PATH)
    more = next(href for href in first.anchors if "after=" in href)
    second = await read(browser, more)
    assert second.metas["robots"] == "noindex, follow"
    assert len([href for href in second.anchors if href.startswith("/agents/harbor/")]) == 1
    assert (await browser.get(f"{PATH}?after=forged")).status_code == 404


async def test_names_in_cards_and_on_agents_pages_lead_to_the_publisher(browser, settings):
    list_agent()
    list_agent("by-link", visibility="unlisted")
    for path in ("/", "/agents", "/agents/harbor/site-auditor"):
        assert PATH in (await read(browser, path)).anchors, path
    assert PATH not in (await read(browser, "/agents/harbor/by-link")).anchors


async def test_a_workspace_s_host_has_the_page_too_for_its_application(browser, settings):
    found(arrive("Olga", 1), "acme")
    list_agent()
    answer = await browser.get(f"http://acme.localhost:3000{PATH}")
    assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "noindex, nofollow")
    assert (await browser.get("http://acme.localhost:3000/publishers/nobody")).status_code == 404
    assert (await browser.get(f"http://acme.localhost:3000{PATH}.md")).status_code == 404


@pytest.mark.sec
async def test_a_hostile_name_stays_a_name(browser, settings):
    plain = structure(Read.of((await browser.get("/sign-in")).text))
    list_agent(publisher_name=CORPUS[1])
    for words in CORPUS:
        rename(words)
        page = await read(browser, PATH)
        assert sorted(structure(page)) == sorted([*plain, *[("script", "application/ld+json")] * 3]), words
        assert page.titles == 1


def rename(words: str) -> None:
    from sqlalchemy import update

    from agent_platform.core.db.publisher import publisher_session
    from agent_platform.models.catalogue import Publisher

    with publisher_session() as session:
        session.execute(update(Publisher).values(name=words))
