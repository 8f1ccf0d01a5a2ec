"""What every runtime driver promises about output, bundles and a broker that goes away."""

import hashlib
import io
import stat
import zipfile
from dataclasses import replace

import pytest

from agent_platform.services.runtime import Reason
from tests.contracts.benches import NOTHING, Bench, eventually
from tests.doubles.agent_broker import Work, zipped

pytestmark = pytest.mark.sandbox

ECHO = "def go(run):\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"


def output(bench: Bench, handle: str, since: int = 0) -> bytes:
    return b"".join(chunk.content for chunk in bench.driver.logs(handle, since))


def test_100_000_lines_arrive_in_order_and_can_be_resumed(bench: Bench) -> None:
    source = "import os\ndef go(run):\n    for n in range(100_000):\n        os.write(1, b'%d\\n' % n)\n"
    status, _ = bench.run(source)
    chunks = list(bench.driver.logs(status.handle))
    assert b"".join(chunk.content for chunk in chunks).split() == [b"%d" % n for n in range(100_000)]
    half = chunks[len(chunks) // 2]
    after = b"".join(chunk.content for chunk in chunks[len(chunks) // 2 + 1 :])
    assert output(bench, status.handle, half.next) == after


def test_an_endless_line_binary_output_and_a_flood_are_cut_visibly(bench: Bench) -> None:
    source = """
import os
def go(run):
    os.write(2, bytes(range(256)) + b'\\n')
    os.write(1, b'x' * 300_000 + b'\\nnext\\n')
    for _ in range(200):
        os.write(1, b'y' * 999 + b'\\n')
    return 'done'
"""
    status, work = bench.run(source, replace(NOTHING, log_bytes=100_000))
    chunks = list(bench.driver.logs(status.handle))
    content = b"".join(chunk.content for chunk in chunks)
    assert work.result == "done"
    assert bytes(range(256)) in content
    # In its stream; what comes by the other one may be written down between any two pieces.
    assert b"x [line cut at 64 KiB]\nnext\n" in b"".join(chunk.content for chunk in chunks if chunk.stream == "stdout")
    assert content.endswith(b"[log limit of 100000 bytes reached: the rest is dropped]\n")
    assert len(content) < 101_000


def test_a_flood_past_the_limit_waits_for_the_daemon_instead_of_keeping_it_busy(bench: Bench) -> None:
    source = """
import os, time
def go(run):
    began, written = time.monotonic(), 0
    while time.monotonic() - began < 1:
        written += os.write(1, b'z' * 65536)
    return written
"""
    _, work = bench.run(source, replace(NOTHING, log_bytes=1024))
    assert work.result < 8 * 2**20


def test_print_and_logging_come_over_the_broker_with_their_levels(bench: Bench) -> None:
    source = """
import logging, sys
logger = logging.getLogger('mine')
def go(run):
    print('out', 1); print('err', file=sys.stderr); logger.info('noted'); logger.error('bad')
    run.log.debug('deep', n=1)
    print('no newline', end='')
"""
    status, work = bench.run(source)
    assert [(event["level"], event["text"]) for event in work.events("log")] == [
        ("info", "out 1"),
        ("warn", "err"),
        ("info", "noted"),
        ("error", "bad"),
        ("debug", "deep"),
        ("info", "no newline"),
    ]
    assert output(bench, status.handle) == b""


def test_the_last_words_and_the_result_travel_together(bench: Bench) -> None:
    _, work = bench.run("def go(run):\n    print('a'); print('b')\n    return 1\n")
    assert work.batches == [[1, 2, 3]]


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.sec
@pytest.mark.parametrize(
    ("info", "says"),
    [
        (entry("../out.py"), "leaves the folder"),
        (entry("a/../../out.py"), "leaves the folder"),
        (entry("/etc/passwd"), "plain relative path"),
        (entry("a\\b.py"), "plain relative path"),
        (entry("c:/b.py"), "plain relative path"),
        (entry("link", stat.S_IFLNK | 0o777), "no symbolic link"),
        (entry("device", stat.S_IFCHR | 0o666), "no symbolic link or device"),
        (entry("fifo", stat.S_IFIFO | 0o666), "no symbolic link or device"),
        (entry("main.py"), "occurs twice"),
    ],
    ids=lambda value: getattr(value, "filename", ""),
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_bundle_is_refused_before_anything_is_written(bench: Bench, info: zipfile.ZipInfo, says: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("main.py", ECHO)
        archive.writestr(info, "/etc/passwd")
    handle = bench.driver.start(bench.spec(work := Work(buffer.getvalue())))
    assert bench.end_of(handle).exit_code == 1
    assert work.error["code"] == "bundle_refused"
    assert says in work.error["message"]


@pytest.mark.sec
def test_a_bundle_with_another_digest_is_refused(bench: Bench) -> None:
    _, work = bench.run(ECHO, digest=hashlib.sha256(b"other").hexdigest())
    assert "SHA-256" in work.error["message"]


@pytest.mark.sec
@pytest.mark.parametrize("bundle", [b"", b"not a zip", zipped({"main.py": ECHO})[:-30]])
def test_what_is_no_zip_is_refused(bench: Bench, bundle: bytes) -> None:
    handle = bench.driver.start(bench.spec(work := Work(bundle)))
    bench.end_of(handle)
    assert work.error["code"] == "bundle_refused"


@pytest.mark.sec
def test_a_bomb_ends_at_the_disk_limit(bench: Bench) -> None:
    work = Work(zipped({"big": bytes(400 * 2**20)}))
    bench.end_of(bench.driver.start(bench.spec(work)))
    assert "does not fit" in work.error["message"]


def test_a_bundle_with_folders_and_other_files_is_all_there(bench: Bench) -> None:
    source = "from pkg.inner import VALUE\nfrom pathlib import Path\ndef go(run):\n    return [VALUE, Path('/agent/a/b.txt').read_text()]\n"
    bundle = zipped({"main.py": source, "pkg/": "", "pkg/inner.py": "VALUE = 4\n", "a/b.txt": "text"})
    handle = bench.driver.start(bench.spec(work := Work(bundle)))
    bench.end_of(handle)
    assert work.result == [4, "text"]


def test_a_build_names_every_module_and_a_bad_one_its_line(bench: Bench) -> None:
    _, good = bench.run("def go(run):\n    pass\n", kind="build")
    assert good.result == {"python": good.result["python"], "files": 1, "modules": ["main"]}
    assert "Imported entry main:go" in good.said
    _, bad = bench.run("def go(run):\n    return (\n", kind="build")
    assert (bad.error["code"], bad.error["retryable"]) == ("build_failed", False)
    assert "main.py:2: '(' was never closed" in bad.error["message"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("x = 1\n", "has no function go"),
        ("go = 3\n", "is a int, not a function"),
        ("async def go(run):\n    pass\n", "is async"),
        ("def go(run, more):\n    pass\n", "needs 2 arguments"),
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_a_build_says_why_an_entry_cannot_be_called(bench: Bench, source: str, says: str) -> None:
    _, work = bench.run(source, kind="build")
    assert work.error["code"] == "build_failed"
    assert says in work.error["message"]


def test_a_dead_token_ends_the_runner_quickly_with_75(bench: Bench) -> None:
    spec = bench.spec(Work(b""))
    bench.broker.works.clear()
    handle = bench.driver.start(spec)
    assert bench.end_of(handle).exit_code == 75


def test_a_token_that_dies_in_mid_run_ends_the_agent(bench: Bench) -> None:
    handle, work = bench.start("import time\ndef go(run):\n  while True:\n    print('tick')\n    time.sleep(0.01)\n")
    eventually(lambda: work.said)
    work.dead = True
    assert bench.end_of(handle).exit_code == 75


def test_a_restarted_broker_is_found_again_and_nothing_is_lost(bench: Bench) -> None:
    source = "import time\ndef go(run):\n  for n in range(60):\n    run.emit({'n': n})\n    time.sleep(0.01)\n  return 'done'\n"
    handle, work = bench.start(source)
    eventually(lambda: len(work.events("items")) > 5)
    bench.broker.stop()
    bench.broker.start()
    assert bench.end_of(handle).reason is Reason.OK
    assert [event["items"][0]["n"] for event in work.events("items")] == list(range(60))


def test_a_run_that_the_broker_calls_cancelled_stops_itself(bench: Bench) -> None:
    handle, work = bench.start("def go(run):\n  while True:\n    run.emit({'n': 1})\n")
    eventually(lambda: work.events("items"))
    work.answer = {"stop": "cancelled"}
    assert bench.end_of(handle).exit_code == 128 + 15
    assert work.said[-1:] == ["stopping"]
