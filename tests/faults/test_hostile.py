"""Agents that mean harm, one by one and all at once beside a neighbour: contained, named, and nothing of them is left."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs
from tests.e2e.shelf import publish
from tests.faults.hostile import FATES, HOSTILE, Fate
from tests.faults.installation import settled_down
from tests.faults.load import Kind, accept, look
from tests.faults.witness import Witness

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.sandbox, pytest.mark.sec]
MOST_LOG_BYTES = 10 * 2**20
NEIGHBOUR = Kind("neighbour", "echo", {"text": "hello"})
NEIGHBOURS = 12
TOGETHER = {
    how: fate for how, fate in FATES.items() if how != "liar"
}  # beside the others its broker may really be silent
OWN_ENVIRONMENT = {"HOME", "LANG", "PATH", "PWD", "TMPDIR", "USER", "AP_BROKER", "AP_RUN_TOKEN"}


@pytest.fixture(scope="module")
def hostile(world):
    publish(world.installation.records, HOSTILE)
    return world.tenant()


def let_loose(world, witness, tenant, how: str, fate: Fate, port: int = 1):
    """The run of this agent, once it is over."""
    kind = Kind(how, "hostile", {"how": how, "port": port})
    request = runs.RunRequest(
        world.publisher, kind.agent, kind.input, f"{how} {time.monotonic()}", kind.cap_micro_usd, timeout_seconds=fate.seconds
    )  # fmt: skip
    with tenant_session(tenant.id) as session:
        run_id = runs.start(session, request, caller=tenant.caller).id
    seen = witness.accepted(run_id, tenant.id, request.idempotency_key, kind.cap_micro_usd, how)
    while (run := look(witness, seen)).finished_at is None:
        time.sleep(1)  # seldom: eighteen who ask ten times a second would be the worst of the neighbours
    return run


def expect_fate(run, fate: Fate) -> None:
    assert (run.state, run.failure_code) == (fate.state, fate.code), run.failure_message
    assert fate.words in (run.failure_message or "")
    assert run.log_bytes <= MOST_LOG_BYTES


@pytest.mark.long
@pytest.mark.parametrize("how", FATES)
def test_it_is_contained_and_named(world, hostile, how):
    witness = Witness()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        run = let_loose(world, witness, hostile, how, FATES[how], listener.getsockname()[1])
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has come
            listener.accept()
    expect_fate(run, FATES[how])
    assert settled_down(world.installation) == []
    if how == "scanner":
        assert run.result == {"reached": [], "proxy": ["403"]}
    if how == "reader":
        assert run.result["words"] == []
        assert set(run.result["environment"]) <= OWN_ENVIRONMENT


def test_all_at_once_beside_a_neighbour(world, hostile, capsys):
    witness, neighbour = Witness(), world.tenant()
    alone = [start_seconds(world, witness, neighbour) for _ in range(NEIGHBOURS)]
    with ThreadPoolExecutor(len(TOGETHER)) as pool:
        ends = {how: pool.submit(let_loose, world, witness, hostile, how, fate) for how, fate in TOGETHER.items()}
        beside = [start_seconds(world, witness, neighbour) for _ in range(NEIGHBOURS)]
        for how, end in ends.items():
            expect_fate(end.result(), FATES[how])
    assert settled_down(world.installation) == []
    assert world.verdict(witness) == []
    with capsys.disabled():
        print(
            f"\nneighbour's start, median and slowest of {NEIGHBOURS}: alone {median(alone):.3f} and {max(alone):.3f} s,"
            f" beside all of them {median(beside):.3f} and {max(beside):.3f} s"
        )


def start_seconds(world, witness, tenant) -> float:
    """From the acceptance of a neighbour's run until its agent had its input, by the database's clock; it must succeed."""
    seen = accept(witness, tenant, world.publisher, NEIGHBOUR)
    while (run := look(witness, seen)).finished_at is None:
        time.sleep(0.05)
    assert run.state == "succeeded", run.failure_message
    return (run.started_at - run.queued_at).total_seconds()
