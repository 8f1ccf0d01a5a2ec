"""Pictures for shared links: real ones, of real facts, drawn once."""

import io

import pytest
from PIL import Image

from agent_platform.api.site import _pictures
from agent_platform.views.site.blocks import Picture
from tests.api.site.listed import list_agent
from tests.api.site.reading import Read


@pytest.fixture(autouse=True)
def agent(settings):
    list_agent()


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/agents",
        "/agents?category=web",
        "/agents?q=links",
        "/agents/harbor/site-auditor",
        "/docs",
        "/changelog",
        "/docs/manifest",
        "/sign-in",
    ],
)
async def test_every_page_s_picture_is_one(browser, path):
    page = Read.of((await browser.get(path)).text)
    answer = await browser.get(page.metas["og:image"])
    picture = opened(answer.content)
    assert (answer.headers["content-type"], picture.format, picture.size) == ("image/png", "PNG", (1200, 630))
    assert (page.metas["og:image:width"], page.metas["og:image:height"]) == ("1200", "630")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert len(answer.content) <= 300_000


async def test_another_fact_is_another_picture_at_another_address(browser):
    list_agent("other-agent", success_30d=0.5)
    one, other = [
        Read.of((await browser.get(f"/agents/harbor/{slug}")).text).metas["og:image"]
        for slug in ("site-auditor", "other-agent")
    ]
    assert one.rpartition("v=")[2] != other.rpartition("v=")[2]
    assert (await browser.get(one)).content != (await browser.get(other)).content


async def test_the_address_of_an_older_picture_shows_the_present_one_and_is_not_kept_for_ever(browser):
    answer = await browser.get("/og/agents/harbor/site-auditor.png?v=0123456789abcdef")
    assert answer.headers["cache-control"] == "public, max-age=600"
    again = await browser.get("/og/agents/harbor/site-auditor.png", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/og/agents/harbor/nothing.png", "/og/docs/nothing.png", "/og/agents.png?after=forged"]
)
async def test_nothing_is_drawn_of_what_is_not_there(browser, path):
    assert (await browser.get(path)).status_code == 404


def test_only_so_many_pictures_are_kept(monkeypatch):
    monkeypatch.setattr(_pictures, "MOST_KEPT", 2)
    monkeypatch.setattr(_pictures, "_kept", type(_pictures._kept)())
    first = _pictures.picture_of(Picture("One"), "1")
    assert _pictures.picture_of(Picture("Anything else"), "1") is first
    for number in ("2", "3"):
        _pictures.picture_of(Picture(number), number)
    assert list(_pictures._kept) == ["2", "3"]
