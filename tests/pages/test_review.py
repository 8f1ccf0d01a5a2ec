"""The review queue as handlers see it: by page and by forged event."""

import pytest

from agent_platform.core.errors import Forbidden, NotFound
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller, policy_of, require
from agent_platform.services import catalog, identity
from agent_platform.state._shell import shell_of
from agent_platform.state.review import ReviewPage, ReviewQueue
from agent_platform.state.studio import StudioAgentState
from tests.doubles.tab import Page
from tests.factories import make_reviewer, make_tenant
from tests.services.catalog.creators import Creator, listing

ADMITTING = ("open", "decide", "write_note")


@pytest.fixture
def mallory(settings) -> Creator:
    return Creator("mallory")


@pytest.fixture
def operator(settings) -> Caller:
    """Owner of the operator's workspace, as the admin link makes them."""
    person = make_reviewer("operator", name="Operator")
    tenant = make_tenant("platform-operator", owner=person, is_operator=True)
    return Caller(person, "Operator", tenant, "platform-operator", "owner", (), None, platform_roles=("operator",))


def owner_of(creator: Creator) -> Caller:
    return Caller(creator.by, "Mallory", creator.tenant, creator.slug, "owner", ("build",), None)


def at(request_id) -> str:
    return f"/ops/review/{shown('pub', request_id)}"


async def test_the_operator_approves_and_the_agent_is_in_the_directory(mallory, operator, enter, said):
    request_id = mallory.request(mallory.ready())
    enter(operator)
    queue = Page(ReviewQueue, "/ops/review")
    await queue.send("open")
    assert [(row.address, row.href) for row in queue.state.requests] == [("mallory/site-auditor", at(request_id))]
    page = Page(ReviewPage, at(request_id))
    await page.send("open")
    assert page.state.submission.message == "Please look."
    await page.send("decide", "approve")
    mallory.work(request_id)
    assert listing("mallory").card.slug == "site-auditor"
    await queue.send("open")
    assert (queue.state.showing, queue.state.requests) == ("empty", [])


async def test_a_refusal_reaches_the_creator_with_its_note(mallory, operator, enter, said):
    version = mallory.ready()
    request_id = mallory.request(version)
    enter(operator)
    page = Page(ReviewPage, at(request_id))
    await page.send("open")
    await page.send("write_note", "The README is empty.")
    await page.send("decide", "request_changes")
    enter(owner_of(mallory))
    studio = Page(StudioAgentState, "/studio/agents/site-auditor")
    await studio.send("open")
    assert [(one.state, one.note) for one in studio.state.agent.versions] == [
        ("changes_requested", "The README is empty.")
    ]


@pytest.mark.sec
@pytest.mark.parametrize("state", [ReviewQueue, ReviewPage])
def test_every_handler_of_the_queue_asks_for_a_platform_role(mallory, state):
    for name in ADMITTING:
        if name in state.event_handlers:
            with pytest.raises(Forbidden, match="whoever runs the installation"):
                require(owner_of(mallory), policy_of(state.event_handlers[name].fn))


@pytest.mark.sec
async def test_what_slips_past_the_gate_is_refused_by_the_rules(mallory, operator, enter, said):
    request_id = mallory.request(mallory.ready())
    enter(owner_of(mallory))
    for page in (Page(ReviewQueue, "/ops/review"), Page(ReviewPage, at(request_id))):
        with pytest.raises(NotFound):
            await page.send("open")
    forged = Page(ReviewPage, at(request_id))
    enter(operator)
    await forged.send("open")
    impostor = Caller(mallory.by, "Mallory", operator.tenant_id, "platform-operator", "owner", (), None)
    enter(impostor)
    with pytest.raises(catalog.NotReviewer):
        await forged.send("decide", "approve")
    assert [one.request.id for one in identity.in_platform(catalog.list_open_requests, by=operator.user_id)] == [
        request_id
    ]


def test_the_creator_s_own_page_offers_no_decision():
    assert "decide" not in StudioAgentState.event_handlers


def test_the_queue_is_in_the_navigation_of_whoever_decides_and_there_only(mallory, operator):
    assert shell_of(operator).reviews
    assert not shell_of(owner_of(mallory)).reviews
    visiting = Caller(
        operator.user_id, "Operator", mallory.tenant, "mallory", "admin", (), None, platform_roles=("operator",)
    )
    assert not shell_of(visiting).reviews
