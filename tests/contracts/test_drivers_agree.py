"""The same agent with the same input gives the same on every driver."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent_platform.services.runtime import Limits, Reason
from tests.contracts.benches import Bench, DockerBench, SandboxBench
from tests.contracts.conftest import booted
from tests.doubles.agent_broker import Work

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
AGENT = Path(__file__).parents[2] / "agents" / "openworks" / "pii-redactor"


def work() -> Work:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(AGENT.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(AGENT))
    manifest = yaml.safe_load((AGENT / "agent.yaml").read_text())
    fields = manifest["input"]["properties"]
    given = {name: field["default"] for name, field in fields.items() if "default" in field} | {"file": "file_1"}
    content = (AGENT / "samples" / "support-tickets.csv").read_bytes()
    return Work(packed.getvalue(), entry=manifest["source"]["entry"], input=given, files={"file_1": content})


def outcome(bench: Bench) -> dict[str, Any]:
    limits = Limits(cpu=1, memory_mb=512, pids=64, disk_mb=64, wall_seconds=300)
    spoken = work()
    handle = bench.driver.start(bench.spec(spoken, limits))
    status = bench.end_of(handle)
    items = [item for event in spoken.events("items") for item in event["items"]]
    logs = [(event["level"], event["text"]) for event in spoken.events("log")]
    files = {name: content for name, content in spoken.files.items() if name != "file_1"}
    bench.driver.destroy(handle)
    return {"reason": status.reason, "items": items, "result": spoken.result, "logs": logs, "files": files}


def test_a_sample_agent_gives_the_same_in_the_sandbox_and_in_docker(docker_bench: DockerBench, tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    embedded = booted(SandboxBench(folder))
    expected = outcome(next(embedded))
    assert next(embedded, None) is None, "its daemon has ended"
    assert (expected["reason"], len(expected["items"])) == (Reason.OK, 27)
    assert outcome(docker_bench) == expected
