"""Reports and suspension as handlers see them: by page and by forged event."""

from dataclasses import replace

import pytest

from agent_platform.core.errors import Conflict, Forbidden, NotFound, Unauthenticated
from agent_platform.core.ids import shown
from agent_platform.core.policy import ANONYMOUS, Caller, policy_of, require
from agent_platform.pages.report import decision
from agent_platform.services import catalog
from agent_platform.state.agent import AgentState
from agent_platform.state.reports import ReportDialog, ReportPage, ReportQueue
from agent_platform.state.studio import StudioAgentState
from agent_platform.state.taken_down import TakenDownReviews
from tests.doubles.tab import Page
from tests.factories import make_reviewer, make_tenant
from tests.services.catalog.test_reports import actions, sync
from tests.services.catalog.test_reviews import Shop

ADDRESS = "/agents/maker/counter"
QUEUE = ("open", "write_address", "write_why", "suspend", "ask", "show", "write_reason", "lift")


@pytest.fixture
def shop(settings) -> Shop:
    return Shop()


@pytest.fixture
def operator(settings) -> Caller:
    person = make_reviewer("operator", name="Operator")
    tenant = make_tenant("platform-operator", owner=person, is_operator=True)
    return Caller(person, "Operator", tenant, "platform-operator", "owner", (), None, platform_roles=("operator",))


async def reported(caller, enter, *, review="", said="It mines coins.") -> None:
    enter(caller)
    dialog = Page(ReportDialog, ADDRESS)
    await dialog.send("ask", "maker/counter", review)
    await dialog.send("choose_kind", "abuse")
    await dialog.send("write", said)
    await dialog.send("send")
    assert not dialog.state.shown


async def opened(kind, address) -> Page:
    page = Page(kind, address)
    await page.send("open")
    return page


async def test_a_report_ends_in_a_suspension_that_the_agent_s_page_explains(shop, operator, enter, said):
    await reported(shop.caller, enter)
    enter(operator)
    queue = await opened(ReportQueue, "/ops/review")
    (row,) = queue.state.reports
    assert (row.address, row.kind, row.about) == ("maker/counter", "Abuse", "The agent")
    page = await opened(ReportPage, row.href)
    assert (page.state.report.text, page.state.report.by) == ("It mines coins.", "Mara Okafor")
    with pytest.raises(Conflict, match="Say why"):
        await page.send("decide", "suspend")
    await page.send("write_note", "It mines coins; we have seen it.")
    await page.send("decide", "suspend")
    await queue.send("open")
    assert (queue.state.showing, [one.address for one in queue.state.suspended]) == ("empty", ["maker/counter"])
    enter(shop.caller)
    member = await opened(AgentState, ADDRESS)  # before the directory has followed
    assert (member.state.showing, member.state.suspended.reason) == ("suspended", "It mines coins; we have seen it.")
    sync()
    again = await opened(AgentState, ADDRESS)
    assert (again.state.showing, again.state.suspended.name) == ("suspended", "Counter")
    enter(Caller(shop.maker.user_id, "Ines", shop.publisher, "maker", "owner", ("build",), None))
    studio = await opened(StudioAgentState, "/studio/agents/counter")
    assert studio.state.agent.suspended == "It mines coins; we have seen it."


async def test_reviewers_suspend_without_a_report_and_lift_again(shop, operator, enter, said):
    enter(operator)
    queue = await opened(ReportQueue, "/ops/review")
    await queue.send("write_address", "maker/nothing")
    await queue.send("write_why", "Reads what it should not.")
    with pytest.raises(NotFound, match="publisher/agent"):
        await queue.send("suspend")
    await queue.send("write_address", " /agents/maker/counter ")
    await queue.send("suspend")
    (one,) = queue.state.suspended
    assert (one.address, one.reason) == ("maker/counter", "Reads what it should not.")
    sync()
    await queue.send("write_why", "Copies the same.")
    await queue.send("ask", one.id)
    await queue.send("write_reason", "Fixed.")
    await queue.send("lift")
    assert queue.state.suspended == []
    assert (queue.state.why, queue.state.reason) == ("Copies the same.", "")
    assert shop.start() is not None


async def test_somebody_on_the_base_domain_reports_from_their_own_workspace(shop, operator, enter, said):
    visitor = replace(operator, tenant_id=None, tenant_slug=None, role=None, platform_roles=())
    await reported(visitor, enter, said="Broken for me.")
    enter(operator)
    assert len((await opened(ReportQueue, "/ops/review")).state.reports) == 1


async def test_a_review_is_reported_and_taken_down(shop, operator, enter, said):
    shop.finish()
    review_id = shop.write(1, "Buy *coins*")
    shop.work()
    await reported(shop.maker, enter, review=shown("rev", review_id))
    enter(operator)
    (row,) = (await opened(ReportQueue, "/ops/review")).state.reports
    page = await opened(ReportPage, row.href)
    assert (row.about, page.state.report.review) == ("A review of it", "<p>Buy <em>coins</em></p>\n")
    await page.send("write_note", "An advert.")
    await page.send("decide", "suspend")
    sync()
    assert shop.read().reviews == []


