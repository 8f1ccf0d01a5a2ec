"""What every runtime driver promises: how a sandbox starts, ends, speaks and is cleared away."""

import threading
from collections import deque
from dataclasses import replace

import pytest

from agent_platform.services.runtime import Phase, Reason, Rejected
from tests.contracts.benches import NOTHING, Bench, eventually
from tests.doubles.agent_broker import Work, zipped

pytestmark = pytest.mark.sandbox

ECHO = "def go(run):\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"
STUBBORN = """
import os, signal, subprocess, sys, time
def go(run):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        time.sleep(300)
    run.log.info('asleep')
    while True:
        try:
            time.sleep(300)
        except BaseException:
            pass
"""


def test_an_agent_runs_and_its_result_comes_over_the_broker(bench: Bench) -> None:
    status, work = bench.run(ECHO, input={"n": 1, "text": "ü\u2028"})
    assert work.result == {"n": 1, "text": "ü\u2028"}
    assert (status.phase, status.reason, status.exit_code) == (Phase.SUCCEEDED, Reason.OK, 0)
    assert status.started_at <= status.finished_at
    assert status.usage.peak_memory_bytes > 2**20


def test_starting_twice_gives_one_sandbox(bench: Bench) -> None:
    spec = bench.spec(Work(zipped({"main.py": SLEEP})))
    first = bench.driver.start(spec)
    assert bench.driver.start(spec) == first
    bench.until(first, lambda status: status.phase is Phase.RUNNING)
    assert [status.handle for status in bench.driver.list()] == [first]
    assert bench.driver.capabilities().sandboxes == 1


@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_code_of_the_process_is_told(bench: Bench, code: int) -> None:
    status, _ = bench.run(f"import os\ndef go(run):\n    os._exit({code})\n")
    assert status.exit_code == code
    assert status.reason is (Reason.ERROR if code else Reason.OK)


def test_sys_exit_ends_the_process_with_that_code(bench: Bench) -> None:
    status, work = bench.run("import sys\ndef go(run):\n    print('last')\n    sys.exit(3)\n")
    assert (status.exit_code, work.said) == (3, ["last"])


def test_a_signal_that_ends_the_process_is_told_as_128_plus_its_number(bench: Bench) -> None:
    status, _ = bench.run("import os, signal\ndef go(run):\n    os.kill(os.getpid(), signal.SIGSEGV)\n")
    assert status.exit_code == 128 + 11
    assert status.reason is Reason.ERROR


def test_an_exception_is_reported_with_its_place_and_exit_code_1(bench: Bench) -> None:
    status, work = bench.run("def go(run):\n    raise KeyError('colour')\n")
    assert status.exit_code == 1
    assert work.error["message"] == "KeyError: 'colour'"
    assert 'File "/agent/main.py", line 2' in work.error["traceback"]
    assert "agent_platform" not in work.error["traceback"]


def test_a_run_past_its_wall_clock_is_a_timeout(bench: Bench) -> None:
    status, work = bench.run(SLEEP, replace(NOTHING, wall_seconds=0.3))
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.TIMEOUT)
    assert work.said == ["asleep", "stopping"]


def test_a_run_that_ignores_its_timeout_is_killed(bench: Bench) -> None:
    status, _ = bench.run(STUBBORN, replace(NOTHING, wall_seconds=0.3))
    assert status.reason is Reason.TIMEOUT
    assert status.exit_code == 128 + 9


def test_a_build_whose_module_never_ends_being_imported_is_a_timeout(bench: Bench) -> None:
    source = "while True:\n    pass\n\ndef go(run):\n    return {}\n"
    status, work = bench.run(source, replace(NOTHING, wall_seconds=1.0), kind="build")
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.TIMEOUT)
    assert work.events("result") == []


def test_the_wall_clock_is_kept_with_every_client_dead(bench: Bench) -> None:
    handle, _ = bench.start(SLEEP, replace(NOTHING, wall_seconds=0.5))
    bench.driver = bench.new_client()
    assert bench.end_of(handle).reason is Reason.TIMEOUT


def test_a_runner_that_gets_no_input_in_time_is_a_start_timeout(bench: Bench) -> None:
    bench.broker.outages["input"] = 1000
    try:
        status, _ = bench.run(ECHO, replace(NOTHING, start_seconds=0.5))
    finally:
        bench.broker.outages.clear()
    assert status.reason is Reason.START_TIMEOUT
    assert status.started_at is None


