"""The broker as agents meet it: from inside a real sandbox, and over its sockets with a real run token."""

import shutil
from collections.abc import Iterator

import pytest

from tests.doubles.stage import Stage, staged
from tests.doubles.upstream import Upstream, serving


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as server:
        yield server


@pytest.fixture
def hidden() -> Iterator[Upstream]:
    """A service of this machine that nobody opened: it must never see a connection."""
    with serving() as server:
        yield server


@pytest.fixture
def stage(settings, upstream: Upstream) -> Iterator[Stage]:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    with staged(loopback_ports=str(upstream.server_port)) as opened:
        yield opened
