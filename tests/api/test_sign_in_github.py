import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from agent_platform.core.ids import digest
from agent_platform.services import identity, tenancy
from tests.doubles.github import Account

REFUSED = "/sign-in?problem=refused"


async def sign_in(browser, path="/auth/github"):
    return await browser.follow(await browser.get(path), until="/sign-in?")


def caller(browser, host="localhost"):
    token = browser.cookie("ap_sid", host)
    return token and identity.in_platform(identity.find_caller, token_hash=digest(token), host=host)


def rows(database, query):
    with psycopg.connect(database.superuser) as connection:
        return connection.execute(query).fetchall()


async def test_a_first_sign_in_makes_person_identity_and_workspace(github, open_browser, database):
    github.account.emails = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "mona@example.com", "primary": True, "verified": True},
    ]
    browser = open_browser()
    assert (await sign_in(browser)).status_code == 200
    assert browser.address == "http://octocat.localhost:3000/overview"
    me = caller(browser)
    assert (me.user_name, me.tenant_id, me.role) == ("Mona Octocat", None, None)
    [home] = identity.in_platform(tenancy.list_workspaces, user_id=me.user_id)
    assert (home.slug, home.name, home.role) == ("octocat", "Mona Octocat", "owner")
    assert rows(database, "select provider, subject, label from platform.identities") == [
        ("github", "583231", "octocat")
    ]
    assert identity.in_platform(identity.get_profile, user_id=me.user_id).notice_email == "mona@example.com"
    assert github.refusals == []


async def test_the_session_cookie_is_host_only_http_only_and_lax(github, open_browser):
    browser = open_browser()
    await sign_in(browser)
    headers = [header for header in browser.set_cookies if header.startswith("ap_sid=")]
    assert len(headers) == 2  # of the base host, then of the workspace's
    for header in headers:
        attributes = {part.strip().partition("=")[0].lower() for part in header.split(";")[1:]}
        assert {"httponly", "samesite", "path"} <= attributes
        assert not {"domain", "secure"} & attributes


async def test_only_hashes_of_session_and_state_are_stored(github, open_browser, database):
    browser = open_browser()
    start = await browser.get("/auth/github")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    [(stored,)] = rows(database, "select c::text from platform.one_time_codes c")
    assert state not in stored
    assert browser.cookie("ap_oauth") not in stored
    await browser.follow(start)
    stored = rows(database, "select s::text from platform.sessions s")
    assert len(stored) == 2
    for host in ("localhost", "octocat.localhost"):
        assert browser.cookie("ap_sid", host) not in str(stored)


async def test_a_second_sign_in_finds_the_same_person_with_a_new_session(github, open_browser):
    browser = open_browser()
    await sign_in(browser)
    first, me = browser.cookie("ap_sid"), caller(browser)
    await sign_in(browser)
    assert caller(browser).user_id == me.user_id
    assert browser.cookie("ap_sid") != first
    assert identity.in_platform(identity.find_caller, token_hash=digest(first), host="localhost") is None


async def test_a_renamed_login_stays_the_same_person(github, open_browser, database):
    one, two = open_browser(), open_browser()
    await sign_in(one)
    github.account.login = "mona-renamed"
    await sign_in(two)
    assert caller(two).user_id == caller(one).user_id
    assert rows(database, "select label from platform.identities") == [("mona-renamed",)]


async def test_a_login_registered_again_by_somebody_else_is_another_person(github, open_browser):
    one, two = open_browser(), open_browser()
    await sign_in(one)
    github.account = Account(999, "octocat", "Not Mona")
    await sign_in(two)
    assert caller(two).user_id != caller(one).user_id
    [home] = identity.in_platform(tenancy.list_workspaces, user_id=caller(two).user_id)
    assert home.slug == "octocat-2"


