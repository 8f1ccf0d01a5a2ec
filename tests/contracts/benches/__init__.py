"""Drivers under test, by the name that the suite shows."""

from collections.abc import Callable
from pathlib import Path

from tests.contracts.benches.base import NOTHING, Bench, eventually
from tests.contracts.benches.sandbox import SandboxBench

BENCHES: dict[str, Callable[[Path], Bench]] = {
    "sandbox": lambda folder: SandboxBench(folder, "--warm", "2"),
    "sandbox without cgroups": lambda folder: SandboxBench(folder, "--warm", "2", "--limits", "rlimit"),
}

__all__ = ["BENCHES", "NOTHING", "Bench", "SandboxBench", "eventually"]
