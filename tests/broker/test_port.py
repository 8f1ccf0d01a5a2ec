"""The broker process as a cluster runs it: on a port, beside its socket."""

import http.client
import os
import signal
import socket
import subprocess
import sys

import pytest

from agent_platform.core.settings import SYSTEM_NAMES
from tests.contracts.benches.base import eventually
from tests.deploy.compose import ROOT


@pytest.fixture
def broker(settings, database):
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    told = {
        "DATABASE_URL_BROKER": database.broker,
        "REDIS_URL": settings.redis_url,
        "AP_DATA_DIR": str(settings.data_dir),
    }
    environment = (
        {name: os.environ[name] for name in SYSTEM_NAMES if name in os.environ} | told | {"AP_BROKER_PORT": str(port)}
    )
    process = subprocess.Popen([sys.executable, "-m", "agent_platform.cli", "broker"], cwd=ROOT, env=environment)
    try:
        eventually(lambda: process.poll() is None and listens(port))
        yield process, port
    finally:
        process.kill()
        process.wait()


def listens(port):
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def test_the_broker_asks_for_a_run_token_on_its_port_too(broker):
    connection = http.client.HTTPConnection("127.0.0.1", broker[1], timeout=10)
    try:
        connection.request("GET", "/runtime/v1/input", headers={"Authorization": "Bearer apr_of_nobody"})
        assert connection.getresponse().status == 401
    finally:
        connection.close()


def test_the_broker_ends_when_it_is_told_to(broker):
    process, port = broker
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert not listens(port)
