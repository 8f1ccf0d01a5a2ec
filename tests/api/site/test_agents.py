"""Which addresses of agents are answered with a page, and which with 404."""

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.services import catalog, identity
from agent_platform.views.site.words import STILL_THERE, SUSPENDED
from tests.api.site.listed import list_agent
from tests.api.site.reading import read
from tests.doubles import people
from tests.doubles.running import make_workspace
from tests.factories import make_reviewer
from tests.services.catalog.creators import Creator


@pytest.fixture
def status_of(browser):
    async def status_of(slug, host="localhost", cookie=""):
        headers = {"cookie": cookie} if cookie else {}
        return (await browser.get(f"http://{host}:3000/agents/{slug}", **headers)).status_code

    return status_of


async def test_a_listed_agent_has_a_page_and_a_wrong_slug_has_none(status_of, settings):
    people.found(people.arrive("Olga", 1), "acme")
    list_agent("data-profiler")
    list_agent("log-triage", visibility="unlisted")
    assert await status_of("harbor/data-profiler") == 200
    assert await status_of("harbor/data-profiler", "acme.localhost") == 200
    assert await status_of("harbor/log-triage") == 200
    assert await status_of("harbor/no-such-agent") == 404
    assert await status_of("nobody/data-profiler") == 404
    assert await status_of("nobody/data-profiler", "acme.localhost") == 404


@pytest.mark.parametrize("state", ["suspended", "withdrawn"])
async def test_an_agent_that_is_offered_no_more_has_no_page(status_of, settings, state):
    list_agent("log-triage", state=state)
    assert await status_of("harbor/log-triage") == 404


@pytest.mark.sec
async def test_an_unpublished_agent_has_a_page_for_its_own_workspace_alone(status_of, settings):
    olga, sam = people.arrive("Olga", 1), people.arrive("Sam", 2)
    make_workspace(tenant_id=people.found(olga, "acme"))
    cookies = {
        person.name: "ap_sid="
        + identity.in_platform(
            identity.open_session,
            user_id=person.id,
            browser=identity.Browser("acme.localhost:3000", "test", "127.0.0.1"),
        )
        for person in (olga, sam)
    }
    assert await status_of("acme/site-auditor", "acme.localhost", cookies["Olga"]) == 200
    assert await status_of("acme/no-such-agent", "acme.localhost", cookies["Olga"]) == 404
    assert await status_of("acme/site-auditor", "acme.localhost", cookies["Sam"]) == 404
    assert await status_of("acme/site-auditor", "acme.localhost") == 404
    assert await status_of("acme/site-auditor") == 404


async def test_a_suspended_agent_says_so_without_a_script_too(browser, settings):
    harbor = Creator("harbor")
    harbor.publish()
    why = {"listing_id": harbor.agent.id, "reason": "It copies what it reads.", "by": make_reviewer()}
    identity.in_platform(catalog.suspend, **why)
    with acting_as("worker"):
        catalog.sync_suspensions()
    page = await read(browser, "/agents/harbor/site-auditor", 404)
    assert page.title.startswith("Site Auditor is suspended")
    for said in (SUSPENDED, "It copies what it reads.", STILL_THERE):
        assert said in page.text
    assert page.metas["robots"].startswith("noindex")
    twin = await browser.get("/agents/harbor/site-auditor.md")
    assert (twin.status_code, "It copies what it reads." in twin.text) == (404, True)
