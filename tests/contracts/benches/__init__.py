"""Drivers under test, by the name that the suite shows."""

import os
from collections.abc import Callable

import pytest

from tests.contracts.benches.base import NOTHING, Bench, eventually
from tests.contracts.benches.docker import DockerBench
from tests.contracts.benches.kubernetes import KubernetesBench, RealClusterBench
from tests.contracts.benches.sandbox import SandboxBench

BENCHES: dict[str, Callable[..., Bench]] = {
    "sandbox": lambda folder: SandboxBench(folder, "--warm", "2"),
    "sandbox without cgroups": lambda folder: SandboxBench(folder, "--warm", "2", "--limits", "rlimit"),
    "docker": DockerBench,
    "kubernetes": lambda folder: KubernetesBench(folder, warm=2),
}
if "AP_TEST_KUBECONFIG" in os.environ:
    BENCHES["kubernetes cluster"] = RealClusterBench
# What a bench is made of besides its folder: the fixture of that name.
NEEDS = {"docker": "docker_engine"}
# The whole suite on one of these takes a minute or two.
MARKS = {
    "docker": [pytest.mark.slow],
    "kubernetes": [pytest.mark.slow],
    "kubernetes cluster": [pytest.mark.slow, pytest.mark.k8s_real],
}

__all__ = [
    "BENCHES",
    "MARKS",
    "NEEDS",
    "NOTHING",
    "Bench",
    "DockerBench",
    "KubernetesBench",
    "SandboxBench",
    "eventually",
]
