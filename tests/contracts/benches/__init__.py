"""Drivers under test, by the name that the suite shows."""

from collections.abc import Callable

import pytest

from tests.contracts.benches.base import NOTHING, Bench, eventually
from tests.contracts.benches.docker import DockerBench
from tests.contracts.benches.sandbox import SandboxBench

BENCHES: dict[str, Callable[..., Bench]] = {
    "sandbox": lambda folder: SandboxBench(folder, "--warm", "2"),
    "sandbox without cgroups": lambda folder: SandboxBench(folder, "--warm", "2", "--limits", "rlimit"),
    "docker": DockerBench,
}
# What a bench is made of besides its folder: the fixture of that name.
NEEDS = {"docker": "docker_engine"}
# The whole suite on it takes a minute or two.
MARKS = {"docker": [pytest.mark.slow]}

__all__ = ["BENCHES", "MARKS", "NEEDS", "NOTHING", "Bench", "DockerBench", "SandboxBench", "eventually"]
