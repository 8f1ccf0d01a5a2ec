"""What one listing must not do to the daily tests of all others."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlmodel import col

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.models.catalogue import DayOfTests, Listing, Release
from agent_platform.services import quality, runs
from agent_platform.services.quality._due import due_listings
from tests.services.quality.test_daily import TESTS, TONIGHT, Range
from tests.services.runs.conftest import item, manifest, result

pytestmark = pytest.mark.usefixtures("settings")
PLAIN = [{"name": "plain", "input": {"n": 3}, "expect": {"state": "succeeded"}}]


class Neighbours(Range):
    """The range with a second listing, `other`, whose turn comes after that of `counter`."""

    def __init__(self, tests=TESTS, *, other=PLAIN, calls=()):
        super().__init__(tests=tests)
        self.release("other")
        with publisher_session() as session:
            listing = session.execute(select(Listing).where(col(Listing.slug) == "other")).scalar_one()
            listing.published_at = datetime.now(UTC) - timedelta(hours=1)
            session.get_one(Release, listing.release_id).manifest = {
                **manifest("other", "free", agents=calls),
                "tests": other,
            }
        self.other_id = listing.id

    def rewrite(self, *, digest=None, **changes):
        """The manifest of `counter` as an earlier check may have let it pass."""
        with publisher_session() as session:
            release = session.get_one(Release, session.get_one(Listing, self.listing_id).release_id)
            release.manifest = {**release.manifest, **changes}
            release.digest = digest or release.digest


def bundle():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("main.py", "def go(run): ...")
    return objects.put_bytes(objects.release_folder(), stream.getvalue())


def test_a_manifest_that_cannot_be_tested_stops_nobody_else(caplog):
    range_ = Neighbours()
    file = {"type": "object", "properties": {"doc": {"type": "string", "format": "file"}}}
    broken = [{"name": "number", "input": {"doc": 5}, "expect": {"state": "succeeded"}}]
    range_.rewrite(input=file, tests=broken, digest=bundle())
    range_.beat()
    assert range_.results() == {
        "all tests": ("void", "This says nothing about the agent: the platform was at fault."),
        "plain": ("running", ""),
    }
    range_.beat()
    assert caplog.text.count(f"The tests of listing {range_.listing_id} could not be run") == 1


def ask(range_, run):
    body = b'{"key": "send", "title": "Send it?"}'
    with acting_as("broker"), tenant_session(range_.tests_tenant) as session:
        return runs.ask(session, run_id=run.id, attempt=1, question=runs.read_question(body))


def call(range_, parent):
    request = runs.ChildRequest("maker/counter", {"n": 3}, 20_000, "c1", None)
    with acting_as("broker"), tenant_session(range_.tests_tenant) as session:
        child_id = runs.start_child(session, run_id=parent.id, attempt=1, request=request)
    return range_.now_by_id(child_id)


def test_a_question_of_a_test_is_answered_at_once_and_known_to_have_been_asked():
    range_ = Range()
    range_.beat()
    (run,) = range_.begun()
    range_.launch(run)
    range_.hand_input(run)
    answer = ask(range_, run)
    assert (answer["approved"], answer["by"]) == (True, "daily test")
    range_.speak(run, item(1, 3), result(2))
    range_.end(run)
    range_.beat()
    assert range_.results()["three"] == ("passed", "")
    (run,) = range_.begun()
    assert (run.state, run.approval_count) == ("succeeded", 1)


def test_a_question_of_a_run_that_a_test_started_is_answered_at_once_too():
    range_ = Neighbours(calls=["maker/counter"])
    range_.beat()
    (parent,) = [run for run in range_.begun() if run.agent_ref == "maker/other"]
    range_.launch(parent)
    range_.hand_input(parent)
    child = call(range_, parent)
    range_.launch(child)
    range_.hand_input(child)
    assert ask(range_, child)["by"] == "daily test"


def test_a_test_is_given_five_minutes_and_a_hasty_agent_its_own_time():
    range_ = Neighbours(tests=PLAIN)
    range_.rewrite(resources={"timeout_seconds": 60})
    range_.beat()
    assert {run.agent_ref: run.timeout_seconds for run in range_.begun()} == {"maker/counter": 60, "maker/other": 300}


def test_tests_that_allow_any_cost_set_aside_no_more_than_one_may():
    dear = [{"name": f"dear {n}", "input": {"n": 3}, "expect": {"cost_max": "1000"}} for n in range(3)]
    range_ = Neighbours(tests=dear)
    range_.beat()
    assert {state for state, _ in range_.results().values()} == {"running"}
    caps = sorted(run.cap_micro_usd for run in range_.begun() if run.agent_ref == "maker/counter")
    assert caps == [50_000_000] * 3


def test_a_test_that_finds_the_float_lent_out_waits_for_it():
    range_ = Neighbours()
    event = {"title": "Page", "price": "1000", "primary": True}
    range_.rewrite(
        pricing={"model": "per_event", "events": {"page": event}},
        tests=[{**PLAIN[0], "name": f"dear {n}"} for n in range(6)],
    )
    range_.beat()
    assert range_.results() == {f"dear {n}": ("running", "") for n in range(5)}
    run = range_.begun()[0]
    range_.launch(run)
    range_.hand_input(run)
    range_.speak(run, result(1))
    range_.end(run)
    range_.beat()
    assert range_.results() == {"dear 0": ("passed", ""), **{f"dear {n}": ("running", "") for n in range(1, 6)}}


def days_of(range_):
    """(day, tests, failed, state) of `counter`, the earliest first."""
    with public_session() as session:
        rows = session.execute(
            select(DayOfTests).where(col(DayOfTests.listing_id) == range_.listing_id).order_by(col(DayOfTests.day))
        ).scalars()
        return [(row.day, row.tests, row.failed, row.state) for row in rows]


def beat_at(moment):
    with acting_as("worker"):
        quality.run_daily_tests(at=moment)


AFTER_MIDNIGHT = (TONIGHT + timedelta(minutes=2)).replace(second=0, microsecond=0)


def test_a_day_whose_tests_end_after_midnight_counts():
    range_ = Range()
    range_.beat()
    beat_at(AFTER_MIDNIGHT)
    assert days_of(range_) == []
    range_.finish_tests(items=2)
    beat_at(AFTER_MIDNIGHT)
    assert days_of(range_)[0] == (TONIGHT.date(), 2, 1, "published")
    with public_session() as session:
        last = quality.last_test(session, listing_id=range_.listing_id)
    assert last is not None
    assert last.note == "three: expected at least 3 items, got 2"


def test_an_earlier_day_that_a_closed_one_has_overtaken_does_not_count():
    range_ = Range()
    range_.beat()
    with publisher_session() as session:
        row = {"version": "1.0.0", "tests": 2, "failed": 0, "note": "", "state": "published"}
        session.execute(insert(DayOfTests), [{**row, "listing_id": range_.listing_id, "day": AFTER_MIDNIGHT.date()}])
    range_.finish_tests()
    beat_at(AFTER_MIDNIGHT)
    assert [day for day, *_ in days_of(range_)] == [AFTER_MIDNIGHT.date()]


def test_an_earlier_day_with_a_test_that_we_are_to_blame_for_does_not_count():
    range_ = Range()
    range_.beat()
    (run,) = range_.begun()
    for attempt in (1, 2, 3):
        range_.launch(run)
        range_.end(run, phase="failed", reason="start_timeout", attempt=attempt)
    assert range_.now(run).failure_class == "platform"
    beat_at(AFTER_MIDNIGHT)
    assert days_of(range_) == []


def due(range_, moment, **how):
    with acting_as("worker"):
        return [listing.slug for listing, _ in due_listings(range_.tests_tenant, moment, **how)]


def test_only_those_whose_turn_it_is_are_read_the_longest_waiting_first():
    range_ = Neighbours()
    assert due(range_, TONIGHT) == ["counter", "other"]
    assert due(range_, TONIGHT, most=1) == ["counter"]
    with publisher_session() as session:
        row = {"listing_id": range_.listing_id, "version": "1.0.0", "tests": 2, "failed": 0, "note": ""}
        session.execute(insert(DayOfTests), [{**row, "day": TONIGHT.date() - timedelta(days=1), "state": "published"}])
    assert due(range_, TONIGHT) == ["other", "counter"]
    minute = (range_.listing_id.int & 0xFFFFFFF) % 1440
    turn = TONIGHT.replace(hour=minute // 60, minute=minute % 60) + timedelta(days=1)
    assert due(range_, turn) == ["other", "counter"]
    if minute:
        assert due(range_, turn - timedelta(minutes=1)) == ["other"]


def test_a_listing_with_a_void_test_is_behind_nobody_for_the_rest_of_the_day():
    range_ = Neighbours(other=TESTS)
    range_.beat()
    (run, *_) = range_.begun()
    for attempt in (1, 2, 3):
        range_.launch(run)
        range_.end(run, phase="failed", reason="start_timeout", attempt=attempt)
    range_.beat()
    assert due(range_, TONIGHT) == ["other"]
    assert due(range_, AFTER_MIDNIGHT) == ["counter", "other"]