def test_cancelling_while_running_lets_the_agent_say_goodbye(bench: Bench) -> None:
    source = "import time\ndef go(run):\n  try:\n    run.log.info('asleep')\n    time.sleep(300)\n  finally:\n    print('tidy')\n"
    handle, work = bench.start(source)
    eventually(lambda: work.said)
    bench.driver.cancel(handle, 20)
    assert bench.end_of(handle).reason is Reason.CANCELLED
    assert work.said == ["asleep", "tidy", "stopping"]


def test_cancelling_an_agent_that_ignores_sigterm_leaves_no_descendant(bench: Bench) -> None:
    handle, work = bench.start(STUBBORN)
    eventually(lambda: work.said)
    bench.driver.cancel(handle, 0.2)
    status = bench.end_of(handle)
    assert (status.reason, status.exit_code) == (Reason.CANCELLED, 128 + 9)
    bench.driver.destroy(handle)
    eventually(lambda: not bench.leftovers())


def test_cancelling_while_starting_ends_it(bench: Bench) -> None:
    bench.broker.outages["input"] = 1000
    try:
        handle, _ = bench.start(ECHO)
        bench.driver.cancel(handle, 5)
        status = bench.end_of(handle)
    finally:
        bench.broker.outages.clear()
    assert (status.reason, status.started_at) == (Reason.CANCELLED, None)


def test_cancelling_an_ended_or_unknown_sandbox_changes_nothing(bench: Bench) -> None:
    handle, _ = bench.start(ECHO)
    before = bench.end_of(handle)
    bench.driver.cancel(handle, 1)
    bench.driver.cancel("ap-nobody-1", 1)
    assert bench.driver.status(handle) == before


def test_destroying_twice_leaves_nothing(bench: Bench) -> None:
    handle, work = bench.start(SLEEP)
    eventually(lambda: work.said)
    bench.driver.destroy(handle)
    bench.driver.destroy(handle)
    assert list(bench.driver.list()) == []
    assert bench.driver.capabilities().sandboxes == 0
    eventually(lambda: not bench.leftovers())


def test_a_destroyed_or_unknown_sandbox_is_lost(bench: Bench) -> None:
    handle, _ = bench.start(ECHO)
    bench.end_of(handle)
    bench.driver.destroy(handle)
    for name in (handle, "ap-never-1"):
        status = bench.driver.status(name)
        assert (status.phase, status.reason) == (Phase.LOST, Reason.LOST)


def test_fifty_at_once_all_end_well(bench: Bench) -> None:
    started = [bench.start(ECHO, input={"n": number}) for number in range(50)]
    assert {bench.end_of(handle).phase for handle, _ in started} == {Phase.SUCCEEDED}
    assert [work.result["n"] for _, work in started] == list(range(50))


def test_a_watch_lists_what_is_there_and_tells_every_end(bench: Bench) -> None:
    ended, _ = bench.start(ECHO)
    bench.end_of(ended)
    stop, seen = threading.Event(), []
    watcher = threading.Thread(target=lambda: deque(map(seen.append, bench.driver.watch(stop)), maxlen=0))
    watcher.start()
    later, _ = bench.start(ECHO)
    try:
        eventually(lambda: {ended, later} <= {status.handle for status in seen if status.phase is Phase.SUCCEEDED})
    finally:
        stop.set()
        watcher.join()


def test_a_specification_that_never_works_is_rejected(bench: Bench) -> None:
    spec = bench.spec(Work(b""))
    for wrong in (replace(spec, run_id="../x"), replace(spec, attempt=0), replace(spec, token="")):
        with pytest.raises(Rejected):
            bench.driver.start(wrong)
    with pytest.raises(Rejected, match="memory_mb"):
        bench.driver.start(replace(spec, limits=replace(NOTHING, memory_mb=1)))


def test_the_warm_pool_fills_to_what_was_asked(bench: Bench) -> None:
    before = bench.driver.capabilities().warm_target
    bench.driver.prewarm("", 4)
    eventually(lambda: bench.driver.capabilities().warm == 4)  # those above it are on their way out
    bench.driver.prewarm("", before)
    eventually(lambda: bench.driver.capabilities().warm == before)


def test_more_disk_than_a_warm_sandbox_has_is_a_sandbox_of_its_own(bench: Bench) -> None:
    source = "import os\ndef go(run):\n    s = os.statvfs('/work')\n    return s.f_frsize * s.f_blocks\n"
    # Where the folder is in the sandbox's memory, it may be no larger than that.
    _, work = bench.run(source, replace(NOTHING, disk_mb=300, memory_mb=512))
    assert work.result == 300 * 2**20
