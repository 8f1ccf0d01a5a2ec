"""docs/creators/samples: both really run, against the broker itself with the token of a real run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent_platform.core.settings import get_settings
from tests.doubles.stage import spawn_broker
from tests.services.runs.conftest import Bench

SAMPLES = Path(__file__).parents[2] / "docs/creators/samples"
NODE = Path(sys.executable).with_name("node")
COMMANDS = {"shell": ["sh", SAMPLES / "shell/agent.sh"], "node": [NODE, SAMPLES / "node/agent.mjs"]}


@pytest.fixture
def bench(settings, upstream):
    bench = Bench("per_event")
    broker = spawn_broker(get_settings(), loopback_ports=str(upstream.server_port))
    yield bench
    broker.terminate()
    broker.wait()


def play(bench, sample, tmp_path):
    if sample == "shell" and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path),
        "AP_BROKER": f"unix://{get_settings().broker_dir / 'broker.sock'}",
        "AP_RUN_TOKEN": bench.driver.started[-1].token,
    }
    return subprocess.run(COMMANDS[sample], env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("sample", COMMANDS)
def test_a_sample_does_a_whole_run(bench, tmp_path, sample):
    run = bench.start(input={"n": 7})
    assert bench.launch(run)
    done = play(bench, sample, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    bench.end(run)
    ended = bench.now(run)
    assert (ended.state, ended.item_count, ended.result) == ("succeeded", 7, {"rows": 7})
    assert (ended.charged_micro_usd, ended.progress_done) == (14_000, 7)


@pytest.mark.parametrize("sample", COMMANDS)
def test_a_sample_stops_at_the_cap_and_ends_at_once_with_a_dead_token(bench, tmp_path, sample):
    run = bench.start(input={"n": 9}, cap_micro_usd=10_000)
    assert bench.launch(run)
    assert play(bench, sample, tmp_path).returncode == 0
    bench.end(run)
    assert (bench.now(run).state, bench.now(run).item_count, bench.now(run).result) == ("capped", 5, {"rows": 5})
    assert play(bench, sample, tmp_path).returncode == 75


@pytest.mark.sec
def test_callers_that_leave_before_the_answer_take_no_turn_with_them(bench, upstream):
    """Eight requests of a run may be under way; forty that were abandoned must not count."""
    import socket

    bench.release("reader", network=[{"host": "*", "ports": [upstream.server_port], "methods": ["GET"], "why": "."}])
    run = bench.start(slug="reader", key="r", accept_permissions=True)
    assert bench.launch(run)
    token, path = bench.driver.started[-1].token, str(get_settings().broker_dir / "broker.sock")
    body = b'{"method": "GET", "url": "http://127.0.0.1:%d/"}' % upstream.server_port
    head = f"POST /runtime/v1/http HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"

    def ask():
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(60)
        line.connect(path)
        line.sendall(head.encode() + body)
        return line

    for _ in range(40):
        ask().close()
    with ask() as line:
        assert line.recv(100).startswith(b"HTTP/1.1 200")
