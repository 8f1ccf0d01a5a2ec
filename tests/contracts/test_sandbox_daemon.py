"""What the embedded driver promises beyond the others: its daemon may die, start again, and is the only one of its folder."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent_platform.services.runtime import Phase, Reason, SandboxDriver, Transient
from tests.contracts.benches import NOTHING, SandboxBench, eventually
from tests.contracts.benches.sandbox import ROOT

pytestmark = pytest.mark.sandbox

ECHO = "def go(run):\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"


def test_a_daemon_that_is_away_is_a_transient_error(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="nothing was started"):
        SandboxDriver(tmp_path).capabilities()


@pytest.mark.fault
def test_after_kill_9_of_the_daemon_its_sandboxes_are_gone_and_lost(own_bench: SandboxBench) -> None:
    bench = own_bench
    ended, _ = bench.start(ECHO)
    done = bench.end_of(ended)
    running, work = bench.start(SLEEP)
    eventually(lambda: work.said)
    members = bench.members()
    bench.kill_daemon()
    eventually(lambda: not [pid for pid in members if Path(f"/proc/{pid}").exists()])
    with pytest.raises(Transient):
        bench.driver.status(running)
    bench.boot()
    assert bench.driver.status(ended) == done
    lost = bench.driver.status(running)
    assert (lost.phase, lost.reason) == (Phase.LOST, Reason.LOST)
    assert {status.handle for status in bench.driver.list()} == {ended, running}
    bench.driver.destroy(running)
    assert {status.handle for status in bench.driver.list()} == {ended}


@pytest.mark.fault
def test_a_stopped_daemon_leaves_no_process_and_no_cgroup(own_bench: SandboxBench) -> None:
    bench = own_bench
    handle, work = bench.start(SLEEP)
    eventually(lambda: work.said)
    members, installation = bench.members(), f"agent-platform-test-{os.getpid()}"
    bench.kill_daemon(signal.SIGTERM)
    assert bench.daemon.returncode == 0
    assert not [pid for pid in members if Path(f"/proc/{pid}").exists()]
    left = [path for path in Path("/sys/fs/cgroup").glob(f"*/{installation}/box-*") if path.is_dir()]
    assert left == []
    bench.boot()
    assert bench.driver.status(handle).phase is Phase.LOST


@pytest.mark.fault
def test_leftovers_of_a_killed_daemon_are_cleared_by_the_next(own_bench: SandboxBench) -> None:
    bench = own_bench
    _, work = bench.start(SLEEP)
    eventually(lambda: work.said)
    groups = list(Path("/sys/fs/cgroup").glob(f"*/agent-platform-test-{os.getpid()}/box-*"))
    bench.kill_daemon()
    bench.boot()
    boxes = {path.stem for path in (bench.folder / "run" / "sandbox-host" / "boxes").glob("*.json")}
    assert len(boxes) == bench.warm()
    assert not [path for path in groups if path.exists() and path.name not in boxes]


def test_without_bubblewrap_the_daemon_says_how_to_get_it(tmp_path: Path) -> None:
    places = ["--run-dir", str(tmp_path), "--broker-dir", str(tmp_path / "broker"), "--bwrap", "/nowhere/bwrap"]
    command = [sys.executable, "-m", "workers.sandbox_host", *places]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "apt-get install bubblewrap" in refused.stderr


def test_a_second_daemon_on_the_same_folder_is_refused(own_bench: SandboxBench) -> None:
    first, own_bench.daemon = own_bench.daemon, None
    with pytest.raises(AssertionError):
        own_bench.boot()
    own_bench.daemon.stdout.close()
    assert own_bench.daemon.wait(10) == 2
    own_bench.daemon = first


@pytest.mark.sec
def test_each_sandbox_has_a_uid_of_its_own_where_root_gives_it(own_bench: SandboxBench) -> None:
    if not own_bench.driver.capabilities().own_uid:
        pytest.skip("an ordinary user has one uid to give")
    own_bench.driver.prewarm("", 3)
    assert own_bench.warm() == 3
    uids = {Path(f"/proc/{pid}").stat().st_uid for pid in own_bench.members()}
    assert len(uids) == 3
    assert 0 not in uids


def test_a_sandbox_that_was_refused_a_process_says_so(own_bench: SandboxBench) -> None:
    if own_bench.driver.capabilities().limits != "cgroup":
        pytest.skip("only a cgroup counts what it refused")
    source = "import os, time\ndef go(run):\n    while True:\n        if os.fork() == 0:\n            time.sleep(60)\n"
    status, work = own_bench.run(source, replace(NOTHING, pids=20))
    assert (status.limits_met, work.error["code"]) == (("pids",), "too_many_processes")
    assert own_bench.run(ECHO)[0].limits_met == ()
