"""Sitemaps list exactly the pages that are public; robots.txt leads there."""

import xml.etree.ElementTree as ET

import pytest
from sqlalchemy import text

from agent_platform.api.site import _sitemaps
from agent_platform.core.db.tenant import public_session
from agent_platform.core.settings import get_settings
from agent_platform.views.docs import FILES
from tests.api.site.listed import FIRST_AT, list_agent
from tests.api.site.reading import Read

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
PUBLIC = text(
    "SELECT publisher, slug, category FROM catalogue.listings WHERE state IN ('published', 'maintenance') AND visibility = 'public'"
)


async def entries(browser, path: str) -> dict[str, str]:
    """Address -> when it last changed."""
    answer = await browser.get(path)
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = ET.fromstring(answer.text)
    return {one.findtext(f"{SITEMAP}loc"): one.findtext(f"{SITEMAP}lastmod") for one in root}


async def everything(browser) -> dict[str, str]:
    index = await entries(browser, "/sitemap.xml")
    parts = [await entries(browser, place.removeprefix(get_settings().base_url)) for place in index]
    return {address: at for part in parts for address, at in part.items()}


@pytest.fixture
def agents(settings):
    list_agent("audits")
    list_agent("tested-badly", state="maintenance", made={"category": "data"})
    for state in ("deprecated", "withdrawn", "suspended"):
        list_agent(f"is-{state}", state=state, made={"category": "finance"})
    list_agent("by-link", visibility="unlisted", made={"category": "support"})


async def test_a_sitemap_holds_exactly_the_public_pages(browser, agents):
    with public_session() as session:
        rows = session.execute(PUBLIC).all()
    paths = {f"/agents/{publisher}/{slug}" for publisher, slug, _ in rows}
    paths |= {f"/publishers/{publisher}" for publisher, _, _ in rows}
    paths |= {f"/agents?category={category}" for _, _, category in rows}
    paths |= {"/", "/agents", "/quality", "/docs", *(f"/docs/{name}" for name in FILES)}
    paths |= {"/terms", "/privacy", "/cookies", "/changelog", "/status", "/contact"}
    assert set(await everything(browser)) == {f"{get_settings().base_url}{path}" for path in paths}


async def test_every_listed_page_is_there_and_may_be_listed(browser, agents):
    for address in await everything(browser):
        answer = await browser.get(address)
        assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "all"), address
        page = Read.of(answer.text)
        assert page.link("canonical") == address
        assert page.metas["robots"].startswith("index")


async def test_a_page_changed_when_its_release_was_published_not_when_its_figures_were(browser, settings):
    list_agent("audits")
    first = await everything(browser)
    address = f"{get_settings().base_url}/agents/harbor/audits"
    assert first[address].startswith(f"{FIRST_AT:%Y-%m}")
    with public_session() as session:
        released = session.execute(text("SELECT max(published_at) FROM catalogue.releases")).scalar_one()
    assert first[address] == f"{released:%Y-%m-%dT%H:%M:%SZ}"
    assert first[f"{get_settings().base_url}/agents"] == first[address]


async def test_many_agents_are_listed_in_parts_of_one_size(browser, settings, monkeypatch):
    monkeypatch.setattr(_sitemaps, "MOST_ADDRESSES", 2)
    for number in range(5):
        list_agent(f"agent-{number}")
    index = await entries(browser, "/sitemap.xml")
    assert [place.rpartition("/")[2] for place in index] == [
        *("site.xml", "agents-1.xml", "agents-2.xml", "agents-3.xml", "publishers-1.xml"),
    ]
    sizes = [len(await entries(browser, f"/sitemaps/agents-{part}.xml")) for part in (1, 2, 3)]
    assert sizes == [2, 2, 1]
    assert (await browser.get("/sitemaps/agents-4.xml")).status_code == 404


@pytest.mark.parametrize("part", ["0", "-1", "01", "99999", "9" * 20, "9" * 5_000, "x", "%D9%A1"])
async def test_what_is_no_part_of_the_sitemap_is_missing(browser, settings, part):
    list_agent()
    assert (await browser.get(f"/sitemaps/agents-{part}.xml")).status_code == 404


async def test_an_empty_directory_has_no_sitemap_of_agents(browser, settings):
    assert list(await entries(browser, "/sitemap.xml")) == [f"{get_settings().base_url}/sitemaps/site.xml"]
    assert (await browser.get("/sitemaps/agents-1.xml")).status_code == 404


async def test_robots_are_shown_the_sitemap_and_kept_from_doors(browser, settings):
    lines = (await browser.get("/robots.txt")).text.splitlines()
    assert f"Sitemap: {get_settings().base_url}/sitemap.xml" in lines
    assert {"Disallow: /auth/", "Disallow: /invite/"} <= set(lines)
    assert "Disallow: /" not in lines
