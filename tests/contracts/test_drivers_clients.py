"""What every runtime driver promises when its clients die, race or ask for what it has not got."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agent_platform.services.runtime import Phase, Reason, Rejected, SandboxSpec
from tests.contracts.benches import NOTHING, Bench, eventually
from tests.doubles.agent_broker import Work, zipped

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
ECHO = "def go(run):\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"
START = """
import json, sys, time
from agent_platform.services.runtime import Limits, SandboxSpec
members = json.loads(sys.stdin.readline())
limits = Limits(**members.pop("limits"))
print("about to start", flush=True)
print(driver.start(SandboxSpec(limits=limits, **members)), flush=True)
time.sleep(300)
"""


class Client:
    """A process of its own that starts one attempt and then only lives."""

    def __init__(self, bench: Bench, spec: SandboxSpec) -> None:
        command = [sys.executable, "-c", bench.client_code() + START]
        self.life = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.life.stdin.write(json.dumps(asdict(spec)) + "\n")
        self.life.stdin.flush()
        assert self.life.stdout.readline() == "about to start\n"

    def started(self) -> str:
        return self.life.stdout.readline().strip()

    def kill(self) -> None:
        self.life.send_signal(signal.SIGKILL)
        self.life.communicate()


@pytest.mark.fault
def test_after_kill_9_of_the_client_a_new_one_finds_the_run_and_ends_it_once(bench: Bench) -> None:
    work = Work(zipped({"main.py": SLEEP}))
    client = Client(bench, bench.spec(work))
    handle = client.started()
    eventually(lambda: work.said)
    client.kill()
    driver = bench.new_client()
    assert [(status.handle, status.phase) for status in driver.list()] == [(handle, Phase.RUNNING)]
    driver.cancel(handle, 20)
    assert bench.end_of(handle).reason is Reason.CANCELLED
    assert [status.reason for status in bench.new_client().list()] == [Reason.CANCELLED]
    assert work.said == ["asleep", "stopping"]
    driver.destroy(handle)
    eventually(lambda: not bench.leftovers())


@pytest.mark.fault
@pytest.mark.parametrize("after_ms", [0, 20, 60, 120, 200, 300, 500])
def test_a_start_that_dies_half_way_is_finished_by_the_next(bench: Bench, after_ms: int) -> None:
    work = Work(zipped({"main.py": "def go(run):\n    run.emit({'n': 1})\n    return 'done'\n"}))
    # More disk than a warm sandbox has, every other time: cold starts have more places to die in.
    spec = bench.spec(work, replace(NOTHING, disk_mb=300) if after_ms % 40 else NOTHING)
    client = Client(bench, spec)
    with pytest.raises(subprocess.TimeoutExpired):
        client.life.wait(after_ms / 1000)
    client.kill()
    handle = bench.new_client().start(spec)
    assert bench.end_of(handle).reason is Reason.OK
    assert work.result == "done"
    assert len(work.events("items")) == 1
    assert [status.handle for status in bench.driver.list()] == [handle]


def test_many_clients_that_start_one_attempt_get_one_sandbox(bench: Bench) -> None:
    work = Work(zipped({"main.py": SLEEP}))
    spec = bench.spec(work)
    with ThreadPoolExecutor(4) as clients:
        handles = list(clients.map(lambda _: bench.new_client().start(spec), range(4)))
    eventually(lambda: work.said)
    assert len(set(handles)) == 1
    assert bench.driver.capabilities().sandboxes == 1
    assert work.batches == [[1]]


def test_clients_that_start_at_once_never_share_a_warm_sandbox(bench: Bench) -> None:
    bench.warm()
    works = [Work(zipped({"main.py": ECHO}), input={"n": number}) for number in range(6)]
    with ThreadPoolExecutor(6) as clients:
        handles = list(clients.map(lambda work: bench.new_client().start(bench.spec(work)), works))
    assert {bench.end_of(handle).reason for handle in handles} == {Reason.OK}
    assert [work.result["n"] for work in works] == list(range(6))


@pytest.mark.sec
def test_an_agent_cannot_stop_its_clock(bench: Bench) -> None:
    source = """
import os, signal, time
def go(run):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in (1, os.getppid()):
            try:
                os.kill(pid, number)
            except OSError:
                pass
    run.log.info('still here')
    time.sleep(300)
"""
    status, work = bench.run(source, replace(NOTHING, wall_seconds=0.5))
    assert status.reason is Reason.TIMEOUT
    assert work.said == ["still here"]


@pytest.mark.sec
def test_less_isolation_than_asked_is_never_given(bench: Bench) -> None:
    lacking = {"gvisor", "kata"} - set(bench.driver.capabilities().isolation)
    for isolation in lacking:
        with pytest.raises(Rejected, match=isolation):
            bench.driver.start(replace(bench.spec(Work(b"")), isolation=isolation))
    assert list(bench.driver.list()) == []


@pytest.mark.sec
def test_an_image_by_name_is_never_run(bench: Bench) -> None:
    with pytest.raises(Rejected, match=r"image|digest"):
        bench.driver.start(replace(bench.spec(Work(b"")), image="python:latest"))
    assert list(bench.driver.list()) == []
