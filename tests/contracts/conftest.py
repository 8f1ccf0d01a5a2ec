"""Every runtime driver with a broker for its sandboxes: a test that asks for `bench` runs once on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.benches import BENCHES, MARKS, Bench, SandboxBench


def booted(bench: Bench) -> Iterator[Bench]:
    bench.broker.start()
    bench.boot()
    yield bench
    bench.shut()
    bench.broker.stop()


@pytest.fixture(scope="session", params=[pytest.param(name, marks=MARKS.get(name, ())) for name in BENCHES])
def shared_bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    yield from booted(BENCHES[request.param](tmp_path_factory.mktemp("bench")))


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
