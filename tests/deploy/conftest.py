"""An engine of our own, kept between test sessions so that unchanged layers are not built again."""

import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.engine import Engine, skip_without_engine

KEPT = Path(tempfile.gettempdir()) / "agent-platform-engine"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    skip_without_engine()
    KEPT.mkdir(mode=0o700, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = Engine(KEPT)
        engine.start()
        try:
            yield engine
        finally:
            engine.stop()


@pytest.fixture(scope="session")
def agent_image(engine: Engine) -> str:
    engine.build(ROOT / "deploy" / "agent_base" / "Dockerfile", ROOT, "ap-test-agent")
    return "ap-test-agent"


@pytest.fixture(scope="session")
def platform_image(engine: Engine) -> str:
    engine.build(ROOT / "deploy" / "platform" / "Dockerfile", ROOT, "ap-test-platform")
    return "ap-test-platform"
