"""Publisher pages, Save and Share, allowed agents and storefronts, as handlers see them."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import Forbidden, InputInvalid, NotFound, Unauthenticated
from agent_platform.core.policy import ANONYMOUS, Policy, policy_of, require
from agent_platform.services import catalog
from agent_platform.services.tenancy.errors import RoleTooLow
from agent_platform.state.agent import AgentState
from agent_platform.state.allowed import AllowedState
from agent_platform.state.callers import CheckedEvent, Visitor, enter_event
from agent_platform.state.directory import DirectoryState
from agent_platform.state.legal import LegalState
from agent_platform.state.publisher import PublisherState
from agent_platform.state.saved import SavedState
from agent_platform.state.storefront import StorefrontState
from tests.api.site.listed import list_agent
from tests.api.site.test_storefronts import picture
from tests.doubles import people
from tests.doubles.tab import Page
from tests.factories import caller_of, make_user

AGENT = "/agents/harbor/site-auditor"


@pytest.fixture
def guest(settings, said):
    enter_event(CheckedEvent(Visitor(None, "localhost:3000"), Policy("public")), ANONYMOUS)


async def opened(kind, address):
    page = Page(kind, address)
    await page.send("open")
    return page


async def test_a_publisher_s_page_shows_it_and_its_agents(guest):
    list_agent()
    state = (await opened(PublisherState, "/publishers/harbor")).state
    assert (state.showing, state.page.name, state.page.figures[0].value) == ("ready", "Harbor", "1")
    assert [card.slug for card in state.page.cards] == ["site-auditor"]


@pytest.mark.parametrize("address", ["/publishers/nobody", "/publishers/", "/publishers/a/b", "/publishers/%00"])
async def test_an_address_of_no_publisher_is_missing(guest, address):
    assert (await opened(PublisherState, address)).state.showing == "missing"


async def test_an_agent_s_page_leads_to_a_publisher_that_has_one(guest):
    list_agent()
    list_agent("by-link", visibility="unlisted")
    assert (await opened(AgentState, AGENT)).state.agent.publisher_href == "/publishers/harbor"
    assert (await opened(AgentState, "/agents/harbor/by-link")).state.agent.publisher_href == ""


async def test_share_is_the_address_on_the_base_domain_on_every_host(guest, northwind, enter):
    list_agent()
    assert (await opened(SavedState, AGENT)).state.share == f"http://localhost:3000{AGENT}"
    enter(northwind.owner)
    assert (await opened(SavedState, AGENT)).state.share == f"http://localhost:3000{AGENT}"
    assert (await opened(SavedState, "/agents/northwind/site-auditor")).state.share == ""


async def test_what_is_saved_is_found_in_the_directory(northwind, enter, said):
    list_agent()
    list_agent("log-triage")
    enter(northwind.owner)
    page = await opened(SavedState, AGENT)
    assert not page.state.saved
    await page.send("keep", True)
    await page.send("keep", True)
    assert page.state.saved
    assert (await opened(SavedState, AGENT)).state.saved
    found = (await opened(DirectoryState, "/agents?saved=1")).state
    assert [card.slug for card in found.directory.cards] == ["site-auditor"]
    assert [chip.label for chip in found.directory.chips] == ["Saved"]
    await page.send("keep", False)
    assert (await opened(DirectoryState, "/agents?saved=1")).state.showing == "empty"


async def test_a_visitor_who_follows_a_link_to_saved_agents_sees_none(guest):
    list_agent()
    state = (await opened(DirectoryState, "/agents?saved=1")).state
    assert (state.showing, state.saved) == ("empty", True)


@pytest.mark.sec
async def test_only_somebody_who_is_signed_in_may_save(guest):
    with pytest.raises(Unauthenticated):
        require(ANONYMOUS, policy_of(SavedState.event_handlers["keep"].fn))


@pytest.mark.sec
@pytest.mark.parametrize("kind", [AllowedState, StorefrontState])
def test_whatever_changes_something_needs_an_admin(kind, northwind):
    wanted = {name: policy_of(handler.fn) for name, handler in kind.event_handlers.items() if name != "open"}
    changing = [one for one in wanted.values() if one is not None and one.role != "public"]
    assert len(changing) >= 4
    for one in changing:
        for role in ("viewer", "member"):
            with pytest.raises(Forbidden):
                require(caller_of(northwind.id, role=role), one)


@pytest.mark.sec
async def test_a_member_whose_event_gets_through_is_stopped_by_the_service(northwind, enter, said):
    member = people.Person(make_user("Mia"), "Mia", northwind.id)
    people.inside(northwind.id, people.enrol, person=member, role="member")
    enter(caller_of(northwind.id, member.id, role="member", name="Mia"))
    rules, front = await opened(AllowedState, "/settings/agents"), await opened(StorefrontState, "/settings/storefront")
    for page, handler, arguments in ((rules, "choose", ("own",)), (rules, "allow", ()), (front, "save", ())):
        with pytest.raises(RoleTooLow):
            await page.send(handler, *arguments)


async def test_an_admin_chooses_what_may_run_and_members_read_why_it_does_not(northwind, enter, said):
    list_agent()
    enter(northwind.owner)
    page = await opened(AllowedState, "/settings/agents")
    assert (page.state.rule, page.state.agents) == ("all", [])
    await page.send("choose", "listed")
    agent = (await opened(AgentState, AGENT)).state
    assert (agent.showing, agent.not_allowed[:10]) == ("ready", "The admins")
    assert (await opened(AgentState, "/agents/northwind/site-auditor")).state.not_allowed == ""
    await page.send("write_agent", "harbor/site-auditor")
    await page.send("allow")
    assert [one.address for one in page.state.agents] == ["harbor/site-auditor"]
    assert (await opened(AgentState, AGENT)).state.not_allowed == ""
    await page.send("disallow", page.state.agents[0].id)
    assert page.state.agents == []


@pytest.mark.sec
@pytest.mark.parametrize("sent", ["", "x", "../..", "' OR 1=1", None, 7, [], {"id": 1}])
async def test_forged_ids_are_answered_with_a_sentence(northwind, enter, said, sent):
    enter(northwind.owner)
    for kind, handler in ((AllowedState, "disallow"), (StorefrontState, "hide_agent")):
        page = await opened(kind, "/settings")
        with pytest.raises(NotFound):
            await page.send(handler, sent)


async def test_a_storefront_is_set_up_in_its_settings(northwind, enter, said):
    list_agent()
    enter(northwind.owner)
    page = await opened(StorefrontState, "/settings/storefront")
    assert (page.state.is_on, page.state.audience) == (False, "members")
    await page.send("switch")
    await page.send("choose_audience", "public")
    await page.send("write_headline", "Agents we trust")
    await page.send("write_accent", "#ffcc00")
    await page.send("save")
    assert (page.state.is_on, page.state.view.headline) == (True, "Agents we trust")
    await page.send("write_headline", "Half typed")
    await page.send("write_agent", "harbor/site-auditor")
    await page.send("show_agent")
    assert (page.state.headline, [one.address for one in page.state.chosen]) == ("Half typed", ["harbor/site-auditor"])
    with pytest.raises(InputInvalid):
        await page.send("show_agent")
    await page.send("hide_agent", page.state.chosen[0].id)
    assert page.state.chosen == []


async def test_a_sent_picture_becomes_the_logo_and_is_no_upload_any_more(northwind, enter, said):
    from agent_platform.core.ids import shown
    from agent_platform.services import runs

    enter(northwind.owner)
    with tenant_session(northwind.id) as session:
        kept = runs.store_upload(session, name="l.png", media_type="image/png", chunks=[picture()], by=None)
    page = await opened(StorefrontState, "/settings/storefront")
    await page.send("take_logo", shown("file", kept.id))
    assert page.state.view.logo.startswith("/storefront/logo?v=")
    with pytest.raises(NotFound):
        await page.send("take_logo", shown("file", kept.id))
    await page.send("take_logo", "")
    await page.send("remove_logo")
    assert page.state.view.logo == ""


@pytest.mark.sec
async def test_the_upload_of_another_workspace_becomes_no_logo(northwind, enter, said):
    from agent_platform.core.ids import shown
    from agent_platform.services import runs
    from tests.factories import make_tenant

    with tenant_session(make_tenant()) as session:
        foreign = runs.store_upload(session, name="l.png", media_type="image/png", chunks=[picture()], by=None)
    enter(northwind.owner)
    page = await opened(StorefrontState, "/settings/storefront")
    for sent in (shown("file", foreign.id), "file_x", "../../etc/passwd"):
        with pytest.raises(NotFound):
            await page.send("take_logo", sent)
    with tenant_session(northwind.id) as session:
        assert catalog.get_storefront(session).logo_key is None


async def test_an_operator_s_own_terms_take_the_place_of_the_plain_ones(guest, settings):
    plain = (await opened(LegalState, "/terms")).state
    assert (plain.title, "receipt" in plain.text) == ("Terms", True)
    settings.legal_dir.mkdir(parents=True)
    (settings.legal_dir / "terms.md").write_text("# House rules\n\nBe kind. <script>alert(1)</script>\n")
    own = (await opened(LegalState, "/terms")).state
    assert (own.title, "Be kind." in own.text, "<script" in own.text) == ("House rules", True, False)
    assert (await opened(LegalState, "/privacy")).state.title == "Privacy"


@pytest.mark.sec
@pytest.mark.parametrize("address", ["/settings", "/../terms", "/terms/../../etc/passwd", "/first-agent"])
async def test_no_other_file_is_read(guest, address):
    assert (await opened(LegalState, address)).state.text == ""
