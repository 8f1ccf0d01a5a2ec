"""Whether the broker answers, asked as a sandbox asks, and what is recorded of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.settings import Settings
from tests.contracts.benches import eventually
from tests.doubles.agent_broker import AgentBroker
from tests.doubles.stage import spawn_broker
from workers.listening import broker_endpoint, listen_to_broker
from workers.probes import broker_answers


@pytest.fixture
def broker(settings: Settings) -> Iterator[AgentBroker]:
    settings.broker_dir.mkdir(parents=True)
    double = AgentBroker(settings.broker_dir)
    double.start()
    yield double
    double.stop()


@contextmanager
def listening() -> Iterator[None]:
    stop = threading.Event()

    def listen() -> None:
        with acting_as("worker"):
            listen_to_broker(stop, every_seconds=0.01)

    thread = threading.Thread(target=listen)
    thread.start()
    yield
    stop.set()
    thread.join()


def execute(database, statement: str) -> list[tuple]:
    with psycopg.connect(database.superuser) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def last_answer(database):
    return execute(database, "SELECT answered_at FROM platform.components")


def half_a_minute_passes(database) -> None:
    execute(database, "UPDATE platform.components SET answered_at = answered_at - interval '30 s'")


def outages(database) -> list[tuple]:
    return execute(
        database, "SELECT component, extract(epoch FROM ended_at - began_at) >= 30, was_asked FROM platform.outages"
    )


def listen_for_one_answer(database) -> None:
    before = last_answer(database)
    with listening():
        eventually(lambda: last_answer(database) != before)


def hang_up_once(path: Path) -> None:
    """Somebody asked at this socket and got no answer."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(1)
        server.accept()[0].close()
    path.unlink()


def test_a_broker_that_goes_away_and_comes_back_was_out_in_between(database, broker):
    listen_for_one_answer(database)
    half_a_minute_passes(database)
    broker.stop()
    with listening():
        hang_up_once(broker.path)
        assert outages(database) == []
        broker.start()
        assert eventually(lambda: outages(database)) == [("broker", True, True)]


def test_a_broker_without_its_database_is_out_too(database, broker):
    listen_for_one_answer(database)
    half_a_minute_passes(database)
    broker.outages["input"] = 3
    with listening():
        assert eventually(lambda: outages(database)) == [("broker", True, True)]


def test_a_watcher_that_was_away_itself_records_that_nobody_watched(database, broker):
    listen_for_one_answer(database)
    half_a_minute_passes(database)
    listen_for_one_answer(database)
    assert outages(database) == [("broker", True, False)]


def test_a_socket_that_takes_questions_and_answers_none_is_no_broker(tmp_path: Path) -> None:
    """A frozen process looks so: the kernel takes connections for it."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as frozen:
        frozen.bind(path)
        frozen.listen(8)
        assert not broker_answers(path, seconds=0.1)
    assert not broker_answers(path, seconds=0.1)
    assert not broker_answers(str(tmp_path / "none"))


def test_a_broker_in_a_cluster_is_asked_at_its_address(tmp_path: Path) -> None:
    double = AgentBroker(tmp_path, tcp=True)
    double.start()
    assert broker_answers(double.endpoint)
    double.stop()
    assert not broker_answers(double.endpoint)
    assert not broker_answers("http://no-such-host.invalid:80")


@pytest.mark.slow
def test_the_real_broker_answers_while_it_reaches_its_database(settings: Settings) -> None:
    process = spawn_broker(settings)
    try:
        assert eventually(lambda: broker_answers(broker_endpoint(settings)))
    finally:
        process.terminate()
        process.wait()
    assert not broker_answers(broker_endpoint(settings))


@pytest.mark.parametrize("driver", ["sandbox", "docker", "kubernetes"])
def test_it_is_asked_where_sandboxes_find_it(monkeypatch, tmp_path: Path, driver: str) -> None:
    monkeypatch.setenv("AP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("AP_DRIVER", driver)
    monkeypatch.setenv("AP_BROKER_URL", "http://broker.agent-platform:8080")
    told = Settings()  # pyright: ignore[reportCallIssue]
    in_cluster = driver == "kubernetes"
    assert broker_endpoint(told) == (told.broker_url if in_cluster else str(told.broker_dir / "broker.sock"))
