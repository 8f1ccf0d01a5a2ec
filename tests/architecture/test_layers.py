"""Who may import whom: the contracts of pyproject.toml, and the doors of the domains."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SERVICES = "agent_platform.services."


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("agent_platform", "workers", cache_dir=None)


def test_every_import_contract_is_kept():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:]


def domain(module: str) -> str | None:
    """`agent_platform.services.runs` for anything in that package."""
    return ".".join(module.split(".")[:3]) if module.startswith(SERVICES) else None


def bypasses(graph: grimp.ImportGraph) -> list[str]:
    return sorted(
        f"{importer} -> {inner}"
        for inner in graph.modules
        if domain(inner) and inner != domain(inner) and not is_named_entry(inner)
        for importer in graph.find_modules_that_directly_import(inner)
        if domain(importer) != domain(inner)
    )


def is_named_entry(module: str) -> bool:
    """`errors` and `port` are part of the door."""
    return module.rpartition(".")[2] in {"errors", "port"}


def test_a_domain_is_entered_by_its_door(graph):
    assert bypasses(graph) == []


def test_a_climb_through_the_window_is_seen():
    graph = grimp.ImportGraph()
    graph.add_import(importer="agent_platform.api.x", imported="agent_platform.services.runs._start")
    graph.add_import(importer="agent_platform.services.runs", imported="agent_platform.services.runs._start")
    assert bypasses(graph) == ["agent_platform.api.x -> agent_platform.services.runs._start"]
