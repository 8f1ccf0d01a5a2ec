"""The front page of a workspace's host: its storefront for whoever may see it, else the way to its overview."""

import io

import pytest
from markdown_it import MarkdownIt
from PIL import Image

from agent_platform.core.db.platform import platform_session
from agent_platform.core.errors import Conflict, Forbidden, InputInvalid, NotFound, TooLarge
from agent_platform.services import audit, catalog, identity
from agent_platform.services.tenancy.errors import RoleTooLow
from tests.api.site.listed import list_agent
from tests.api.site.reading import Read
from tests.api.site.test_hostile import CORPUS, DANGEROUS
from tests.doubles.people import Person, arrive, enrol, found, inside
from tests.factories import make_reviewer

HOST = "http://acme.localhost:3000"
LOOK = {
    "is_on": True,
    "audience": "public",
    "headline": "Agents we trust",
    "welcome": "Chosen by us.",
    "accent": "#ffcc00",
}


class Shop:
    """A workspace with an owner, and another one beside it."""

    def __init__(self):
        self.olga, self.sam, self.mia = (arrive(name, number) for number, name in enumerate(("Olga", "Sam", "Mia"), 1))
        self.acme, self.globex = found(self.olga, "acme"), found(self.sam, "globex")
        inside(self.acme, enrol, person=self.mia, role="member")

    def save(self, *, by=None, tenant=None, **changed):
        inside(tenant or self.acme, catalog.save_storefront, **{**LOOK, **changed, "by": (by or self.olga).id})

    def show(self, address, *, by=None):
        inside(self.acme, catalog.show_agent, address=address, by=(by or self.olga).id)

    def facts(self, tenant=None):
        return inside(tenant or self.acme, catalog.get_storefront)


@pytest.fixture
def shop(settings):
    return Shop()


def cookie_of(person: Person, host="acme.localhost:3000") -> str:
    seen = identity.Browser(host, "test", "127.0.0.1")
    return "ap_sid=" + identity.in_platform(identity.open_session, user_id=person.id, browser=seen)


async def test_without_a_storefront_a_workspace_begins_with_its_overview(browser, shop):
    for cookie in ("", cookie_of(shop.olga), cookie_of(shop.sam)):
        answer = await browser.get(f"{HOST}/", cookie=cookie)
        assert (answer.status_code, answer.headers["location"]) == (303, "/overview")
        assert "no-store" in answer.headers["cache-control"]
    assert (await browser.get("/")).status_code == 200


async def test_a_public_storefront_is_read_without_a_script_by_everybody(browser, shop):
    list_agent()
    list_agent("log-triage", made={"name": "Log Triage"})
    shop.save()
    shop.show("harbor/log-triage")
    answer = await browser.get(f"{HOST}/")
    page = Read.of(answer.text)
    assert (answer.status_code, page.metas["robots"], answer.headers["x-robots-tag"]) == (200, "index, follow", "all")
    assert page.link("canonical") == f"{HOST}/"
    assert "Agents we trust" in page.text
    assert "Chosen by us." in page.text
    assert "/agents/harbor/log-triage" in page.anchors
    assert "/agents/harbor/site-auditor" not in page.anchors
    assert page.object("ItemList")["itemListElement"][0]["url"] == "http://localhost:3000/agents/harbor/log-triage"
    assert "/auth/start?next=/overview" in page.anchors
    robots = (await browser.get(f"{HOST}/robots.txt")).text
    assert "Allow: /$" in robots
    assert "Disallow: /" in robots.splitlines()


async def test_each_agent_s_own_address_is_on_the_base_domain(browser, shop):
    list_agent()
    answer = await browser.get(f"{HOST}/agents/harbor/site-auditor")
    assert answer.headers["link"] == '<http://localhost:3000/agents/harbor/site-auditor>; rel="canonical"'
    assert "link" not in (await browser.get(f"{HOST}/agents/harbor/nothing")).headers


