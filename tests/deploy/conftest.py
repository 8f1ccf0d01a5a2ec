"""Rendered manifests, and an engine of our own, kept between test sessions so that unchanged layers are not built again."""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from agent_platform.core.settings import Settings
from tests.deploy.cluster import KUBERNETES, OVERLAYS
from tests.deploy.kustomize import render, template_of
from tests.doubles.building_engine import BuildingEngine, why_not
from tests.doubles.docker_engine import NoEngine

KEPT = Path(tempfile.gettempdir()) / "agent-platform-engine"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def engine() -> Iterator[BuildingEngine]:
    if missing := why_not():
        pytest.skip(missing)
    KEPT.mkdir(mode=0o700, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            engine = BuildingEngine(KEPT)
        except NoEngine as reason:
            pytest.skip(str(reason))
        try:
            yield engine
        finally:
            engine.stop()


@pytest.fixture(scope="session")
def agent_image(engine: BuildingEngine) -> str:
    engine.build(ROOT / "deploy" / "agent_base" / "Dockerfile", ROOT, "ap-test-agent")
    return "ap-test-agent"


@pytest.fixture(scope="session")
def platform_image(engine: BuildingEngine) -> str:
    engine.build(ROOT / "deploy" / "platform" / "Dockerfile", ROOT, "ap-test-platform")
    return "ap-test-platform"


@pytest.fixture(scope="module", params=OVERLAYS)
def things(request):
    return render(KUBERNETES / "overlays" / request.param)


@pytest.fixture(scope="module")
def config_maps(things):
    return {thing["metadata"]["name"]: thing["data"] for thing in things if thing["kind"] == "ConfigMap"}


@pytest.fixture
def driver_for_clusters():
    if "kubernetes" not in get_args(Settings.model_fields["driver"].annotation):
        pytest.skip("the driver for clusters is not in this tree yet, nor its settings")


@pytest.fixture(scope="module")
def workloads(things):
    return {thing["metadata"]["name"]: thing for thing in things if template_of(thing)}
