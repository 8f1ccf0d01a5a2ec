import re

import psycopg
import pytest

from agent_platform.core import mail
from agent_platform.core.ids import digest
from agent_platform.core.settings import get_settings
from agent_platform.services import identity

REFUSED = "/sign-in?problem=refused"
HOME = "/auth/home"


async def ask(browser, email="ann@example.com", **form):
    return await browser.post("/auth/email", {"email": email} | form)


def link():
    [newest, *_] = mail.list_kept(get_settings())
    return re.search(r"http://\S+", newest.text)[0]


def caller(browser):
    token = browser.cookie("ap_sid")
    return token and identity.in_platform(identity.find_caller, token_hash=digest(token), host="localhost")


async def test_the_link_signs_in_the_browser_that_asked(open_browser):
    browser = open_browser()
    asked = await ask(browser, "Ann@Example.com", next="/runs")
    assert asked.headers["location"] == "/sign-in?sent=1&next=%2Fruns"
    assert (await browser.get(link())).headers["location"] == "/runs"
    me = caller(browser)
    assert me.user_name == "ann"
    assert identity.in_platform(identity.get_profile, user_id=me.user_id).notice_email == "ann@example.com"


@pytest.mark.sec
async def test_another_browser_is_refused_and_does_not_use_the_link_up(open_browser):
    asker, thief, asked_too = open_browser(), open_browser(), open_browser()
    await ask(asker)
    stolen = link()
    await ask(asked_too, "eve@example.com")
    for other in (thief, asked_too):
        assert (await other.get(stolen)).headers["location"].startswith(REFUSED)
        assert other.cookie("ap_sid") is None
    assert (await asker.get(stolen)).headers["location"] == HOME


@pytest.mark.sec
async def test_a_link_works_once_and_not_after_15_minutes(open_browser, database):
    browser = open_browser()
    await ask(browser)
    pre, used = browser.cookie("ap_pre"), link()
    await browser.get(used)
    browser.cookies["localhost"]["ap_pre"] = pre
    assert (await browser.get(used)).headers["location"].startswith(REFUSED)
    await ask(browser)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update platform.one_time_codes set expires_at = expires_at - interval '15 minutes'")
    assert (await browser.get(link())).headers["location"].startswith(REFUSED)


async def test_a_mail_scanner_that_asks_with_head_uses_nothing_up(open_browser):
    browser = open_browser()
    await ask(browser)
    head = await browser._send("HEAD", link(), {})
    assert head.status_code == 405
    assert (await browser.get(link())).headers["location"] == HOME


@pytest.mark.sec
async def test_the_answer_is_the_same_for_known_and_unknown_addresses(open_browser):
    browser, stranger = open_browser(), open_browser()
    await ask(browser)
    await browser.get(link())
    known, unknown = await ask(stranger), await ask(open_browser(), "nobody@example.com")
    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    assert {name for name in known.headers if name != "x-request-id"} == {
        name for name in unknown.headers if name != "x-request-id"
    }


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "a b@example.com",
        "ann@example.com\nBcc: x@y.z",
        "a@b",
        "x" * 300 + "@example.com",
    ],
)
async def test_what_is_no_address_is_said_so_and_nothing_is_sent(open_browser, email):
    refused = await ask(open_browser(), email)
    assert refused.headers["location"].startswith("/sign-in?problem=input_invalid")
    assert mail.list_kept(get_settings()) == []


@pytest.mark.sec
async def test_a_mailed_link_is_built_from_configuration_not_from_the_request(open_browser):
    browser = open_browser()
    await browser.post(
        "/auth/email",
        {"email": "ann@example.com"},
        **{"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    )
    assert link().startswith(f"{get_settings().base_url}/auth/email/finish?code=")


@pytest.mark.sec
async def test_a_form_from_another_origin_or_of_another_kind_is_refused(open_browser):
    browser = open_browser()
    for origin in ("http://evil.example", "null", "http://acme.localhost:3000"):
        assert (await browser.post("/auth/email", {"email": "a@b.example"}, origin=origin)).status_code == 403
    typed = {"content-type": "application/json"}
    refused = await browser.post("/auth/email", {"email": "a@b.example"}, **typed)
    assert refused.headers["location"].startswith("/sign-in?problem=input_invalid")
    assert mail.list_kept(get_settings()) == []


@pytest.mark.sec
async def test_next_of_the_form_never_leads_away(open_browser):
    browser = open_browser()
    await ask(browser, next="//evil.example")
    assert (await browser.get(link())).headers["location"] == HOME


async def test_an_address_is_added_to_the_account_and_never_merged_with_another(open_browser, database):
    browser, other = open_browser(), open_browser()
    await ask(browser)
    await browser.get(link())
    me = caller(browser).user_id
    await ask(browser, "second@example.com", link="1")
    await browser.get(link())
    assert caller(browser).user_id == me
    await ask(other, "third@example.com")
    await other.get(link())
    await ask(other, "second@example.com", link="1")
    assert (await other.get(link())).headers["location"].startswith("/sign-in?problem=identity_taken")
    assert len(identity.in_platform(identity.list_identities, user_id=me)) == 2


@pytest.mark.sec
async def test_a_link_that_was_to_add_an_address_does_nothing_for_somebody_else_in_the_same_browser(open_browser):
    browser = open_browser()
    await ask(browser)
    await browser.get(link())
    me = caller(browser).user_id
    await ask(browser, "second@example.com", link="1")
    pending = link()
    await ask(browser, "guest@example.com")
    guest_link, pre = link(), browser.cookie("ap_pre")
    await browser.get(guest_link)
    browser.cookies["localhost"]["ap_pre"] = pre
    assert caller(browser).user_id != me
    assert (await browser.get(pending)).headers["location"].startswith(REFUSED)
    assert len(identity.in_platform(identity.list_identities, user_id=me)) == 1


@pytest.mark.sec
async def test_a_sixth_mail_to_one_address_within_a_minute_waits(open_browser):
    browser = open_browser()
    statuses = [(await ask(browser)).status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]
    assert len(mail.list_kept(get_settings())) == 5


@pytest.mark.sec
async def test_after_ten_wrong_codes_the_address_waits_though_right_ones_are_not_counted(open_browser):
    browser = open_browser()
    await ask(browser)
    good, pre = link(), browser.cookie("ap_pre")
    for number in range(10):
        assert (await browser.get(f"/auth/email/finish?code={number}")).status_code == 303
    assert (await browser.get(good)).status_code == 429
    assert pre == browser.cookie("ap_pre")


async def test_the_notice_address_is_confirmed_by_a_button_not_by_the_link_alone(open_browser):
    browser = open_browser()
    await ask(browser)
    await browser.get(link())
    me = caller(browser).user_id
    identity.in_platform(identity.ask_notice_email, user_id=me, email="new@example.com")
    confirm = link()
    stranger = await open_browser().get(confirm)
    assert stranger.headers["location"].startswith("/sign-in?next=%2Fauth%2Fnotice-address")
    page = await browser.get(confirm)
    assert '<form method="post"' in page.text
    assert identity.in_platform(identity.get_profile, user_id=me).notice_email == "ann@example.com"
    assert (await browser.post(confirm)).status_code == 200
    assert identity.in_platform(identity.get_profile, user_id=me).notice_email == "new@example.com"
