"""An agent that hangs up in the middle of what it sends."""

import pytest

from agent_platform.broker.app import make_app
from agent_platform.core.db.engine import acting_as
from tests.services.runs.conftest import Bench

HALF = {"type": "http.request", "body": b'{"events": [', "more_body": True}
GONE = {"type": "http.disconnect"}


@pytest.fixture
def token(settings) -> str:
    bench = Bench("per_event")
    bench.launch(bench.start())
    return bench.driver.started[-1].token


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "events"), ("PUT", "kv/a"), ("PUT", "files/a"), ("POST", "approvals"), ("POST", "agents"), ("POST", "http")],
)  # fmt: skip
async def test_nothing_fails_when_only_half_a_body_comes(token, method, path):
    """What escapes from here is a traceback in the log for each time that somebody hangs up."""
    coming, sent = [HALF, GONE], []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": f"/runtime/v1/{path}",
        "raw_path": f"/runtime/v1/{path}".encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-length", b"1000"), (b"authorization", f"Bearer {token}".encode())],
    }

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    with acting_as("broker"):
        await make_app()(scope, receive, send)
    assert [message["status"] for message in sent if "status" in message] == [400]
