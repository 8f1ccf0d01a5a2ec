"""Visits are counted only where it is set up, on public pages of the base domain, after a yes."""

import pytest
from pydantic import ValidationError

from agent_platform.core.settings import Settings, get_settings
from tests.api.site.listed import list_agent
from tests.doubles.people import arrive, found

GOOGLE = "googletagmanager.com"
PAGES = (
    "/",
    "/agents",
    "/agents/harbor/site-auditor",
    "/publishers/harbor",
    "/docs/manifest",
    "/quality",
    "/changelog",
    "/terms",
    "/cookies",
)
YES, NO = {"cookie": "ap_consent=yes"}, {"cookie": "ap_consent=no"}


@pytest.fixture
def agent(settings):
    list_agent()
    found(arrive("Olga", 1), "acme")


@pytest.fixture
def measured(configure, agent):
    configure(AP_ANALYTICS_ID="G-ABC123XYZ")


def policy(answer) -> str:
    return answer.headers["content-security-policy"]


async def test_without_an_id_nothing_asks_and_nothing_is_let_in(browser, agent):
    for headers in ({}, YES):
        for path in PAGES:
            answer = await browser.get(path, **headers)
            assert "consent.js" not in answer.text
            assert GOOGLE not in policy(answer) + answer.text


async def test_with_an_id_every_public_page_asks_and_lets_nobody_in_before_a_yes(browser, measured):
    for headers in ({}, NO, {"cookie": "ap_consent=yesyes"}, {"cookie": "other=yes"}):
        for path in PAGES:
            answer = await browser.get(path, **headers)
            assert (
                '<script data-analytics="G-ABC123XYZ" data-answer="" defer src="/js/consent.js"></script>'
                in answer.text
            )
            assert GOOGLE not in policy(answer) + answer.text


async def test_after_a_yes_the_policy_of_public_pages_alone_lets_it_in(browser, measured):
    for path in PAGES:
        answer = await browser.get(path, **YES)
        assert "script-src 'self'" in policy(answer)
        assert f" https://www.{GOOGLE};" in policy(answer)
        assert "https://*.google-analytics.com" in policy(answer)
        assert 'data-answer="yes"' in answer.text
        assert "'unsafe-inline'" not in policy(answer).partition("style-src")[0]
    for path in (
        "/sign-in",
        "/llms.txt",
        "/agents.md",
        "/robots.txt",
        "/no/such/page",
        "/agents/harbor/nothing",
        "/healthz",
    ):
        answer = await browser.get(path, **YES)
        assert GOOGLE not in policy(answer) + answer.text, path
        assert "consent.js" not in answer.text, path


async def test_a_page_that_was_kept_under_another_answer_is_not_taken_for_this_one(browser, measured):
    first = await browser.get("/agents")
    again = await browser.get("/agents", **YES, **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert "Cookie" in again.headers["vary"]


@pytest.mark.sec
async def test_nothing_of_it_is_on_a_workspace_s_host(browser, measured):
    for path in (*PAGES, "/overview", "/settings/profile"):
        answer = await browser.get(f"http://acme.localhost:3000{path}", **YES)
        assert GOOGLE not in policy(answer) + answer.text, path
        assert "consent.js" not in answer.text, path


@pytest.mark.sec
@pytest.mark.parametrize("wrong", ['G-1"><script>', "UA-12345-1", "G-", "g-abc123", "G-ABC 123", "x" * 40])
def test_an_id_that_is_none_stops_the_start(monkeypatch, wrong):
    monkeypatch.setenv("AP_ANALYTICS_ID", wrong)
    with pytest.raises(ValidationError):
        Settings()


async def test_terms_privacy_and_cookies_are_public_pages_with_twins_and_in_every_foot(browser, agent):
    for name in ("terms", "privacy", "cookies"):
        answer = await browser.get(f"/{name}")
        assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "all")
        assert f"# {name.capitalize()}\n" in (await browser.get(f"/{name}.md")).text
        assert f'href="/{name}"' in (await browser.get("/")).text
    assert get_settings().analytics_id == ""
