"""A broker on a real socket, and what the SDK needs to speak with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_platform.sdk import _wire
from agent_platform.sdk._door import Door, refusal
from agent_platform.sdk._outbox import Outbox
from agent_platform.sdk._run import Run
from tests.doubles.agent_broker import AgentBroker, Work

TOKEN = "apr_test"


@pytest.fixture(params=["unix socket", "tcp"])
def broker(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[AgentBroker]:
    double = AgentBroker(tmp_path, tcp=request.param == "tcp")
    double.works[TOKEN] = Work(b"bundle")
    double.start()
    yield double
    double.stop()


@pytest.fixture
def work(broker: AgentBroker) -> Work:
    return broker.works[TOKEN]


@pytest.fixture
def door(broker: AgentBroker) -> Iterator[Door]:
    door = Door(broker.endpoint, TOKEN)
    yield door
    door.close()


@pytest.fixture
def outbox(door: Door) -> Outbox:
    def send(body: bytes) -> dict:
        status, answer = door.request("POST", "/runtime/v1/events", body)
        if status >= 300:
            raise refusal(status, answer)
        return _wire.parse(answer)

    return Outbox(send, lambda: None)


@pytest.fixture
def run(door: Door, outbox: Outbox) -> Run:
    claim = _wire.parse(door.request("GET", "/runtime/v1/input")[1])
    return Run(claim, outbox, door)
