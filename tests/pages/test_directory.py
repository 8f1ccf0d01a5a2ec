"""The directory and the request for an agent, as handlers see them."""

import pytest

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.errors import Forbidden, InputInvalid, NotFound
from agent_platform.core.policy import ANONYMOUS, Caller, Policy, policy_of, require
from agent_platform.services import catalog
from agent_platform.state.callers import CheckedEvent, Visitor, enter_event
from agent_platform.state.directory import DirectoryState
from agent_platform.state.wishes import AgentRequestForm, AgentRequestQueue, WantedAgents
from agent_platform.views.directory import Asked, invitation
from tests.doubles.tab import Page
from tests.factories import caller_of, make_reviewer, make_tenant, make_user
from tests.services.catalog.shelf import fill


@pytest.fixture
def shelf(settings, said):
    catalog.forget_facets()
    enter_event(CheckedEvent(Visitor(None, "localhost:3000"), Policy("public")), ANONYMOUS)
    return fill()


async def opened(address: str) -> Page:
    page = Page(DirectoryState, address)
    await page.send("open")
    return page


def counts(options) -> dict[str, str]:
    return {one.label: one.count for one in options}


def leads_to(events) -> str:
    """Where a handler's redirect goes."""
    return str(events[0].args[0][1]).strip('"')


async def test_the_address_is_the_whole_state(shelf):
    address = (
        "/agents?q=csv&category=data,web&price=free&kind=job&needs=no_model&level=low&cost=0.25&success=95&rating=4"
        "&verified=1&sort=rated"
    )
    state = (await opened(address)).state
    assert Asked.of(state.router.url.query_parameters).address() == address.replace(",", "%2C")
    assert [chip.label for chip in state.directory.chips] == [
        *("Data", "Web", "Free", "Job", "No model key", "Low"),
        *("up to $0.25", "95 % success", "4 stars and more", "Verified"),
    ]
    assert (state.q, state.sort, state.verified, state.success, state.rating) == ("csv", "rated", True, "95", "4")
    assert state.cost_words == "up to $0.25"


async def test_the_search_field_keeps_the_blank_before_the_next_word(shelf):
    page = await opened("/agents")
    assert leads_to(await page.send("search", "clean ")) == "/agents?q=clean"
    page.go("/agents?q=clean")
    await page.send("open")
    assert page.state.q == "clean "
    page.go("/agents?q=csv")
    await page.send("open")
    assert page.state.q == "csv"


async def test_nonsense_in_the_address_is_left_out(shelf):
    state = (await opened("/agents?category=x&price=1&cost=7&success=96&rating=x&sort=y&verified=2")).state
    assert (state.directory.chips, state.directory.found, state.sort) == ([], "22 agents", "best")


async def test_a_choice_that_is_asked_for_again_and_again_is_ticked_once(shelf):
    state = (await opened(f"/agents?category={'web,data,' * 400}&price={'free,' * 400}")).state
    assert [chip.label for chip in state.directory.chips] == ["Data", "Web", "Free"]
    assert max(len(chip.href) for chip in state.directory.chips) < 60


async def test_each_chip_leads_to_the_address_without_it(shelf):
    page = await opened("/agents?category=data,web&cost=0.25&verified=1")
    assert [chip.href for chip in page.state.directory.chips] == [
        "/agents?category=web&cost=0.25&verified=1",
        "/agents?category=data&cost=0.25&verified=1",
        "/agents?category=data%2Cweb&verified=1",
        "/agents?category=data%2Cweb&cost=0.25",
    ]


async def test_the_layout_is_in_the_address_and_keeps_the_page(shelf):
    page = await opened("/agents?q=csv&view=list&after=x")
    assert page.state.layout == "list"
    assert Asked(q="csv", layout="list").cleared() == "/agents?q=csv&view=list"
    assert leads_to(await page.send("choose_layout", "grid")) == "/agents?q=csv&after=x"
    assert (await opened("/agents?view=rows")).state.layout == "grid"


async def test_clearing_keeps_the_words_and_the_order():
    assert Asked(q="csv", category=("data",), cost="1", sort="newest").cleared() == "/agents?q=csv&sort=newest"


async def test_agents_come_first_and_counts_follow(shelf):
    page = Page(DirectoryState, "/agents?category=web")
    steps = page.begin("open")
    await anext(steps)
    assert len(page.state.directory.cards) == 4
    assert set(counts(page.state.directory.categories).values()) == {""}
    with pytest.raises(StopAsyncIteration):
        await anext(steps)
    assert counts(page.state.directory.categories)["Data"] == "5"
    assert [one.label for one in page.state.directory.categories if one.chosen] == ["Web"]
    assert "Other" not in counts(page.state.directory.categories)
    assert page.state.directory.verified == "1"


