"""The Reviews tab as handlers see it."""

from datetime import UTC, datetime

import pytest

from agent_platform.core.errors import Forbidden, Unauthenticated
from agent_platform.core.ids import new_id, shown
from agent_platform.core.policy import ANONYMOUS, Caller, policy_of, require
from agent_platform.services import catalog
from agent_platform.state.agent import AgentState
from agent_platform.state.reviews import ReviewsState
from agent_platform.views.reviews import reviews_view
from tests.doubles.tab import Page
from tests.factories import caller_of
from tests.services.catalog.test_reviews import Shop

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ADDRESS = "/agents/maker/counter"


@pytest.fixture
def shop(settings) -> Shop:
    shop = Shop()
    shop.finish()
    return shop


def many(shown_now, total) -> catalog.ReviewList:
    """The newest of so many reviews."""
    one = catalog.ReviewFacts(new_id(), "1.0.0", 5, "Fast.", "Mia, Acme", NOW, None, "", None)
    return catalog.ReviewList([one] * shown_now, {5: total})


async def opened(address=ADDRESS) -> Page:
    page = Page(ReviewsState, address)
    await page.send("open")
    return page


async def test_a_member_writes_what_the_next_visitor_reads(shop, enter, said):
    enter(shop.caller)
    page = await opened()
    assert (page.state.showing, page.state.standing.may_write) == ("ready", True)
    await page.send("choose_stars", 4)
    await page.send("write_text", "<b>Fast</b> and **exact**.")
    await page.send("save")
    assert said == ["Saved"]
    shop.work()
    await page.send("open")
    view = page.state.reviews
    assert (view.average, view.stars, view.total) == ("4.0", 4, "1 review")
    assert view.reviews[0].text == "<p>&lt;b&gt;Fast&lt;/b&gt; and <strong>exact</strong>.</p>\n"
    assert [(row.label, row.count, row.share) for row in view.rows][:2] == [
        ("5 stars", "0", "0.0%"),
        ("4 stars", "1", "100.0%"),
    ]
    assert (page.state.standing.ours, page.state.stars, page.state.text) == (True, 4, "<b>Fast</b> and **exact**.")


async def test_what_was_saved_appears_without_a_reload(shop, enter, said):
    enter(shop.caller)
    page = await opened()
    await page.send("choose_stars", 4)
    await page.send("write_text", "Fast.")
    assert await page.send("save") == [ReviewsState.catch_up]
    shop.work()
    await page.follow("catch_up")
    assert page.state.reviews.total == "1 review"


async def test_the_publisher_answers_on_the_same_tab(shop, enter, said):
    review_id = shop.write()
    shop.work()
    enter(shop.maker)
    page = await opened()
    assert (page.state.standing.may_write, page.state.standing.may_reply) == (False, True)
    await page.send("answer", shown("rev", review_id))
    await page.send("write_reply", "Thank you.")
    await page.send("send_reply")
    shop.work()
    await page.send("open")
    assert page.state.reviews.reviews[0].reply == "<p>Thank you.</p>\n"
    await page.send("answer", shown("rev", review_id))
    assert page.state.reply == "Thank you."
    await page.send("answer", "")
    assert (page.state.replying, page.state.reply) == ("", "")
    assert page.state.reviews.reviews[0].replied.startswith("Maker replied, ")


@pytest.mark.parametrize(("total", "more"), [(40, True), (500, True), (501, True), (20, False)])
def test_more_is_offered_while_there_are_more(total, more):
    assert reviews_view(many(20, total), "Maker", NOW).more is more


def test_nothing_more_is_offered_behind_the_last_one_that_can_be_shown():
    assert reviews_view(many(500, 900), "Maker", NOW).more is False


async def test_the_tab_is_read_when_it_is_opened_and_not_before(shop, enter):
    enter(shop.caller)
    page = Page(AgentState, ADDRESS)
    assert await page.send("open") == [None]
    assert await page.send("choose_tab", "reviews") == [ReviewsState.open]
    page.go(f"{ADDRESS}?tab=reviews")
    assert await page.send("open") == [ReviewsState.open]


async def test_an_own_agent_that_is_not_listed_has_no_reviews(northwind, enter):
    enter(northwind.owner)
    page = await opened("/agents/northwind/site-auditor")
    assert (page.state.showing, page.state.reviews.reviews, page.state.standing.may_write) == ("ready", [], False)


@pytest.mark.sec
def test_visitors_and_viewers_reach_no_handler_that_writes(shop):
    viewer = Caller(shop.caller.user_id, "Vic", shop.consumer, "buyer", "viewer", (), None)
    for name in ("write", "choose_stars", "write_text", "save", "answer", "write_reply", "send_reply"):
        with pytest.raises(Forbidden):
            require(viewer, policy_of(ReviewsState.event_handlers[name].fn))


@pytest.mark.sec
def test_reading_again_and_again_is_for_those_who_have_written_and_counted(shop):
    again, more = (policy_of(ReviewsState.event_handlers[name].fn) for name in ("catch_up", "show_more"))
    with pytest.raises(Unauthenticated):
        require(ANONYMOUS, again)
    assert (again.rate, more.rate) == ("write", "search")


async def test_words_that_came_second_stay_in_the_form_beside_what_a_colleague_wrote(shop, enter, said):
    ada = Caller(shop.caller.user_id, "Ada", shop.consumer, "buyer", "admin", (), None)
    ben = caller_of(shop.consumer, role="member", name="Ben")
    enter(ada)
    page = await opened()
    shop.write(2, "Slow.", caller=ben)
    await page.send("choose_stars", 5)
    await page.send("write_text", "Fast.")
    assert await page.send("save") == [ReviewsState.catch_up]
    assert said == ["Not saved"]
    assert (page.state.standing.ours, page.state.stars, page.state.text) == (True, 5, "Fast.")
    await page.send("save")
    assert said == ["Not saved", "Saved"]
    shop.work()
    assert [one.text for one in shop.read().reviews] == ["Fast."]


async def test_a_review_is_deleted_after_it_was_asked_whether_it_is_meant(shop, enter, said):
    shop.write(2)
    shop.work()
    enter(shop.caller)
    page = await opened()
    await page.send("ask_delete", True)
    assert (page.state.deleting, page.state.standing.may_delete) == (True, True)
    await page.send("delete")
    shop.work()
    await page.send("open")
    assert said == ["Deleted"]
    assert (page.state.standing.ours, page.state.reviews.reviews, page.state.text) == (False, [], "")
