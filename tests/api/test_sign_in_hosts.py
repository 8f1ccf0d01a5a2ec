import re
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from agent_platform.core.ids import digest, new_secret
from agent_platform.core.settings import get_settings
from agent_platform.services import identity, tenancy
from tests.doubles.people import arrive, enrol, found, inside

ACME = "http://acme.localhost:3000"
REFUSED = "/sign-in?problem=refused"


@pytest.fixture
def ann(settings):
    ann = arrive("Ann Lee", 1)
    found(ann, "acme")
    return ann


@pytest.fixture
def signed_in(open_browser):
    """A browser with a session on the base host."""

    def signed_in(person):
        browser = open_browser()
        where = identity.Browser("localhost", "", "")
        token = identity.in_platform(identity.open_session, user_id=person.id, browser=where)
        browser.cookies["localhost"] = {"ap_sid": token}
        return browser

    return signed_in


def caller(browser, host):
    token = browser.cookie("ap_sid", host)
    return token and identity.in_platform(identity.find_caller, token_hash=digest(token), host=host)


async def code_for(browser, path=f"{ACME}/auth/start?next=/runs"):
    handed = await browser.follow(await browser.get(path), until="/auth/finish")
    return handed.headers["location"]


async def test_a_sign_in_is_handed_to_the_workspaces_host_with_a_session_of_its_own(ann, signed_in):
    browser = signed_in(ann)
    page = await browser.follow(await browser.get(f"{ACME}/auth/start?next=/runs?tab=1"))
    assert (page.status_code, browser.address) == (200, f"{ACME}/runs?tab=1")
    assert browser.cookie("ap_sid", "acme.localhost") != browser.cookie("ap_sid")
    assert caller(browser, "acme.localhost").role == "owner"
    assert (
        identity.in_platform(
            identity.find_caller, token_hash=digest(browser.cookie("ap_sid", "acme.localhost")), host="localhost"
        )
        is None
    )


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(ann, github, open_browser):
    github.account.id = 1
    browser = open_browser()
    asked = await browser.follow(await browser.get(f"{ACME}/auth/start?next=/runs"), until="/sign-in?")
    wanted = parse_qs(urlsplit(asked.headers["location"]).query)["next"][0]
    await browser.follow(await browser.get(f"/auth/github?next={wanted.replace('&', '%26')}"))
    assert browser.address == f"{ACME}/runs"
    assert caller(browser, "acme.localhost").user_id == ann.id


@pytest.mark.sec
async def test_a_hand_over_works_once_in_the_browser_that_asked_on_the_host_it_was_made_for(ann, signed_in):
    found(ann, "other-place")
    browser, thief = signed_in(ann), signed_in(arrive("Eve", 2))
    code = await code_for(browser)
    assert (await thief.get(code)).headers["location"].startswith(REFUSED)
    await thief.get(f"{ACME}/auth/start")
    assert (await thief.get(code)).headers["location"].startswith(REFUSED)
    nonce = browser.cookie("ap_nonce", "acme.localhost")
    for host in ("other-place.localhost", "localhost"):
        browser.cookies.setdefault(host, {})["ap_nonce"] = nonce
        moved = code.replace("acme.localhost", host)
        assert (await browser.get(moved)).headers["location"].startswith(REFUSED)
    assert (await browser.get(code)).headers["location"] == "/runs"
    browser.cookies["acme.localhost"]["ap_nonce"] = nonce
    assert (await browser.get(code)).headers["location"].startswith(REFUSED)


@pytest.mark.sec
async def test_a_hand_over_is_void_after_60_seconds_and_after_the_sign_out(ann, signed_in, database):
    browser = signed_in(ann)
    late = await code_for(browser)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update platform.one_time_codes set expires_at = expires_at - interval '60 seconds'")
    assert (await browser.get(late)).headers["location"].startswith(REFUSED)
    code = await code_for(browser)
    await browser.post("/auth/sign-out")
    assert (await browser.get(code)).headers["location"].startswith(REFUSED)


@pytest.mark.sec
async def test_a_hand_over_that_an_attacker_began_ends_in_nothing_for_the_victim(ann, signed_in):
    eve = arrive("Eve", 2)
    inside(identity.in_platform(tenancy.find_tenant_by_slug, slug="acme").id, enrol, person=eve, role="member")
    victim, attacker_nonce = signed_in(ann), new_secret()
    lured = await victim.get(f"/auth/hand-off?to=acme&nonce={digest(attacker_nonce)}&next=/")
    assert (await victim.get(lured.headers["location"])).headers["location"].startswith(REFUSED)


