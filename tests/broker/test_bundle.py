"""The code of an agent comes with its input where a runner asks for that and the code is small."""

import base64

import httpx2
import pytest

from agent_platform.broker.app import make_app
from agent_platform.core.db.engine import acting_as
from agent_platform.core.settings import get_settings
from tests.services.runs.conftest import Bench


@pytest.fixture
def bench(settings):
    return Bench("per_event")


def place_of_code(bench):
    folder = bench.sql("SELECT spec->>'folder' FROM app.run_attempts")
    return get_settings().objects_dir / folder / bench.driver.started[-1].bundle_digest


async def input_of(bench, query):
    headers = {"Authorization": f"Bearer {bench.driver.started[-1].token}"}
    with acting_as("broker"):
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(make_app(), client=("", 0)), base_url="http://broker", headers=headers
        ) as client:
            answer = await client.get(f"/runtime/v1/input{query}")
    assert answer.status_code == 200
    return answer.json()


async def test_small_code_comes_with_the_input_for_who_asks(bench):
    bench.running()
    place = place_of_code(bench)
    place.unlink()  # the input is given all the same
    assert "bundle" not in await input_of(bench, "?bundle=inline")
    place.write_bytes(b"x" * 65_537)
    assert "bundle" not in await input_of(bench, "?bundle=inline")
    place.write_bytes(b"small")
    assert "bundle" not in await input_of(bench, "")
    assert base64.b64decode((await input_of(bench, "?bundle=inline"))["bundle"]) == b"small"
