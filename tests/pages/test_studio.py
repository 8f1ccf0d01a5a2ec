"""The creator's own page of an agent: builds under way, and what becomes of them."""

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Conflict
from agent_platform.core.policy import Caller
from agent_platform.services import agents, catalog
from agent_platform.state.studio import StudioAgentState
from tests.doubles.tab import Page
from tests.factories import make_tenant, make_user
from tests.services.agents.samples import bundle
from tests.services.agents.twins import StillDriver
from tests.services.catalog.creators import Creator


@pytest.fixture
def creator(settings, enter, said) -> Caller:
    person = make_user("Carla")
    caller = Caller(person, "Carla", make_tenant("carla", owner=person), "carla", "owner", ("build",), None)
    enter(caller)
    return caller


async def opened(_creator) -> Page:
    page = Page(StudioAgentState, "/studio/agents/site-auditor")
    await page.send("open")
    return page


async def test_a_build_under_way_says_how_long_it_may_take_and_can_be_cancelled(creator):
    with tenant_session(creator.tenant_id) as session:
        version = agents.upload(session, content=bundle(), by=creator.user_id)
        build = agents.list_builds(session, version_id=version.id)[0]
    page = await opened(creator)
    assert (page.state.agent.build.state, page.state.agent.build.note) == (
        "queued",
        "Waits for its turn: this workspace builds 2 at once.",
    )
    with acting_as("worker"):
        agents.start_build(tenant_id=creator.tenant_id, build_id=build.id, driver=StillDriver())
    page = await opened(creator)
    assert page.state.agent.build.note == "Ends by itself after 15 minutes at the latest."
    await page.send("cancel_build", page.state.agent.build.id)
    shown = page.state.agent.build
    assert (shown.state, shown.open, shown.note) == ("cancelled", False, "")
    assert page.state.agent.versions[0].step == "mend"


async def test_a_build_that_is_over_is_not_cancelled_again(creator):
    with tenant_session(creator.tenant_id) as session:
        agents.upload(session, content=bundle(), by=creator.user_id)
    page = await opened(creator)
    await page.send("cancel_build", page.state.agent.build.id)
    with pytest.raises(agents.StateMoved):
        await page.send("cancel_build", page.state.agent.build.id)


async def test_the_first_version_is_shown_to_the_whole_workspace_without_another_upload(settings, enter, said):
    carla = Creator("carla")
    carla.ready()
    enter(Caller(carla.by, "Carla", carla.tenant, "carla", "owner", ("build",), None))
    page = await opened(None)
    assert [(one.number, one.stable, one.releasable) for one in page.state.agent.versions] == [("1.0.0", True, False)]
    await page.send("show_within", "tenant")
    assert (page.state.agent.visibility, carla.agent.visibility) == ("tenant", "tenant")
    with pytest.raises(Conflict, match="needs a reviewer's yes"):
        await page.send("show_within", "public")


async def test_a_breaking_version_is_refused_where_it_is_made_stable(settings, enter, said):
    carla = Creator("carla")
    carla.ready()
    changed = {"input__required": ["start_url", "max_pages"], "input__properties__max_pages": {"type": "integer"}}
    carla.ready(version="1.1.0", **changed)
    enter(Caller(carla.by, "Carla", carla.tenant, "carla", "owner", ("build",), None))
    page = await opened(None)
    newest = page.state.agent.versions[0]
    assert (newest.number, newest.releasable) == ("1.1.0", True)
    with pytest.raises(catalog.BreakingChange, match=r"input\.required"):
        await page.send("make_stable", newest.id)