@pytest.mark.sec
@pytest.mark.parametrize(
    "query", ["to=acme", "to=acme&nonce=x", "nonce=" + "a" * 64, "to=evil.example&nonce=" + "a" * 64]
)
async def test_a_malformed_hand_over_is_refused(ann, signed_in, query):
    refused = await signed_in(ann).get(f"/auth/hand-off?{query}")
    assert refused.status_code == 403 or refused.headers["location"].startswith("/sign-in?problem=")


@pytest.mark.sec
async def test_who_is_no_member_is_not_handed_over_and_learns_nothing_more_than_for_an_unknown_workspace(
    ann, signed_in
):
    eve = signed_in(arrive("Eve", 2))
    answers = set()
    for slug in ("acme", "no-such-place"):
        for path in (f"/auth/hand-off?to={slug}&nonce={'a' * 64}", f"/auth/switch?to={slug}"):
            page = await eve.get(path)
            answers.add((page.status_code, re.sub(r"Reference \w+", "", page.text)))
    [(status, text)] = answers
    assert status == 403
    assert "acme" not in text.lower()


async def test_who_is_signed_in_and_no_member_reads_so_and_finds_their_own_workspaces(ann, signed_in):
    eve = arrive("Eve <b>", 2)
    found(eve, "harbor")
    browser = signed_in(eve)
    page = await browser.follow(await browser.get(f"{ACME}/auth/start?next=/overview"))
    assert "<h1>This workspace does not know you</h1>" in page.text
    assert "You are signed in as Eve &lt;b&gt;. Ask one of its admins for an invitation" in page.text
    links = re.findall(r'<a class="menu-item" href="([^"]+)"', page.text)
    assert links == ["/auth/switch?to=eve-b", "/auth/switch?to=harbor", "/start?new=1"]
    await browser.follow(await browser.get(links[1]))
    assert browser.address == "http://harbor.localhost:3000/overview"
    assert '<form method="post" action="/auth/sign-out">' in page.text


async def test_whoever_moves_a_workspace_comes_to_its_new_address_past_no_form(ann, signed_in):
    browser = signed_in(ann)
    acme = identity.in_platform(tenancy.find_tenant_by_slug, slug="acme").id
    inside(acme, tenancy.change_slug, slug="apex", by=ann.id)
    moved = "http://apex.localhost:3000/auth/switch?to=apex"  # to which the old address leads
    page = await browser.follow(await browser.get(moved), until="/sign-in")
    assert (page.status_code, browser.address) == (200, "http://apex.localhost:3000/overview")


@pytest.mark.sec
@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
async def test_no_way_leads_to_another_site(ann, signed_in, target):
    browser = signed_in(ann)
    for path in (f"{ACME}/auth/start", "/auth/start", "/auth/switch?to=acme"):
        page = await browser.follow(await browser.get(f"{path}{'&' if '?' in path else '?'}next={target}"))
        assert page.status_code == 200
        assert urlsplit(browser.address).hostname in {"localhost", "acme.localhost"}


async def test_the_switcher_leads_to_a_workspace_of_ones_own(ann, signed_in):
    browser = signed_in(ann)
    await browser.follow(await browser.get("/auth/switch?to=ann-lee&next=/runs"))
    assert browser.address == "http://ann-lee.localhost:3000/runs"
    assert caller(browser, "ann-lee.localhost").role == "owner"


async def test_a_sign_out_ends_the_browsers_sessions_on_every_host(ann, signed_in):
    browser, elsewhere = signed_in(ann), signed_in(ann)
    await browser.follow(await browser.get(f"{ACME}/auth/start"))
    tokens = [(browser.cookie("ap_sid", host), host) for host in ("localhost", "acme.localhost")]
    await browser.post(f"{ACME}/auth/sign-out")
    assert browser.cookie("ap_sid", "acme.localhost") is None
    for token, host in tokens:
        assert identity.in_platform(identity.find_caller, token_hash=digest(token), host=host) is None
    assert caller(elsewhere, "localhost")


async def test_sign_out_everywhere_ends_every_browser(ann, signed_in):
    one, two = signed_in(ann), signed_in(ann)
    await two.follow(await two.get(f"{ACME}/auth/start"))
    assert (await one.post("/auth/sign-out-everywhere")).status_code == 303
    assert caller(two, "localhost") is None
    assert caller(two, "acme.localhost") is None


