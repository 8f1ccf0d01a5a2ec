"""Every runtime driver with a broker for its sandboxes: a test that asks for `bench` runs once on each."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.contracts.benches import BENCHES, MARKS, NEEDS, Bench, DockerBench, SandboxBench
from tests.doubles.docker_engine import NoEngine, PrivateEngine


def booted(bench: Bench) -> Iterator[Bench]:
    bench.broker.start()
    bench.boot()
    yield bench
    bench.shut()
    bench.broker.stop()


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[PrivateEngine]:
    """An engine of our own with the base image."""
    try:
        engine = PrivateEngine()
    except NoEngine as reason:
        pytest.skip(str(reason))
    try:
        engine.make_images()
        yield engine
    finally:
        engine.stop()


def made(name: str, folder: Path, request: pytest.FixtureRequest) -> Bench:
    needed = [request.getfixturevalue(NEEDS[name])] if name in NEEDS else []
    return BENCHES[name](folder, *needed)


@pytest.fixture(scope="session", params=[pytest.param(name, marks=MARKS.get(name, ())) for name in BENCHES])
def shared_bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    yield from booted(made(request.param, tmp_path_factory.mktemp("bench"), request))


@pytest.fixture
def bench(shared_bench: Bench) -> Iterator[Bench]:
    """A running driver; everything a test leaves is destroyed."""
    yield shared_bench
    for status in shared_bench.driver.list():
        shared_bench.driver.destroy(status.handle)


@pytest.fixture
def own_bench(tmp_path: Path) -> Iterator[SandboxBench]:
    """The embedded driver with a daemon that the test may kill."""
    yield from booted(SandboxBench(tmp_path, "--warm", "1"))


@pytest.fixture
def docker_bench(tmp_path: Path, docker_engine: PrivateEngine) -> Iterator[DockerBench]:
    """The docker driver with folders of its own and nothing warm."""
    bench = DockerBench(tmp_path, docker_engine)
    bench.broker.start()
    yield bench
    for status in bench.driver.list():
        bench.driver.destroy(status.handle)
    bench.shut()
    bench.broker.stop()


@pytest.fixture
def client(docker_engine: PrivateEngine) -> Iterator[docker.APIClient]:
    client = docker_engine.client()
    yield client
    client.close()
