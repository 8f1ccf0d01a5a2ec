"""One installation for all tests here: what befalls it must leave it whole."""

import shutil
from collections.abc import Iterator

import pytest

from tests.e2e.product import build_front
from tests.faults.installation import Installation
from tests.faults.world import World, open_world


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    if shutil.which("bwrap") is None:
        pytest.skip("bwrap is not installed; type: apt-get install -y bubblewrap")
    if why := build_front():
        pytest.skip(f"the front end cannot be built (type: make front): {why}")
    running = Installation()
    try:
        running.start()
        yield running
        running.stop()
    finally:
        running.remove()


@pytest.fixture(scope="session")
def world(installation: Installation) -> Iterator[World]:
    with open_world(installation) as opened:
        yield opened
