"""One process is killed, frozen or emptied in the middle of a steady load: nothing accepted is lost, nothing is charged twice."""

import signal
import time

import pytest

from tests.faults.installation import settled_down
from tests.faults.load import KINDS, Kind, Load, accept, look
from tests.faults.witness import Witness
from tests.faults.world import RECOVERED_SECONDS

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.sandbox]
BEFORE_SECONDS, AFTER_SECONDS, FOLLOW_SECONDS = 2.0, 3.0, 120
long = pytest.mark.long
KILLS = [
    "sandbox-host",
    "postgres",
    *(pytest.param(name, marks=long) for name in ("runs", "maintenance", "watch", "beat", "broker", "web", "valkey")),
]
FREEZES = [
    pytest.param(name, marks=long) for name in ("runs", "watch", "beat", "broker", "sandbox-host", "valkey", "postgres")
]
SHORT = Kind("counts", "counter", {"numbers": 20, "pause_ms": 20})


class Storm:
    """A load, and what must be true once it is over."""

    def __init__(self, world, *, clients: int = 6, kinds=KINDS) -> None:
        self.world = world
        self.witness = Witness()
        self.load = Load(self.witness, [world.tenant() for _ in range(2)], world.publisher, clients=clients)
        self.load.start(kinds)
        time.sleep(BEFORE_SECONDS)

    def end(self) -> None:
        """Every run is over within the promised time, all books are right and nothing is left on the machine."""
        time.sleep(AFTER_SECONDS)
        assert self.load.stop(FOLLOW_SECONDS) == 0, self.witness.by_state()
        assert self.world.verdict(self.witness) == []
        assert (self.load.surprises, self.load.given_up) == ([], [])
        assert settled_down(self.world.installation) == []
        assert len(self.witness.runs) > 3


@pytest.mark.parametrize("name", KILLS)
def test_a_kill_loses_nothing_and_charges_nothing_twice(world, name):
    storm = Storm(world)
    killed_at = time.monotonic()
    pid = world.installation.kill(name)
    assert pid
    world.installation.wait_until_back(name, pid)
    storm.end()
    assert storm.witness.recovery_seconds(killed_at) <= RECOVERED_SECONDS


@pytest.mark.parametrize("name", FREEZES)
def test_a_process_that_hangs_for_a_while_loses_nothing(world, name):
    storm = Storm(world)
    with world.installation.frozen(name):
        time.sleep(8)
    storm.end()


@long
def test_a_clean_restart_of_postgres_under_load_loses_nothing(world):
    storm = Storm(world)
    pid = world.installation.kill("postgres", signal.SIGINT)
    world.installation.wait_until_back("postgres", pid)
    storm.end()


def test_emptying_valkey_under_load_loses_nothing(world):
    storm = Storm(world)
    for _ in range(5):
        world.installation.empty_valkey()
        time.sleep(0.5)
    storm.end()


@long
def test_valkey_away_for_half_a_minute_and_back_empty_delays_runs_and_loses_none(world):
    """Frozen it answers nobody; then it is emptied and killed. Pages answer all the while."""
    storm = Storm(world, kinds=(SHORT,))
    with world.installation.frozen("valkey"):
        give_up_at = time.monotonic() + 30
        asked_at = time.monotonic()
        seen = accept(storm.witness, storm.load.tenants[0], world.publisher, SHORT)
        assert time.monotonic() - asked_at < 15
        while time.monotonic() < give_up_at:
            assert world.installation.page_status("/agents") == 200
            time.sleep(1)
    world.installation.empty_valkey()
    pid = world.installation.kill("valkey")
    world.installation.wait_until_back("valkey", pid)
    storm.end()
    assert look(storm.witness, seen).state == "succeeded"


@long
def test_everything_but_the_servers_killed_at_once_comes_back(world):
    storm = Storm(world)
    killed = {
        name: world.installation.kill(name) for name in ("runs", "watch", "beat", "broker", "sandbox-host", "web")
    }
    for name, pid in killed.items():
        assert pid
        world.installation.wait_until_back(name, pid)
    storm.end()


def test_sigterm_drains_within_its_time_and_the_next_start_goes_on(world):
    storm = Storm(world)
    world.installation.stop(signal.SIGTERM)
    world.installation.start()
    storm.end()
