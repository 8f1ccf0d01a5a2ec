"""Which addresses of agents are answered with a page, and which with 404."""

import pytest
from starlette.responses import HTMLResponse
from starlette.routing import compile_path

from agent_platform.services import identity
from tests.doubles import people
from tests.doubles.running import make_workspace
from tests.services.catalog.shelf import fill

PAGE, _, _ = compile_path("/agents/{publisher}/{slug}")


async def front_end(scope, receive, send):
    """As the built front end: the same shell for every address, with 404 where no page is."""
    await HTMLResponse("shell", 200 if PAGE.match(scope["path"]) else 404)(scope, receive, send)


@pytest.fixture
def status_of(through):
    async def status_of(slug, host="localhost", cookie=""):
        headers = {"Host": f"{host}:3000", "Cookie": cookie}
        return (await through(front_end, f"/agents/{slug}", headers=headers)).status

    return status_of


async def test_a_listed_agent_has_a_page_and_a_wrong_slug_has_none(status_of, acme):
    fill(log_triage={"visibility": "unlisted"})
    assert await status_of("harbor/data-profiler") == 200
    assert await status_of("harbor/data-profiler", "acme.localhost") == 200
    assert await status_of("harbor/log-triage") == 200
    assert await status_of("harbor/no-such-agent") == 404
    assert await status_of("nobody/data-profiler") == 404
    assert await status_of("nobody/data-profiler", "acme.localhost") == 404


@pytest.mark.parametrize("state", ["suspended", "withdrawn"])
async def test_an_agent_that_is_offered_no_more_has_no_page(status_of, settings, state):
    fill(log_triage={"state": state})
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
