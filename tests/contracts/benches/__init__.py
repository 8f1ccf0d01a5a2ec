"""Drivers under test, by the name that the suite shows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.benches.base import NOTHING, Bench, eventually
from tests.contracts.benches.kubernetes import KubernetesBench
from tests.contracts.benches.sandbox import SandboxBench

BENCHES: dict[str, Callable[[Path], Bench]] = {
    "sandbox": lambda folder: SandboxBench(folder, "--warm", "2"),
    "sandbox without cgroups": lambda folder: SandboxBench(folder, "--warm", "2", "--limits", "rlimit"),
    "kubernetes": lambda folder: KubernetesBench(folder, warm=2),
}

# The whole suite on it takes a minute.
MARKS = {"kubernetes": [pytest.mark.slow]}

__all__ = ["BENCHES", "MARKS", "NOTHING", "Bench", "KubernetesBench", "SandboxBench", "eventually"]
