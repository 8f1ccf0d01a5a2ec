"""What the status page is told: what answers now, what nobody can know, and what is on record."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from agent_platform.core.db.engine import acting_as, dispose_engines
from agent_platform.core.queue import QUEUES, redis, show_life
from agent_platform.core.settings import get_settings
from agent_platform.services import outages
from agent_platform.services.outages import ELECTED, Answer
from workers import __main__ as workers

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


@pytest.fixture(autouse=True)
def fresh(settings):
    outages.forget_status()
    yield
    outages.forget_status()


def now() -> outages.StatusFacts:
    outages.forget_status()
    return outages.read_status()


@pytest.fixture
def elected(database):
    """The elected processes, as the database knows them: by the locks they hold."""
    with psycopg.connect(database.worker, autocommit=True) as connection:

        def elect(*names):
            for name in names:
                connection.execute("SELECT pg_advisory_lock(%s)", (ELECTED[name],))

        yield elect


def test_while_nothing_but_the_website_runs_its_servers_answer_and_the_rest_does_not():
    found = now()
    assert {name: found.parts[name] for name in ("web", "database", "queue")} == dict.fromkeys(
        ("web", "database", "queue"), YES
    )
    assert {found.parts[name] for name in (*QUEUES, *ELECTED)} == {NO}
    assert found.parts["broker"] is UNKNOWN  # nobody is there to ask it
    assert found.outages == []
    assert abs((datetime.now(UTC) - found.taken_at).total_seconds()) < 60


def test_everything_answers_while_everything_shows_life(elected):
    elected("watch", "beat")
    for name in QUEUES:
        show_life(name)
    with acting_as("worker"):
        outages.note_answer(outages.BROKER, was_asked=False)
    assert set(now().parts.values()) == {YES}


@pytest.mark.parametrize("name", QUEUES)
def test_a_worker_counts_for_a_while_after_its_last_sign_of_life(name, monkeypatch):
    """The very workers that are started: each of them shows life by itself."""
    assert now().parts[name] is NO
    if name == "runs":
        worker = workers._worker(name)
        monkeypatch.setattr(worker, "_taken", lambda: setattr(worker, "_stop_requested", True) or [])
        for name_of_rq in ("bootstrap", "_install_signal_handlers"):
            monkeypatch.setattr(worker, name_of_rq, lambda *_: None)
        worker.work()
    else:
        workers._worker(name).heartbeat()
    found = now()
    assert [one for one in QUEUES if found.parts[one] is YES] == [name]
    assert 0 < redis().ttl(f"ap:alive:{name}") <= 90
    redis().delete(f"ap:alive:{name}")
    assert now().parts[name] is NO


def test_a_broker_that_fell_silent_does_not_answer_while_somebody_asks_it(elected, database):
    with acting_as("worker"):
        outages.note_answer(outages.BROKER, was_asked=False)
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("UPDATE platform.components SET answered_at = now() - interval '60 s'")
    assert now().parts["broker"] is UNKNOWN
    elected("watch")
    assert now().parts["broker"] is NO
    with acting_as("worker"):
        outages.note_answer(outages.BROKER, was_asked=True)
    found = now()
    assert found.parts["broker"] is YES
    (outage,) = found.outages
    assert (outage.component, outage.was_asked) == ("broker", True)
    assert 55 < (outage.ended_at - outage.began_at).total_seconds() < 120


def test_a_lock_of_another_database_elects_nobody(database):
    with psycopg.connect(database.superuser.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (ELECTED["beat"],))
        assert now().parts["beat"] is NO


def test_without_the_database_it_still_answers_and_says_what_it_cannot_know(monkeypatch):
    monkeypatch.setenv("DATABASE_URL_APP", "postgresql://ap_app:x@127.0.0.1:9/none")
    get_settings.cache_clear()
    dispose_engines()
    found = now()
    assert (found.parts["web"], found.parts["database"], found.parts["queue"]) == (YES, NO, YES)
    assert {found.parts[name] for name in ("broker", "watch", "beat")} == {UNKNOWN}
    assert found.outages is None


def test_without_redis_workers_are_not_known(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:9/0")
    get_settings.cache_clear()
    redis.cache_clear()
    found = now()
    assert (found.parts["database"], found.parts["queue"], found.parts["runs"]) == (YES, NO, UNKNOWN)


def test_many_who_ask_at_once_are_one_question():
    outages.forget_status()
    first = outages.read_status()
    assert outages.read_status() is first


@contextmanager
def hanging(monkeypatch):
    """The database takes connections and says nothing; somebody is asking it all the while, in a thread of the pool."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(2) as threads:
        monkeypatch.setenv("DATABASE_URL_APP", f"postgresql://ap_app:x@127.0.0.1:{server.getsockname()[1]}/none")
        get_settings.cache_clear()
        dispose_engines()
        first = threads.submit(outages.read_status)
        connection, _ = server.accept()
        server.close()  # who asks after this is told at once that nobody answers
        try:
            yield threads
            assert not first.done()
        finally:
            connection.close()
        assert first.result(10).parts["database"] is NO
    dispose_engines()


def test_while_the_database_hangs_one_waits_for_it_and_the_others_are_told_the_last_answer(monkeypatch):
    last = now()
    outages.forget_status(but_the_last=True)
    with hanging(monkeypatch) as threads:
        assert threads.submit(outages.read_status).result(5) is last
    assert outages.read_status().parts["database"] is NO


def test_where_there_is_no_last_answer_nothing_is_known_yet(monkeypatch):
    usual = list(now().parts)
    outages.forget_status()
    with hanging(monkeypatch) as threads:
        found = threads.submit(outages.read_status).result(5)
        assert list(found.parts) == usual
        assert (found.parts.pop("web"), set(found.parts.values())) == (YES, {UNKNOWN})
        assert (found.outages, found.is_asked) == (None, False)


@pytest.mark.sec
def test_the_website_reads_the_record_and_changes_nothing_of_it(database):
    with psycopg.connect(database.app, autocommit=True) as connection:
        connection.execute("SELECT count(*) FROM platform.outages")
        for statement in ("DELETE FROM platform.outages", "UPDATE platform.components SET answered_at = now()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
