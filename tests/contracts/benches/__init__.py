"""Drivers under test, by the name that the suite shows."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.benches.base import NOTHING, Bench, eventually
from tests.contracts.benches.kubernetes import KubernetesBench, RealClusterBench
from tests.contracts.benches.sandbox import SandboxBench

BENCHES: dict[str, Callable[[Path], Bench]] = {
    "sandbox": lambda folder: SandboxBench(folder, "--warm", "2"),
    "sandbox without cgroups": lambda folder: SandboxBench(folder, "--warm", "2", "--limits", "rlimit"),
    "kubernetes": lambda folder: KubernetesBench(folder, warm=2),
}

# The whole suite on it takes a minute or two.
MARKS = {"kubernetes": [pytest.mark.slow], "kubernetes cluster": [pytest.mark.slow, pytest.mark.k8s_real]}
if "AP_TEST_KUBECONFIG" in os.environ:
    BENCHES["kubernetes cluster"] = RealClusterBench

__all__ = ["BENCHES", "MARKS", "NOTHING", "Bench", "KubernetesBench", "SandboxBench", "eventually"]
