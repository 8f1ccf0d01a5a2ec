"""What a storefront tells programs, search engines and whoever shares a link to it, and that it tells nothing more."""

import io

import pytest
from PIL import Image

from tests.api.site.listed import list_agent
from tests.api.site.reading import Read
from tests.api.site.test_storefronts import HOST, Shop, cookie_of

PLACES = ("/index.md", "/storefront/picture.png", "/sitemap.xml")


@pytest.fixture
def shop(settings):
    list_agent()
    return Shop()


async def test_a_public_storefront_has_a_twin_that_names_it(browser, shop):
    shop.save()
    shop.show("harbor/site-auditor")
    page = await browser.get(f"{HOST}/")
    twin = Read.of(page.text).link("alternate")
    assert twin == f"{HOST}/index.md"
    assert f'<{twin}>; rel="alternate"; type="text/markdown"' in page.headers["link"]
    answer = await browser.get(twin)
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.headers["link"] == f'<{HOST}/>; rel="canonical"'
    assert answer.headers["x-robots-tag"].startswith("noindex")
    assert answer.text.startswith(
        "# Agents we trust\n\n> Chosen by us.\n\n- [Site Auditor](http://localhost:3000/agents/"
    )
    assert answer.text.rstrip().endswith(f"Page: {HOST}/")


async def test_a_shared_link_shows_the_storefront_s_own_picture_and_words(browser, shop):
    shop.save()
    page = Read.of((await browser.get(f"{HOST}/")).text)
    assert page.metas["og:title"] == page.metas["twitter:title"] == "Agents we trust · Acme"
    assert page.metas["og:description"] == page.metas["twitter:description"] == "Chosen by us."
    assert page.metas["og:image"] == page.metas["twitter:image"]
    assert page.metas["og:image"].startswith(f"{HOST}/storefront/picture.png?v=")
    assert page.metas["twitter:card"] == "summary_large_image"
    answer = await browser.get(page.metas["og:image"])
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    again = await browser.get(page.metas["og:image"], **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    shop.save(headline="Others")
    assert Read.of((await browser.get(f"{HOST}/")).text).metas["og:image"] != page.metas["og:image"]


async def test_a_storefront_is_described_to_machines_as_the_workspace_s(browser, shop):
    shop.save()
    shop.show("harbor/site-auditor")
    page = Read.of((await browser.get(f"{HOST}/")).text)
    workspace = page.object("Organization")
    assert (workspace["name"], workspace["url"]) == ("Acme", f"{HOST}/")
    assert page.object("ItemList")["numberOfItems"] == 1


async def test_its_sitemap_holds_exactly_its_public_page_and_robots_name_it(browser, shop):
    shop.save()
    answer = await browser.get(f"{HOST}/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.text.count("<loc>") == 1
    assert f"<loc>{HOST}/</loc>" in answer.text
    robots = (await browser.get(f"{HOST}/robots.txt")).text.splitlines()
    assert {f"Sitemap: {HOST}/sitemap.xml", "Allow: /index.md$", "Disallow: /"} <= set(robots)
    assert HOST not in (await browser.get("/sitemaps/site.xml")).text
    for other in ("/sitemaps/site.xml", "/sitemaps/agents-1.xml"):
        assert (await browser.get(f"{HOST}{other}")).status_code == 404


async def test_what_is_for_members_or_off_is_told_to_nobody_else(browser, shop):
    shop.save(audience="members")
    for place in PLACES:
        for cookie in ("", cookie_of(shop.sam)):
            assert (await browser.get(f"{HOST}{place}", cookie=cookie)).status_code == 404
    member = cookie_of(shop.mia)
    assert "Agents we trust" in (await browser.get(f"{HOST}/index.md", cookie=member)).text
    page = Read.of((await browser.get(f"{HOST}/", cookie=member)).text)
    assert "og:image" not in page.metas
    assert "Sitemap" not in (await browser.get(f"{HOST}/robots.txt", cookie=member)).text
    shop.save(is_on=False)
    for place in PLACES:
        assert (await browser.get(f"{HOST}{place}", cookie=member)).status_code == 404


async def test_a_host_without_a_workspace_and_another_s_has_none_of_it(browser, shop):
    shop.save()
    for place in PLACES:
        assert (await browser.get(f"http://globex.localhost:3000{place}")).status_code == 404
    assert (await browser.get("/storefront/picture.png")).status_code == 404