@pytest.mark.sec
@pytest.mark.parametrize("verified", [True, False])
async def test_an_account_with_a_known_address_is_still_another_person(github, open_browser, verified):
    one, two = open_browser(), open_browser()
    github.account.emails = [{"email": "mona@example.com", "primary": True, "verified": True}]
    await sign_in(one)
    github.account = Account(666, "eve", "Eve", [{"email": "mona@example.com", "primary": True, "verified": verified}])
    await sign_in(two)
    assert caller(two).user_id != caller(one).user_id


@pytest.mark.sec
async def test_a_callback_without_state_or_from_another_browser_is_refused(github, open_browser):
    victim, attacker = open_browser(), open_browser()
    back = await attacker.follow(await attacker.get("/auth/github"), until="/auth/github/callback")
    callback = back.headers["location"]
    for url in (
        callback,
        "/auth/github/callback?code=x",
        "/auth/github/callback?code=x&state=" + "y" * 43,
        "/auth/github/callback",
    ):
        refused = await victim.get(url)
        assert refused.headers["location"].startswith(REFUSED)
    await victim.get("/auth/github")
    assert (await victim.get(callback)).headers["location"].startswith(REFUSED)
    assert victim.cookie("ap_sid") is None
    assert (await attacker.get(callback)).headers["location"] == "/auth/home"


@pytest.mark.sec
async def test_a_state_works_once_even_with_the_cookie_put_back(github, open_browser):
    browser = open_browser()
    start = await browser.get("/auth/github")
    cookie = browser.cookie("ap_oauth")
    back = await browser.follow(start, until="/auth/github/callback")
    await browser.get(back.headers["location"])
    assert caller(browser)
    browser.cookies["localhost"]["ap_oauth"] = cookie
    assert (await browser.get(back.headers["location"])).headers["location"].startswith(REFUSED)
    state = parse_qs(urlsplit(back.headers["location"]).query)["state"][0]
    fresh = await browser.follow(await browser.get("/auth/github"), until="/auth/github/callback")
    code = parse_qs(urlsplit(fresh.headers["location"]).query)["code"][0]
    replay = await browser.get(f"/auth/github/callback?code={code}&state={state}")
    assert replay.headers["location"].startswith(REFUSED)


@pytest.mark.sec
async def test_a_code_obtained_with_another_verifier_or_used_before_is_refused_by_github(github, open_browser):
    browser, other = open_browser(), open_browser()
    stolen = await other.follow(await other.get("/auth/github"), until="/auth/github/callback")
    code = parse_qs(urlsplit(stolen.headers["location"]).query)["code"][0]
    start = await browser.get("/auth/github")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    injected = await browser.get(f"/auth/github/callback?code={code}&state={state}")
    assert injected.headers["location"].startswith("/sign-in?problem=provider")
    assert github.refusals == ["bad_verifier"]
    start = await browser.get("/auth/github")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    await browser.get(f"/auth/github/callback?code={code}&state={state}")
    assert github.refusals == ["bad_verifier", "bad_verification_code"]
    assert browser.cookie("ap_sid") is None


async def test_the_challenge_is_the_hash_of_the_verifier_in_the_cookie(github, open_browser):
    browser = open_browser()
    start = await browser.get("/auth/github")
    query = parse_qs(urlsplit(start.headers["location"]).query)
    hashed = hashlib.sha256(browser.cookie("ap_oauth").encode()).digest()
    assert query["code_challenge"] == [base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()]


@pytest.mark.sec
async def test_a_state_older_than_ten_minutes_is_refused(github, open_browser, database):
    browser = open_browser()
    back = await browser.follow(await browser.get("/auth/github"), until="/auth/github/callback")
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update platform.one_time_codes set expires_at = expires_at - interval '10 minutes'")
    assert (await browser.get(back.headers["location"])).headers["location"].startswith(REFUSED)


async def test_a_person_who_says_no_at_github_is_back_with_a_sentence(github, open_browser):
    browser = open_browser()
    start = await browser.get("/auth/github")
    state = parse_qs(urlsplit(start.headers["location"]).query)["state"][0]
    refused = await browser.get(f"/auth/github/callback?error=access_denied&state={state}")
    assert refused.headers["location"].startswith("/sign-in?problem=provider&ref=")


