"""Leaving, keeping the account, and a second way in by mail, as a browser meets them."""

import re

import psycopg
import pytest

from agent_platform.core import mail
from agent_platform.core.ids import digest
from agent_platform.core.settings import get_settings
from agent_platform.services import identity
from agent_platform.services.identity.errors import SignInTooOld


def link():
    [newest, *_] = mail.list_kept(get_settings())
    return re.search(r"http://\S+", newest.text)[0]


async def signed_in(browser, address="ann@example.com"):
    await browser.post("/auth/email", {"email": address})
    await browser.get(link())
    return who(browser)


def who(browser):
    token = browser.cookie("ap_sid")
    return token and identity.in_platform(identity.find_caller, token_hash=digest(token), host="localhost")


def ways(person_id):
    return [one.label for one in identity.in_platform(identity.list_identities, user_id=person_id)]


def ask_way(caller, email):
    return identity.in_platform(
        identity.ask_email_identity, user_id=caller.user_id, session_id=caller.session_id, email=email
    )


async def test_who_leaves_is_signed_out_and_reads_until_when(open_browser):
    browser = open_browser()
    await signed_in(browser)
    left = await browser.post("/auth/leave", {"confirmation": "ann@example.com"})
    assert left.status_code == 200
    assert "will be deleted on" in left.text
    assert who(browser) is None
    assert (await signed_in(browser)).delete_at is not None


async def test_other_words_leave_everything_as_it_is(open_browser):
    browser = open_browser()
    await signed_in(browser)
    refused = await browser.post("/auth/leave", {"confirmation": "yes"}, accept="text/html")
    assert refused.status_code == 422
    assert "Type your name" in refused.text
    assert who(browser).delete_at is None


@pytest.mark.sec
async def test_nobody_else_s_page_makes_somebody_leave(open_browser):
    browser = open_browser()
    await signed_in(browser)
    refused = await browser.post("/auth/leave", {"confirmation": "ann"}, origin="http://evil.localhost:3000")
    assert refused.status_code == 403
    assert who(browser).delete_at is None


async def test_a_person_without_github_has_two_ways_in_and_removes_one(open_browser):
    browser = open_browser()
    ann = await signed_in(browser)
    assert ask_way(ann, "Ann@Home.example") == "ann@home.example"
    followed = link()
    assert "Add the address" in (await browser.get(followed)).text
    assert ways(ann.user_id) == ["ann@example.com"]
    added = await browser.post(followed)
    assert (added.status_code, "Address added" in added.text) == (
        200,
        True,
    )  # a redirect to a workspace would be stopped by the browser
    assert who(browser).user_id == ann.user_id
    assert ways(ann.user_id) == ["ann@example.com", "ann@home.example"]
    assert (await signed_in(open_browser(), "ann@home.example")).user_id == ann.user_id
    [first, _] = identity.in_platform(identity.list_identities, user_id=ann.user_id)
    session_id = who(browser).session_id
    identity.in_platform(identity.remove_identity, user_id=ann.user_id, identity_id=first.id, session_id=session_id)
    assert ways(ann.user_id) == ["ann@home.example"]


@pytest.mark.sec
async def test_an_address_of_another_account_is_refused_without_saying_whose(open_browser):
    browser = open_browser()
    await signed_in(open_browser(), "bob@example.com")
    ann = await signed_in(browser)
    ask_way(ann, "bob@example.com")
    refused = await browser.post(link())
    assert refused.headers["location"].startswith("/sign-in?problem=identity_taken")
    assert ways(ann.user_id) == ["ann@example.com"]


@pytest.mark.sec
async def test_the_link_adds_to_nobody_else_s_account(open_browser):
    asker, reader, stranger = open_browser(), open_browser(), open_browser()
    ann = await signed_in(asker)
    bob = await signed_in(reader, "bob@example.com")
    ask_way(ann, "shared@example.com")
    followed = link()
    assert (await reader.post(followed)).headers["location"].startswith("/sign-in?problem=refused")
    assert (await stranger.get(followed)).headers["location"].startswith("/sign-in?next=")
    assert (ways(ann.user_id), ways(bob.user_id)) == (["ann@example.com"], ["bob@example.com"])


@pytest.mark.sec
async def test_adding_needs_a_fresh_sign_in(open_browser, database):
    ann = await signed_in(open_browser())
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE platform.sessions SET created_at = created_at - interval '11 minutes'")
    with pytest.raises(SignInTooOld):
        ask_way(ann, "ann@home.example")
