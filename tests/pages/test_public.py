"""The states behind the public pages, on real rows."""

from typing import Any

import pytest
from reflex_base.event.context import EventContext

from agent_platform.core.policy import ANONYMOUS, Caller, Policy, policy_of
from agent_platform.services import identity, tenancy
from agent_platform.state.agent import AgentState
from agent_platform.state.callers import CheckedEvent, Visitor, enter_event
from agent_platform.state.docs import DocsState
from agent_platform.state.landing import LandingState
from agent_platform.state.sign_in import SignInState
from agent_platform.state.start import StartState
from tests.doubles.people import arrive, found
from tests.doubles.tab import Page
from tests.services.catalog.creators import Creator
from tests.services.catalog.shelf import fill

BASE = "localhost:3000"


@pytest.fixture
def led(settings):
    """Where handlers send the browser."""
    ways: list[str] = []

    async def keep(_token: str, delta: Any) -> None:
        ways.extend(value.leave_to for values in delta.values() for value in values.values() if value.leave_to)

    async def drop(_token: str, *_events: Any) -> None:
        return None

    EventContext.set(EventContext(token="tab", state_manager=None, enqueue_impl=drop, emit_delta_impl=keep))
    return ways


@pytest.fixture
def come(led):
    """From here on events come from this host, and from this person if one is named."""

    def come(host: str = BASE, person=None) -> None:
        caller = ANONYMOUS
        if person is not None:
            caller = Caller(person.id, person.name, None, None, None, (), person.id)
        enter_event(CheckedEvent(Visitor(None, host), Policy("public")), caller)

    come()
    return come


async def opened(kind, address="/"):
    page = Page(kind, address)
    await page.send("open")
    return page


async def test_an_empty_directory_still_explains_money(come):
    page = await opened(LandingState)
    assert page.state.showing == "empty"
    assert page.state.landing.figures == []
    assert page.state.landing.example.name == "Order Totals"


async def test_the_landing_page_counts_and_shelves_what_is_listed(come):
    fill(**{slug: {"price_model": "free", "growth_7d": int(slug == "translator")} for slug in FREED})
    page = await opened(LandingState)
    assert page.state.landing.browse == "Browse 22 agents"
    assert [one.value for one in page.state.landing.collections] == ["featured", "trending", "no_key", "new_verified"]
    assert (page.state.collection, len(page.state.cards)) == ("featured", 8)
    await page.send("choose", "trending")
    assert [card.slug for card in page.state.cards] == ["translator"]
    await page.send("choose", "nonsense")
    assert page.state.collection == "featured"


FREED = (
    *(
        "pii_redactor",
        "tls_monitor",
        "site_auditor",
        "log_triage",
        "support_triage",
        "invoice_reader",
        "survey_summary",
    ),
    *("bank_reconciler", "image_alt_text", "translator", "meeting_notes", "geo_coder"),
)


async def test_the_example_is_of_a_listed_agent_with_a_price(come):
    Creator("harbor").publish()
    page = await opened(LandingState)
    example = page.state.landing.example
    assert (example.name, example.address) == ("Site Auditor", "harbor/site-auditor \N{MIDDLE DOT} v1.0.0")
    assert example.lines[0].note == "1 \N{MULTIPLICATION SIGN} $0.02"


async def test_a_workspace_has_no_landing_page(come, led):
    found(arrive("Olga", 1), "acme")
    come("acme.localhost:3000")
    await opened(LandingState)
    assert led == ["/"]


async def test_sign_in_shows_the_open_doors_and_what_went_wrong(come):
    page = await opened(SignInState, "/sign-in?next=/start&problem=banned&ref=abc")
    view = page.state.view
    assert (page.state.showing, view.github, view.email, view.outbox) == ("form", False, True, True)
    assert (view.problem, view.reference, view.next) == (identity.PROBLEMS["banned"], "abc", "/start")
    assert (await opened(SignInState, "/sign-in?sent=1")).state.showing == "sent"