async def test_a_storefront_for_members_is_there_for_them_and_for_strangers_as_if_it_were_off(browser, shop):
    off = await browser.get(f"{HOST}/")
    shop.save(audience="members")
    for cookie in ("", cookie_of(shop.sam)):
        answer = await browser.get(f"{HOST}/", cookie=cookie)
        assert (answer.status_code, answer.headers["location"]) == (off.status_code, off.headers["location"])
    seen = await browser.get(f"{HOST}/", cookie=cookie_of(shop.mia))
    page = Read.of(seen.text)
    assert (seen.status_code, page.metas["robots"]) == (200, "noindex")
    assert seen.headers["x-robots-tag"] == "noindex, nofollow"
    assert "no-store" in seen.headers["cache-control"]
    assert "/overview" in page.anchors
    assert (await browser.get(f"{HOST}/robots.txt")).text == "User-agent: *\nDisallow: /\n"


async def test_the_storefront_of_one_workspace_is_on_no_other_host(browser, shop):
    shop.save()
    assert (await browser.get("http://globex.localhost:3000/")).status_code == 303
    assert "Agents we trust" not in (await browser.get("/")).text
    assert shop.facts(shop.globex).headline == ""


async def test_a_suspended_workspace_shows_nothing(browser, shop):
    shop.save()
    with platform_session() as session:
        session.connection().exec_driver_sql("UPDATE app.tenants SET suspended_at = now() WHERE slug = 'acme'")
    assert (await browser.get(f"{HOST}/")).status_code == 303


async def test_without_a_choice_own_public_agents_are_shown(browser, shop):
    list_agent("ours", publisher="acme", tenant_id=shop.acme)
    list_agent("theirs")
    list_agent("hidden", publisher="acme", tenant_id=shop.acme, visibility="unlisted")
    shop.save()
    assert [card.slug for card in shop.facts().agents] == ["ours"]


async def test_what_is_suspended_vanishes_with_the_decision(browser, shop):
    list_agent("bad-one")
    list_agent("good-one")
    shop.save()
    for slug in ("bad-one", "good-one"):
        shop.show(f"harbor/{slug}")
    bad = next(card for card in shop.facts().agents if card.slug == "bad-one")
    with platform_session() as session:
        catalog.suspend(session, listing_id=bad.id, reason="It mines coins.", by=make_reviewer())
    text = (await browser.get(f"{HOST}/")).text
    assert "/agents/harbor/bad-one" not in text
    assert "/agents/harbor/good-one" in text
    assert len(shop.facts().chosen) == 2


def test_only_public_agents_can_be_chosen_and_only_so_many(shop):
    list_agent("by-link", visibility="unlisted")
    list_agent("gone", state="withdrawn")
    for address in ("harbor/by-link", "harbor/gone", "harbor/none", "", "harbor", "a/b/c", "x\0/y"):
        with pytest.raises(InputInvalid):
            shop.show(address)
    for number in range(25):
        list_agent(f"agent-{number}")
        if number < 24:
            shop.show(f"harbor/agent-{number}")
    with pytest.raises(Conflict, match="at most 24"):
        shop.show("harbor/agent-24")
    first = shop.facts().chosen[0]
    inside(shop.acme, catalog.hide_agent, listing_id=first, by=shop.olga.id)
    assert first not in shop.facts().chosen
    with pytest.raises(NotFound):
        inside(shop.acme, catalog.hide_agent, listing_id=first, by=shop.olga.id)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"accent": value} for value in ("red", "#fff", "#12345g", "#000;}body{display:none", "url(//x)", "")),
        {"audience": "friends"},
        {"headline": "x" * 121},
        {"welcome": "x" * 601},
    ],
)
def test_nonsense_is_refused_and_changes_nothing(shop, wrong):
    with pytest.raises(InputInvalid):
        shop.save(**wrong)
    assert not shop.facts().is_on


@pytest.mark.sec
def test_only_admins_of_the_workspace_change_its_storefront(shop):
    for by in (shop.mia, shop.sam):
        with pytest.raises(RoleTooLow):
            shop.save(by=by)
        with pytest.raises(RoleTooLow):
            shop.show("harbor/site-auditor", by=by)
        for act, more in ((catalog.set_logo, {"content": b""}), (catalog.remove_logo, {})):
            with pytest.raises(Forbidden):
                inside(shop.acme, act, by=by.id, **more)
    assert not shop.facts().is_on