async def test_the_search_field_says_how_many_agents_there_are_whatever_is_asked(shelf):
    page = await opened("/agents?category=web")
    assert page.state.invitation == "Search 22 agents by task, name or publisher"


@pytest.mark.parametrize(("agents", "said"), [(0, "agents"), (1, "1 agent"), (500, "500 agents"), (501, "500+ agents")])
def test_the_number_in_the_search_field_is_said_as_the_directory_counts(agents, said):
    assert invitation(agents) == f"Search {said} by task, name or publisher"


async def test_counts_end_at_a_thousand(shelf):
    start_anew({f"csv_tool_{number}": {"category": "data"} for number in range(1_001)})
    catalog.forget_facets()
    state = (await opened("/agents")).state
    assert state.directory.found == "500+ agents"
    assert counts(state.directory.categories)["Data"] == "500+"
    assert counts(state.directory.categories)["Web"] == "4"


def start_anew(changes) -> None:
    with publisher_session() as session:
        session.connection().exec_driver_sql("DELETE FROM catalogue.listings")
        session.connection().exec_driver_sql("DELETE FROM catalogue.publishers")
    fill(**changes)


async def test_words_that_nothing_has_are_answered_with_what_was_meant(shelf):
    state = (await opened("/agents?q=Transltor&sort=newest")).state
    assert state.showing == "guess"
    assert (state.directory.meant[0].label, state.directory.meant[0].href) == (
        "Document Translator",
        "/agents?q=Document+Translator&sort=newest",
    )
    assert (await opened("/agents?q=zzzzqqqq")).state.showing == "empty"


async def test_the_slider_has_a_place_for_any_cost(shelf):
    page = await opened("/agents?cost=0.25")
    assert page.state.cost == 6
    for place, address in (
        (0, "/agents?cost=0.001"),
        (11, "/agents"),
        (-1, "/agents"),
        ("x", "/agents"),
        ([], "/agents"),
    ):
        assert leads_to(await page.send("slide", place)) == address


async def test_a_request_reaches_the_operator_and_then_the_creators(shelf, enter, said):
    form = Page(AgentRequestForm, "/agents?q=receipt+scanner")
    await form.send("show", True)
    assert form.state.task == "receipt scanner"
    await form.send("write", "Turns scanned receipts into a table.")
    await form.send("send")
    assert (form.state.shown, form.state.task) == (False, "")
    enter(operator())
    queue = Page(AgentRequestQueue, "/ops/requests")
    await queue.send("open")
    [wish] = queue.state.wishes
    assert (wish.task, wish.searched) == ("Turns scanned receipts into a table.", "receipt scanner")
    await queue.send("answer", wish.id, "shared")
    assert queue.state.showing == "empty"
    wanted = Page(WantedAgents, "/studio/wanted")
    await wanted.send("open")
    assert [one.task for one in wanted.state.wishes] == [wish.task]


def operator() -> Caller:
    person = make_reviewer("operator", name="Operator")
    tenant = make_tenant("platform-operator", owner=person, is_operator=True)
    return Caller(person, "Operator", tenant, "platform-operator", "owner", (), None, platform_roles=("operator",))


async def test_a_request_without_a_task_is_refused_and_stays_on_screen(shelf):
    form = Page(AgentRequestForm, "/agents")
    await form.send("show", True)
    with pytest.raises(InputInvalid):
        await form.send("send")
    assert form.state.shown


@pytest.mark.sec
async def test_the_queue_is_the_operator_s_alone(shelf, enter, said):
    owner = make_user("Mallory")
    mallory = caller_of(make_tenant("mallory", owner=owner), owner)
    for name in ("open", "answer"):
        with pytest.raises(Forbidden, match="whoever runs the installation"):
            require(mallory, policy_of(AgentRequestQueue.event_handlers[name].fn))
    enter(mallory)
    with pytest.raises(NotFound):
        await Page(AgentRequestQueue, "/ops/requests").send("open")


@pytest.mark.parametrize(
    ("address", "title"),
    [("/agents", "Agents"), ("/agents?category=data", "Data agents"), ("/agents?category=data&q=csv", "Agents")],
)
async def test_the_title_is_that_of_the_page_without_scripts(shelf, address, title):
    assert (await opened(address)).state.title == title