@pytest.mark.parametrize(
    "answer", [{"login": "x"}, {"id": "583231", "login": "x"}, {"id": True, "login": "x"}, [], "x", {"id": 5}]
)
async def test_an_answer_without_a_numeric_id_signs_nobody_in(github, open_browser, answer):
    github.user_answer = answer
    browser = open_browser()
    assert (await sign_in(browser)).headers["location"].startswith("/sign-in?problem=provider")
    assert browser.cookie("ap_sid") is None


@pytest.mark.sec
async def test_a_supplied_address_never_decides_where_the_browser_or_server_goes(github, open_browser):
    browser = open_browser()
    tricks = "authorize_url=http://evil.example/&redirect_uri=http://evil.example/&github_url=http://evil.example"
    start = await browser.get(f"/auth/github?{tricks}")
    assert "evil.example" not in start.headers["location"]
    assert (await browser.follow(start)).status_code == 200
    assert github.refusals == []


@pytest.mark.sec
async def test_a_planted_session_cookie_is_replaced_and_ended_at_sign_in(github, open_browser):
    attacker, victim = open_browser(), open_browser()
    await sign_in(attacker)
    planted = attacker.cookie("ap_sid")
    victim.cookies["localhost"] = {"ap_sid": planted}
    github.account = Account(2, "victim", "Victim")
    await sign_in(victim)
    assert victim.cookie("ap_sid") != planted
    assert caller(attacker) is None
    assert caller(victim).user_name == "Victim"


@pytest.mark.sec
async def test_a_made_up_session_cookie_is_never_taken_over(github, open_browser):
    browser = open_browser()
    browser.cookies["localhost"] = {"ap_sid": "A" * 43}
    await sign_in(browser)
    assert browser.cookie("ap_sid") != "A" * 43


async def test_without_configuration_the_door_is_closed(settings, open_browser):
    closed = await open_browser().get("/auth/github")
    assert closed.headers["location"].startswith("/sign-in?problem=github_closed&ref=")


async def test_a_sign_in_is_added_to_the_account_and_opens_it_afterwards(github, open_browser, database):
    browser, later = open_browser(), open_browser()
    await sign_in(browser)
    me, token = caller(browser).user_id, browser.cookie("ap_sid")
    github.account = Account(77, "work", "Mona at work")
    assert (await sign_in(browser, "/auth/github?link=1&next=/done")).status_code == 200
    assert browser.address.endswith("/done")
    assert caller(browser).user_id == me
    assert browser.cookie("ap_sid") != token
    await sign_in(later)
    assert caller(later).user_id == me
    assert len(rows(database, "select 1 from platform.users")) == 1


@pytest.mark.sec
async def test_a_sign_in_of_somebody_else_cannot_be_added(github, open_browser, database):
    one, two = open_browser(), open_browser()
    await sign_in(one)
    github.account = Account(77, "eve", "Eve")
    await sign_in(two)
    refused = await sign_in(one, "/auth/github?link=1")
    assert refused.headers["location"].startswith("/sign-in?problem=identity_taken")
    assert len(rows(database, "select distinct user_id from platform.identities")) == 2


@pytest.mark.sec
async def test_adding_a_sign_in_needs_a_fresh_one_and_a_session(github, open_browser, database):
    stranger, browser = open_browser(), open_browser()
    assert (await stranger.get("/auth/github?link=1")).headers["location"].startswith(REFUSED)
    await sign_in(browser)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update platform.sessions set created_at = created_at - interval '11 minutes'")
    assert (await browser.get("/auth/github?link=1")).headers["location"].startswith("/sign-in?problem=sign_in_too_old")


async def test_an_eleventh_sign_in_within_a_minute_waits(github, open_browser):
    browser = open_browser()
    statuses = [(await browser.get("/auth/github")).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]
    assert int((await browser.get("/auth/github")).headers["retry-after"]) <= 60
