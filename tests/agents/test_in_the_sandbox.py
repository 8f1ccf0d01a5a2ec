"""The sample agents behind real isolation: their own limits, no network, only what the sandbox has."""

import io
import time
import zipfile

import pytest

from agent_platform.services.runtime import Limits, Phase
from tests.contracts.benches import Bench, SandboxBench
from tests.contracts.conftest import booted
from tests.doubles.agent_broker import Work

pytestmark = pytest.mark.sandbox
CASES = [
    ("openworks/data-profiler", "customers.csv", 10, {"cleaned.csv", "report.html"}),
    ("openworks/pii-redactor", "support-tickets.csv", 27, {"masked.csv"}),
    ("mica-tools/log-triage", "orders.log", 9, {"incident.md"}),
    ("mica-tools/repo-digest", "parcels.tar.gz", 14, {"digest.md"}),
    ("fieldnotes/ask-my-documents", "handbook.md", 5, {"answer.md"}),
]
BUILT_ONLY = [
    "harbor/tls-monitor",
    "harbor/site-auditor",
    "fieldnotes/support-triage",
]  # tests/agents/test_on_the_stage.py runs them


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    yield from booted(SandboxBench(tmp_path_factory.mktemp("bench"), "--warm", "1"))


def work_of(agent, content: bytes) -> Work:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in agent.folder.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(agent.folder))
    given = agent.with_defaults(
        {"file": "file_1"} if "file" in agent.fields else agent.prefill() | {"files": ["file_1"]}
    )
    return Work(packed.getvalue(), entry=agent.manifest["source"]["entry"], input=given, files={"file_1": content})


def run(bench: Bench, agent, work: Work):
    limits = agent.manifest["resources"]
    bounds = Limits(
        cpu=limits["cpu"], memory_mb=limits["memory_mb"], pids=64, disk_mb=limits["disk_mb"], wall_seconds=300
    )
    handle = bench.driver.start(bench.spec(work, bounds))
    # The driver ends it after `wall_seconds` at the latest; a busy machine may take long over a million cells.
    while not (status := bench.driver.status(handle)).phase.is_terminal:
        time.sleep(0.05)
    bench.driver.destroy(handle)
    return status


@pytest.mark.parametrize(("address", "sample", "rows", "files"), CASES)
def test_each_agent_does_its_work_in_a_sandbox(bench, bundle, address, sample, rows, files):
    agent = bundle(address)
    work = work_of(agent, (agent.folder / "samples" / sample).read_bytes())
    status = run(bench, agent, work)
    assert status.phase == Phase.SUCCEEDED, work.events("error")
    assert sum(len(event["items"]) for event in work.events("items")) == rows
    assert set(work.files) - {"file_1"} == files


@pytest.mark.parametrize("address", [*(case[0] for case in CASES), *BUILT_ONLY])
def test_each_agent_builds_in_a_sandbox(bench, bundle, address):
    agent = bundle(address)
    work = work_of(agent, b"")
    work.kind = "build"
    assert run(bench, agent, work).phase == Phase.SUCCEEDED
    assert "main" in work.result["modules"]
    assert not [event for event in work.events("log") if event["level"] in {"warn", "error"}]


@pytest.mark.slow
def test_a_million_cells_fit_into_the_profiler_s_memory(bench, bundle):
    agent = bundle("openworks/data-profiler")
    header = ",".join(f"c{n}" for n in range(10))
    lines = (",".join(f"{row * 10 + column:x}-{row}" for column in range(10)) for row in range(100_000))
    work = work_of(agent, (header + "\n" + "\n".join(lines)).encode())
    status = run(bench, agent, work)
    assert status.phase == Phase.SUCCEEDED, (status, work.events("error"))
    assert work.result["rows"] * work.result["columns"] == 1_000_000
