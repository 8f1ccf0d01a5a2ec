"""When a component answered, and what the time between two answers means."""

from datetime import datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import outages
from tests.factories import make_tenant


class Records:
    """Time does not pass in tests: what has happened is moved back instead."""

    def __init__(self, database):
        self.database = database
        self.tenant = make_tenant()

    def answer(self, *, was_asked=False):
        with acting_as("worker"):
            return outages.note_answer(outages.BROKER, was_asked=was_asked)

    def pass_by(self, seconds):
        with psycopg.connect(self.database.superuser) as connection:
            connection.execute(f"UPDATE platform.components SET answered_at = answered_at - interval '{seconds} s'")
            connection.execute(
                f"UPDATE platform.outages SET began_at = began_at - interval '{seconds} s', ended_at = ended_at - interval '{seconds} s'"
            )

    def rows(self):
        with psycopg.connect(self.database.superuser) as connection:
            return connection.execute(
                "SELECT component, extract(epoch FROM ended_at - began_at)::int, was_asked FROM platform.outages ORDER BY began_at"
            ).fetchall()

    def now(self) -> datetime:
        with acting_as("worker"), tenant_session(self.tenant) as session:
            return session.execute(text("SELECT clock_timestamp()")).scalar_one()

    def was_out(self, *, since_seconds=600, ended_seconds_ago: float | None = 0):
        now = self.now()
        until = None if ended_seconds_ago is None else now - timedelta(seconds=ended_seconds_ago)
        since = now - timedelta(seconds=since_seconds)
        with acting_as("worker"), tenant_session(self.tenant) as session:
            return outages.was_out(session, outages.BROKER, since=since, until=until)


@pytest.fixture
def records(settings, database):
    return Records(database)


def test_answers_close_to_each_other_are_no_outage(records):
    for _ in range(3):
        assert records.answer() is None
        records.pass_by(9)
    assert records.rows() == []
    assert not records.was_out()


@pytest.mark.parametrize("was_asked", [True, False])
def test_the_first_answer_after_a_silence_records_it_once(records, was_asked):
    """Whether the component was asked in vain or nobody was there to ask: it is unknown, and so it counts."""
    records.answer()
    records.pass_by(30)
    assert 29 < records.answer(was_asked=was_asked) < 40
    assert records.answer() is None
    assert records.rows() == [("broker", 30, was_asked)]


def test_a_silence_counts_before_it_is_over(records):
    records.answer()
    records.pass_by(9)
    assert not records.was_out()
    records.pass_by(2)
    assert records.was_out()
    assert records.rows() == []


def test_a_component_that_never_answered_is_silent(records):
    assert records.was_out()


def test_an_outage_explains_only_what_ended_soon_after_it(records):
    records.answer()
    records.pass_by(30)
    records.answer()
    records.pass_by(50)
    records.answer()  # 50 s without a word are another outage
    records.pass_by(8)
    records.answer()
    assert records.was_out()
    records.pass_by(0)
    assert not records.was_out(since_seconds=5), "it was over before this attempt had its input"


def test_an_old_outage_explains_nothing(records):
    records.answer()
    records.pass_by(30)
    for _ in range(10):
        records.answer()
        assert records.was_out()
        records.pass_by(6)
    records.answer()
    assert not records.was_out()
    assert records.was_out(ended_seconds_ago=20), "it was settled late: the minute before its own end counts"


def test_the_clock_of_another_machine_hides_no_outage_and_makes_none(records):
    records.answer()
    assert not records.was_out(ended_seconds_ago=600)
    assert not records.was_out(ended_seconds_ago=-600)
    records.pass_by(30)
    records.answer()
    records.pass_by(5)
    records.answer()
    for ended_seconds_ago in (600, -600, None):
        assert records.was_out(ended_seconds_ago=ended_seconds_ago)


@pytest.mark.sec
@pytest.mark.parametrize("role", ["app", "broker", "publisher", "platform"])
def test_only_the_worker_s_login_writes_what_was_seen(settings, database, role):
    """Least of all the broker, about itself."""
    with acting_as(role), pytest.raises(ProgrammingError, match="permission denied"):
        outages.note_answer(outages.BROKER, was_asked=False)


@pytest.mark.sec
@pytest.mark.parametrize("change", ["UPDATE platform.outages SET was_asked = true", "DELETE FROM platform.outages"])
def test_what_was_recorded_stays(settings, database, change):
    with psycopg.connect(database.worker) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(change)
