"""Limits of demos hold over all processes, under any number of clicks at once, and say what helps."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import InputInvalid
from agent_platform.services import tenancy, visitors
from agent_platform.services.visitors._rules import marks_of
from tests.services.visitors.stall import ADDRESS

KEY = b"k" * 32
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def begun(stall, *addresses):
    """How many of these came to their demo."""

    def one(address):
        try:
            return stall.try_it(address=address)
        except visitors.DemoLimit:
            return None

    with ThreadPoolExecutor(20) as pool:
        return len([key for key in pool.map(one, addresses) if key])


def test_an_address_has_five_an_hour(stall, god):
    for _ in range(5):
        stall.finish_demo(stall.try_it())
    with pytest.raises(visitors.DemoLimit, match="5 demos were started from your address within an hour") as refused:
        stall.try_it()
    assert "is possible in 60 minutes; with an account you run it now" in refused.value.sentence
    assert 3_000 < refused.value.retry_after_seconds <= 3_600
    assert stall.try_it(address="203.0.113.8")
    god.age(55)
    with pytest.raises(visitors.DemoLimit, match="in 5 minutes"):
        stall.try_it()
    god.age(6)
    assert stall.try_it()


def test_two_hundred_clicks_at_once_are_five(stall):
    assert begun(stall, *[ADDRESS] * 200) == 5


def test_an_agent_has_two_hundred_a_day(stall, god):
    stall.try_it()
    god.do("UPDATE app.demo_days SET runs = 197")
    many = [f"198.51.100.{number}" for number in range(1, 60)]
    assert begun(stall, *many) == 3
    with pytest.raises(visitors.DemoLimit, match="Counter has given its 200 demos of today"):
        stall.try_it(address="192.0.2.1")
    god.do("UPDATE app.demo_days SET day = day - 1")
    assert stall.try_it(address="192.0.2.1")


def test_a_day_s_budget_is_a_hard_stop_and_what_was_not_spent_is_free_again(stall, god):
    visitors.set_budget(visitors.Budget(30_000, 1_000_000))
    key = stall.try_it()
    with pytest.raises(visitors.DemoLimit, match="used up for today"):
        stall.try_it()
    run = stall.finish_demo(key)
    god.do("UPDATE app.runs SET compute_micro_usd = 700 WHERE id = %s", run.id)
    stall.sweep()
    stall.sweep()
    assert god.do("SELECT runs, cost_micro_usd FROM app.demo_days") == [(1, 700)]
    assert stall.try_it()


def test_a_month_s_budget_counts_its_earlier_days(stall, god):
    stall.try_it()
    god.do("UPDATE app.demo_days SET cost_micro_usd = 990000")
    visitors.set_budget(visitors.Budget(10_000_000, 1_000_000))
    with pytest.raises(visitors.DemoLimit, match="used up for this month"):
        stall.try_it()


def test_no_budget_is_no_demos_and_none_is_below_zero(stall):
    with public_session() as session:
        assert visitors.are_on(session)
    visitors.set_budget(visitors.Budget(0, 0))
    with public_session() as session:
        assert not visitors.are_on(session)  # and so no page offers one
    with pytest.raises(visitors.DemoLimit, match="used up"):
        stall.try_it()
    with pytest.raises(InputInvalid):
        visitors.set_budget(visitors.Budget(-1, 5))
    assert visitors.budget() == visitors.Budget(0, 0)


def test_four_run_eight_wait_and_more_are_told_so(stall):
    many = [f"198.51.100.{number}" for number in range(1, 61)]
    assert begun(stall, *many) == 12
    with acting_as("worker"), tenant_session(stall.consumer) as session:
        states = session.execute(text("SELECT state, count(*) FROM app.dispatch GROUP BY state")).all()
    assert {(row[0], row[1]) for row in states} == {("queued", tenancy.DEMO_PLACES), ("parked", 8)}
    with pytest.raises(visitors.DemoLimit, match="All places for demos are taken") as refused:
        stall.try_it(address="192.0.2.1")
    assert refused.value.retry_after_seconds == 30


def test_whoever_is_refused_has_started_and_counted_nothing(stall, god):
    visitors.set_budget(visitors.Budget(0, 0))
    begun(stall, *[ADDRESS] * 10)
    for table in ("demos", "demo_days", "runs"):
        assert god.do(f"SELECT count(*) FROM app.{table}") == [(0,)]


def test_a_mark_is_of_what_one_customer_has():
    assert marks_of("2001:db8:1:2::1", KEY, NOON) == marks_of("2001:db8:1:2:ffff::9", KEY, NOON)
    assert marks_of("2001:db8:1:2::1", KEY, NOON) != marks_of("2001:db8:1:3::1", KEY, NOON)


def test_a_mark_is_of_a_day_and_the_day_before_is_still_known():
    today, yesterday = marks_of("203.0.113.7", KEY, NOON)
    assert today != yesterday
    assert marks_of("203.0.113.7", KEY, NOON + timedelta(days=1))[1] == today
    assert marks_of("203.0.113.7", b"o" * 32, NOON)[0] != today