@pytest.mark.sec
async def test_hostile_words_stay_words(browser, shop):
    list_agent(name=CORPUS[0], summary=CORPUS[4])
    shop.show("harbor/site-auditor")
    for words in CORPUS:
        shop.save(headline=words[:120], welcome=words)
        page = Read.of((await browser.get(f"{HOST}/")).text)
        scripts = [found for tag, found in page.tags if tag == "script"]
        assert [one.get("type") for one in scripts] == ["application/ld+json"] * 2, words
        assert [tag for tag, _ in page.tags if tag in DANGEROUS - {"script"}] == ["style"], words
        assert not [name for _, found in page.tags for name in found if name.startswith("on")]
        twin = MarkdownIt("commonmark").parse((await browser.get(f"{HOST}/index.md")).text)
        assert [token.content for token in twin if token.type in {"html_block", "fence", "code_block"}] == [], words
        assert page.titles == 1
    assert (await browser.get(f"{HOST}/storefront/picture.png")).status_code == 200


@pytest.mark.sec
async def test_the_colour_in_the_page_is_one_that_we_have_computed(browser, shop):
    shop.save(accent="#FFCC00")
    text = (await browser.get(f"{HOST}/")).text
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "ffcc00" not in style.partition("@media")[0]  # too light for white words, so it was darkened
    assert "--btn:#ffcc00" in style.partition("@media")[2]


async def test_each_change_is_in_the_audit_log(shop):
    list_agent()
    shop.save()
    shop.show("harbor/site-auditor")
    inside(shop.acme, catalog.set_logo, content=picture(), by=shop.olga.id)
    actions = {entry.action for entry in inside(shop.acme, audit.list_entries)}
    assert {"storefront.changed", "storefront.agent_shown", "storefront.logo_changed"} <= actions


def picture(kind="PNG", size=(900, 300), **more) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#336699").save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
async def test_a_logo_is_drawn_anew_and_served_as_nothing_but_a_picture(browser, shop, kind):
    shop.save()
    sent = picture(kind) + b"<script>alert(1)</script>"
    inside(shop.acme, catalog.set_logo, content=sent, by=shop.olga.id)
    page = Read.of((await browser.get(f"{HOST}/")).text)
    place = next(found["src"] for tag, found in page.tags if tag == "img" and found.get("class") == "logo")
    answer = await browser.get(f"{HOST}{place}")
    served = Image.open(io.BytesIO(answer.content))
    assert (answer.headers["content-type"], served.format, served.size) == ("image/webp", "WEBP", (512, 171))
    assert b"<script>" not in answer.content
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.sec
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 40,
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
    ],
)
def test_what_is_no_picture_is_refused(shop, content):
    with pytest.raises(InputInvalid):
        inside(shop.acme, catalog.set_logo, content=content, by=shop.olga.id)
    assert shop.facts().logo_key is None


@pytest.mark.sec
def test_a_picture_that_is_too_large_is_refused_before_it_is_decoded(shop):
    out = io.BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")
    assert len(out.getvalue()) < 1_048_576
    for content in (out.getvalue(), b"\0" * 1_048_577):
        with pytest.raises(TooLarge):
            inside(shop.acme, catalog.set_logo, content=content, by=shop.olga.id)
    assert shop.facts().logo_key is None


@pytest.mark.sec
async def test_the_logo_is_seen_by_whoever_may_see_the_storefront(browser, shop):
    inside(shop.acme, catalog.set_logo, content=picture(), by=shop.olga.id)
    assert (await browser.get(f"{HOST}/storefront/logo")).status_code == 404
    assert (await browser.get(f"{HOST}/storefront/logo", cookie=cookie_of(shop.sam))).status_code == 404
    assert (await browser.get(f"{HOST}/storefront/logo", cookie=cookie_of(shop.mia))).status_code == 200
    assert (await browser.get("http://globex.localhost:3000/storefront/logo")).status_code == 404
    assert (await browser.get("/storefront/logo")).status_code == 404
    shop.save()
    assert (await browser.get(f"{HOST}/storefront/logo")).status_code == 200
    inside(shop.acme, catalog.remove_logo, by=shop.olga.id)
    assert (await browser.get(f"{HOST}/storefront/logo")).status_code == 404