@pytest.mark.sec
async def test_a_sign_out_from_another_site_or_by_a_link_is_refused(ann, signed_in):
    browser = signed_in(ann)
    for origin in ("http://evil.example", "null", ACME):
        assert (await browser.post("/auth/sign-out", origin=origin)).status_code == 403
    await browser.get("/auth/sign-out")
    assert caller(browser, "localhost")


async def test_sign_out_without_a_session_is_no_error(open_browser):
    assert (await open_browser().post("/auth/sign-out")).status_code == 303
    assert (await open_browser().post("/auth/sign-out-everywhere")).status_code == 401


async def test_the_admin_link_signs_the_operator_in_once_in_any_browser(open_browser):
    path = identity.in_platform(identity.admin_link)
    one, two = open_browser(), open_browser()
    page = await one.follow(await one.get(path))
    assert (page.status_code, one.address) == (200, "http://platform-operator.localhost:3000/overview")
    assert caller(one, "localhost").platform_roles == ("operator",)
    assert (await two.get(path)).headers["location"].startswith(REFUSED)
    assert caller(one, "platform-operator.localhost").role == "owner"


async def test_somebody_without_a_place_in_mind_goes_to_the_workspace_they_were_in_last(ann, signed_in):
    browser = signed_in(ann)
    await browser.follow(await browser.get("/auth/home"))
    assert browser.address == "http://ann-lee.localhost:3000/overview"
    await browser.follow(await browser.get("/auth/switch?to=acme"))
    await browser.follow(await browser.get("/auth/home"))
    assert browser.address == f"{ACME}/overview"
    await browser.follow(await browser.get(f"{ACME}/auth/home"))
    assert browser.address == f"{ACME}/overview"


async def test_who_left_the_workspace_they_were_in_last_goes_to_their_own(ann, signed_in):
    bob = arrive("Bob", 2)
    with_ann = found(ann, "harbor")
    inside(with_ann, enrol, person=bob, role="member")
    browser = signed_in(bob)
    await browser.follow(await browser.get("/auth/switch?to=harbor"))
    inside(with_ann, tenancy.leave, user_id=bob.id)
    await browser.follow(await browser.get("/auth/home"))
    assert browser.address == "http://bob.localhost:3000/overview"


async def test_who_is_not_signed_in_is_asked_to_and_comes_home(open_browser):
    assert (await open_browser().get("/auth/home")).headers["location"] == "/sign-in?next=%2Fauth%2Fhome"


async def test_only_somebody_without_any_workspace_is_led_to_the_form_for_one(ann, signed_in, database):
    browser = signed_in(ann)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update app.tenants set deleted_at = now()")
    assert (await browser.get("/auth/home")).headers["location"] == "/start"


@pytest.mark.sec
async def test_an_old_admin_link_or_one_opened_on_a_workspaces_host_is_refused(ann, open_browser, database):
    browser, path = open_browser(), identity.in_platform(identity.admin_link)
    assert (await browser.get(ACME + path)).headers["location"].startswith(REFUSED)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update platform.one_time_codes set expires_at = expires_at - interval '10 minutes'")
    assert (await browser.get(path)).headers["location"].startswith(REFUSED)
    assert browser.cookie("ap_sid") is None


@pytest.mark.sec
async def test_a_session_cookie_sent_twice_counts_as_none(ann, signed_in):
    browser = signed_in(ann)
    token = browser.cookie("ap_sid")
    twice = await browser.get(
        f"{get_settings().base_url}/auth/switch?to=acme", cookie=f"ap_sid={token}; ap_sid={'A' * 43}"
    )
    assert twice.headers["location"].startswith("/sign-in?next=")


@pytest.mark.sec
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost.", "no-such-place.localhost", "127.0.0.1"]
)
async def test_unknown_hosts_serve_no_sign_in(open_browser, host):
    answer = await open_browser().get("/auth/email/finish?code=x", host=host)
    assert answer.status_code in {400, 421}


async def test_answers_are_not_kept_by_anybody(ann, signed_in):
    browser = signed_in(ann)
    for path in ("/auth/switch?to=acme", "/auth/start", "/auth/github", "/auth/admin?code=x"):
        assert "no-store" in (await browser.get(path)).headers["cache-control"]