async def test_nobody_signs_in_on_a_workspaces_host(come, led):
    come("acme.localhost:3000")
    await opened(SignInState, "/sign-in?next=/runs")
    assert led == ["/auth/start?next=%2Fruns"]


async def test_what_went_wrong_on_a_workspaces_host_is_read_before_going_round_again(come, led):
    come("acme.localhost:3000")
    page = await opened(SignInState, "/sign-in?problem=refused&ref=abc")
    assert led == []
    assert (page.state.showing, page.state.view.problem) == ("door", identity.PROBLEMS["refused"])


async def test_a_name_makes_an_address_until_one_is_typed(come):
    olga = arrive("Olga", 1)
    found(olga, "acme")
    come(person=olga)
    page = await opened(StartState)
    await page.send("write_name", "Acme")
    assert (page.state.slug, page.state.address.shown) == ("acme-2", "acme-2.localhost:3000")
    await page.send("write_slug", "acme")
    assert (page.state.address.free, page.state.address.offer) == (False, "acme-2")
    await page.send("write_name", "Acme Labs")
    assert page.state.slug == "acme"
    await page.send("take_offer")
    assert page.state.address.free


async def test_the_maker_of_a_workspace_owns_it_and_is_led_into_it(come, led):
    olga = arrive("Olga", 1)
    come(person=olga)
    page = await opened(StartState)
    await page.send("write_name", "Harbor Lights")
    await page.send("create")
    assert led == ["/auth/switch?to=harbor-lights"]
    made = identity.in_platform(tenancy.list_workspaces, user_id=olga.id)
    assert ("harbor-lights", "owner") in [(one.slug, one.role) for one in made]


async def test_the_form_for_a_workspace_is_for_those_without_one_or_who_ask_for_another(come, led):
    come(person=arrive("Olga", 1))
    for address, way, showing in (("/start", ["/auth/home"], "loading"), ("/start?new=1", [], "ready")):
        page = Page(StartState, f"http://{BASE}{address}")
        await page.begin_page()
        await page.send("open")
        assert (led, page.state.showing) == (way, showing)
        led.clear()


async def test_a_refused_address_or_name_is_marked_and_nothing_is_made(come, led):
    olga = arrive("Olga", 1)
    come(person=olga)
    page = await opened(StartState)
    await page.send("create")
    assert page.state.address.fault
    await page.send("write_slug", "quiet-place")
    await page.send("create")
    assert page.state.name_fault.startswith("A name has")
    assert led == []
    assert len(identity.in_platform(tenancy.list_workspaces, user_id=olga.id)) == 1


async def test_a_visitor_reads_an_agent_and_is_led_to_sign_in_to_run_it(come):
    Creator("harbor").publish({"README.md": "# About\n\nIt *finds* links."})
    page = await opened(AgentState, "/agents/harbor/site-auditor?tab=overview")
    state = page.state
    assert (state.showing, state.tab, state.agent.name) == ("ready", "overview", "Site Auditor")
    assert "<em>finds</em>" in state.agent.readme
    assert state.run_link == "/sign-in?next=/agents/harbor/site-auditor?tab=run"
    assert [(row.price, row.thousand) for row in state.agent.prices] == [("$0.020000", "$20.00")]
    assert (await opened(AgentState, "/agents/harbor/nothing")).state.showing == "missing"


async def test_a_cap_that_is_too_small_is_marked_at_once(come):
    Creator("harbor").publish()
    page = await opened(AgentState, "/agents/harbor/site-auditor")
    await page.send("write_cap", "0.01")
    assert page.state.cap_error == "The smallest maximum cost for this agent is $0.02."
    await page.send("write_cap", "0.05")
    assert (page.state.cap_error, page.state.quote.sentence) == ("", "Never above $0.05.")


def test_the_page_that_searches_the_documents_is_limited_as_a_search():
    assert policy_of(DocsState.event_handlers["open"].fn).rate == "search"
