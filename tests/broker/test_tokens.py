"""A run token is worth nothing once its attempt is over, at any door, within a second."""

import asyncio

import httpx2
import pytest
from sqlalchemy import text

from agent_platform.broker.app import make_app
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import runs
from tests.services.runs.conftest import Bench, result

pytestmark = pytest.mark.sec
DOORS = [
    ("GET", "/runtime/v1/input", b""),
    ("GET", "/runtime/v1/bundle", b""),
    ("POST", "/runtime/v1/events", b'{"events": [{"seq": 99, "type": "log", "text": "x"}]}'),
    ("GET", "/runtime/v1/kv/a", b""),
    ("PUT", "/runtime/v1/kv/a", b"1"),
    ("DELETE", "/runtime/v1/kv/a", b""),
    ("GET", "/runtime/v1/kv?prefix=", b""),
    ("GET", "/runtime/v1/state/a", b""),
    ("PUT", "/runtime/v1/state/a", b"1"),
    ("GET", "/runtime/v1/files/a", b""),
    ("PUT", "/runtime/v1/files/a", b"x"),
    ("POST", "/runtime/v1/http", b'{"method": "GET", "url": "https://example.com/"}'),
    ("POST", "/runtime/v1/approvals", b'{"key": "k", "title": "t"}'),
    ("POST", "/runtime/v1/agents", b'{"agent": "a/b", "input": {}, "max_micro_usd": 1, "key": "k"}'),
]


@pytest.fixture
def bench(settings):
    return Bench("per_event")


async def knock(token):
    """Status by door, asked in the broker's own application."""
    transport = httpx2.ASGITransport(make_app(), client=("", 0))
    found = {}
    with acting_as("broker"):
        async with httpx2.AsyncClient(transport=transport, base_url="http://broker") as client:
            for method, path, body in DOORS:
                answer = await client.request(method, path, content=body, headers={"Authorization": f"Bearer {token}"})
                found[f"{method} {path}"] = answer.status_code
    return found


def token(bench):
    return bench.driver.started[-1].token


def finish(bench, run):
    bench.speak(run, result(1))
    bench.end(run)


def cancel(bench, run):
    with tenant_session(bench.consumer) as session:
        runs.cancel(session, run_id=run.id, caller=bench.caller)
    bench.end(run, phase="failed", reason="cancelled", exit_code=143)


def supersede(bench, run):
    bench.end(run, phase="lost", reason="lost", exit_code=None)


def run_out(bench, run):
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.lookups SET expires_at = now() WHERE kind = 'run_token'"))


@pytest.mark.parametrize("end", [finish, cancel, supersede, run_out])
async def test_a_token_is_dead_at_every_door_within_a_second(bench, end):
    run = bench.running()
    alive = await knock(token(bench))
    assert 401 not in alive.values(), alive
    end(bench, run)
    await asyncio.sleep(1.0)  # the broker believes what it looked up for so long
    dead = await knock(token(bench))
    assert set(dead.values()) == {401}, dead


async def test_no_token_and_a_wrong_one_are_refused_alike(bench):
    bench.running()
    good = token(bench)
    for wrong in ("", "apr_", good[:-1], good[:-1] + ("a" if good[-1] != "a" else "b"), good.swapcase()):
        assert set((await knock(wrong)).values()) == {401}


def test_a_token_lives_for_the_time_limit_and_a_minute_and_is_renewed_with_the_lease(bench):
    run = bench.running()
    left = "SELECT round(extract(epoch FROM expires_at - now())) FROM app.lookups WHERE kind = 'run_token'"
    assert 650 < bench.sql(left) <= 660  # ten minutes unless the manifest says otherwise
    with acting_as("worker"), tenant_session(bench.consumer) as session:
        session.execute(text("UPDATE app.dispatch SET token_until = now() + interval '30 seconds'"))
        session.execute(
            text("UPDATE app.lookups SET expires_at = now() + interval '30 seconds' WHERE kind = 'run_token'")
        )
    with acting_as("worker"):
        assert runs.renew_leases({run.id: 1}) == 1
    assert bench.sql(left) > 650
    with acting_as("worker"):
        assert runs.renew_leases({run.id: 2}) == 0