async def test_a_second_report_of_a_review_that_is_gone_says_so(shop, operator, enter, said):
    shop.finish()
    review = shown("rev", shop.write(1, "Buy coins"))
    shop.work()
    await reported(shop.maker, enter, review=review)
    await reported(operator, enter, review=review)
    enter(operator)
    first, second = (await opened(ReportQueue, "/ops/review")).state.reports
    page = await opened(ReportPage, first.href)
    assert (page.state.report.about_review, page.state.report.review_gone) == (True, False)
    await page.send("write_note", "An advert.")
    await page.send("decide", "suspend")
    sync()
    (row,) = (await opened(ReportQueue, "/ops/review")).state.reports
    left = (await opened(ReportPage, row.href)).state.report
    assert (row.href, row.about) == (second.href, "A review of it")
    assert (left.about_review, left.review_gone, left.suspended, left.review) == (True, True, True, "")


async def test_the_page_says_where_decisions_are_kept(shop, operator, enter, said):
    shop.finish()
    review = shown("rev", shop.write(1, "Buy coins"))
    shop.work()
    await reported(shop.maker, enter, review=review)
    await reported(operator, enter)
    enter(operator)
    for row in (await opened(ReportQueue, "/ops/review")).state.reports:
        page = await opened(ReportPage, row.href)
        await page.send("write_note", "It mines coins.")
        await page.send("decide", "suspend")
    assert {"report.upheld", "listing.suspended"} <= set(actions(shop.publisher))  # sent the one, published the other
    assert "report.upheld" in actions(operator.tenant_id)
    assert not {"report.upheld", "listing.suspended"} & set(actions(shop.consumer))  # wrote what was taken down
    drawn = str(decision())
    assert "the workspace that the report was sent from." in drawn
    assert "the workspace that the report was sent from; a suspension is in its publisher's too." in drawn


@pytest.mark.sec
def test_who_may_reach_which_handler(shop):
    owner = Caller(shop.caller.user_id, "Mara", shop.consumer, "buyer", "owner", ("build",), None)
    taken_down = ("open", "ask", "show", "write_reason", "put_back")
    reviewers = (ReportQueue, QUEUE), (ReportPage, ("open", "write_note", "decide")), (TakenDownReviews, taken_down)
    for state, names in reviewers:
        for name in names:
            with pytest.raises(Forbidden, match="whoever runs the installation"):
                require(owner, policy_of(state.event_handlers[name].fn))
    for name in ("ask", "show", "choose_kind", "write", "send"):
        with pytest.raises(Unauthenticated):
            require(ANONYMOUS, policy_of(ReportDialog.event_handlers[name].fn))


@pytest.mark.sec
async def test_what_slips_past_the_gate_is_refused_by_the_rules(shop, operator, enter, said):
    await reported(shop.caller, enter)
    with pytest.raises(NotFound):
        await opened(ReportQueue, "/ops/review")
    enter(operator)
    queue = await opened(ReportQueue, "/ops/review")
    forged = await opened(ReportPage, queue.state.reports[0].href)
    await forged.send("write_note", "I say so.")
    enter(Caller(shop.caller.user_id, "Mara", operator.tenant_id, "platform-operator", "owner", (), None))
    with pytest.raises(catalog.NotReviewer):
        await forged.send("decide", "suspend")
    assert shop.start() is not None


async def test_a_review_that_was_taken_down_is_put_back_from_the_same_page(shop, operator, enter, said):
    shop.finish()
    review_id = shop.write(1, "**Slow**.")
    shop.work()
    await reported(shop.caller, enter, review=shown("rev", review_id))
    enter(operator)
    queue = await opened(ReportQueue, "/ops/review")
    page = await opened(ReportPage, queue.state.reports[0].href)
    await page.send("write_note", "An advert.")
    await page.send("decide", "suspend")
    sync()
    down = await opened(TakenDownReviews, "/ops/review")
    (one,) = down.state.reviews
    assert (one.address, one.by, one.stars, one.reason) == ("maker/counter", "Mara Okafor, Buyer", 1, "An advert.")
    assert one.text == "<p><strong>Slow</strong>.</p>\n"
    await down.send("ask", one.id)
    assert (down.state.asking, down.state.chosen.by) == (True, "Mara Okafor, Buyer")
    with pytest.raises(Conflict, match="Say why"):
        await down.send("put_back")
    await down.send("write_reason", "It is no advert.")
    await down.send("put_back")
    assert (down.state.asking, down.state.reviews, said[-1]) == (False, [], "Put back")
    shop.work()
    assert [review.text for review in shop.read().reviews] == ["**Slow**."]


@pytest.mark.sec
async def test_reviews_are_put_back_on_the_operator_s_host_only(shop, operator, enter):
    enter(replace(operator, tenant_id=shop.consumer))
    with pytest.raises(NotFound):
        await opened(TakenDownReviews, "/ops/review")
