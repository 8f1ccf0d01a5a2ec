"""Attempts that live on, that are cut off, and that bring their host down each time."""

import signal
import time

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.services import runs
from tests.e2e.product import until
from tests.faults.installation import settled_down
from tests.faults.load import Kind, Load, accept, cancel, look
from tests.faults.witness import Witness
from tests.faults.world import RECOVERED_SECONDS

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.sandbox]
long = pytest.mark.long
COUNTS = Kind("counts", "counter", {"numbers": 60, "pause_ms": 50})
SLEEPS = Kind("sleeps", "counter", {"numbers": 2, "pause_ms": 60_000})
MANY = Kind("many", "counter", {"numbers": 10, "pause_ms": 500}, cap_micro_usd=10_000)
MOST_ATTEMPTS = 3
GIVE_UP_SECONDS = 60  # a kept connection that does not answer for 30 s, and a new one


def finished(world, witness, seen, *, seconds: float = 120):
    until(lambda: look(witness, seen).finished_at is not None, world.installation.tail, seconds=seconds)
    return look(witness, seen)


def counted_some(witness, seen) -> None:
    until(lambda: look(witness, seen).item_count >= 1, "the first rows")


def take_for_lost(seen) -> None:
    """What a reconciler does that is told of no sandbox: the attempt counts as lost, though its sandbox lives."""
    with acting_as("worker"):
        runs.settle(tenant_id=seen.tenant_id, run_id=seen.run_id, status=runs.lost_status(seen.run_id, 1))


@pytest.mark.parametrize("kind", [COUNTS, SLEEPS], ids=lambda kind: kind.name)
def test_an_orphan_of_an_earlier_attempt_is_refused_and_ended(world, kind):
    """It counts on with a dead token, or it sleeps and never notices: its rows are nobody's and its sandbox goes."""
    tenant, witness = world.tenant(), Witness()
    seen = accept(witness, tenant, world.publisher, kind)
    counted_some(witness, seen)
    take_for_lost(seen)
    until(lambda: (look(witness, seen).attempt, look(witness, seen).state) == (2, "running"), "the second attempt")
    until(lambda: handles(world, seen) == {f"ap-{seen.run_id}-2"}, "the orphan to end", seconds=RECOVERED_SECONDS)
    if kind is SLEEPS:
        cancel(witness, tenant, seen)
    run = finished(world, witness, seen)
    assert run.state == ("cancelled" if kind is SLEEPS else "succeeded")
    assert world.verdict(witness) == []
    assert settled_down(world.installation) == []


def handles(world, seen) -> set[str]:
    return {status.handle for status in world.installation.driver().list() if status.run_id == str(seen.run_id)}


@long
@pytest.mark.parametrize("seconds", [10, 75])
def test_agents_that_cannot_reach_the_broker_go_on_when_it_is_back(world, seconds):
    """A question to a frozen broker is given up after a minute at most; then the attempt is lost, tried once more and costs nothing extra."""
    tenant, witness = world.tenant(), Witness()
    seen = [accept(witness, tenant, world.publisher, COUNTS) for _ in range(3)]
    for one in seen:
        counted_some(witness, one)
    with world.installation.frozen("broker"):
        time.sleep(seconds)
    for one in seen:
        run = finished(world, witness, one)
        assert (run.state, run.item_count, run.charged_micro_usd) == ("succeeded", 60, 60_000)
        assert run.attempt == (2 if seconds > GIVE_UP_SECONDS else 1)
    assert world.verdict(witness) == []
    if seconds > GIVE_UP_SECONDS:
        assert explained_by_an_outage(world, seen) == len(seen)
        world.wait_for(
            "SELECT (count(*) = 0)::int FROM platform.outages WHERE was_asked AND ended_at - began_at > '60 s'"
        )


def explained_by_an_outage(world, seen) -> int:
    """How many of these runs had an attempt that the platform's own records excused."""
    query = (
        "SELECT count(*) FROM app.run_attempts WHERE run_id = ANY(%s) AND number = 1 AND diagnosis ? 'broker_was_out'"
    )
    with world.installation.connect() as connection:
        return connection.execute(query, [[one.run_id for one in seen]]).fetchone()[0]


@long
def test_a_run_that_brings_its_host_down_each_time_is_given_up_and_the_others_are_not(world):
    """The fixture for a poison run: whenever it works, the sandbox host is killed."""
    witness, poisoner, others = Witness(), world.tenant(), world.tenant()
    load = Load(witness, [others], world.publisher, clients=4)
    load.start((Kind("counts long", "counter", {"numbers": 300, "pause_ms": 100}, cap_micro_usd=500_000),))
    until(lambda: sum(seen.state == "running" for seen in witness.runs.values()) == 4, "the others to run")
    poison = accept(witness, poisoner, world.publisher, SLEEPS)
    deaths = 0
    while (run := look(witness, poison)).finished_at is None:
        if run.state == "running" and run.attempt > deaths:
            pid = world.installation.kill("sandbox-host", signal.SIGKILL)
            world.installation.wait_until_back("sandbox-host", pid)
            deaths = run.attempt
        time.sleep(0.1)
    assert (run.state, run.failure_code, run.attempt, run.charged_micro_usd) == (
        "failed",
        "worker_lost",
        MOST_ATTEMPTS,
        0,
    )
    assert load.stop(300) == 0
    assert (load.surprises, load.given_up) == ([], [])
    assert world.verdict(witness) == []


@long
def test_a_second_watch_and_beat_beside_the_first_change_nothing_and_take_over(world):
    witness = Witness()
    load = Load(witness, [world.tenant(), world.tenant()], world.publisher)
    with world.installation.standbys(("watch", "beat")):
        load.start()
        time.sleep(5)
        for name in ("watch", "beat"):
            assert world.installation.kill(name)
        time.sleep(10)
        assert load.stop(120) == 0
    assert load.surprises == []
    assert world.verdict(witness) == []


@pytest.mark.parametrize("crowd", [60, pytest.param(1_000, marks=long)])
def test_a_crowd_of_one_workspace_makes_no_other_wait(world, crowd, capsys):
    """G12 at a smaller number; tests/faults/scripts/crowd.py takes any, the figure is in docs/reliability.md."""
    witness, quiet, loud = Witness(), world.tenant(), world.tenant(plan="team")
    short = Kind("echo", "echo", {"text": "hello"})
    idle = first_start_seconds(world, witness, quiet, short)
    queued = [accept(witness, loud, world.publisher, MANY) for _ in range(crowd)]
    beside = first_start_seconds(world, witness, quiet, short)
    for one in queued:
        cancel(witness, loud, one)
    for one in queued:
        finished(world, witness, one, seconds=300)
    assert world.verdict(witness) == []
    with capsys.disabled():
        print(f"\nanother workspace's start: idle {idle:.2f} s, beside {crowd:,} queued runs {beside:.2f} s")


def first_start_seconds(world, witness, tenant, kind) -> float:
    run = finished(world, witness, accept(witness, tenant, world.publisher, kind))
    assert run.state == "succeeded"
    return (run.started_at - run.queued_at).total_seconds()
