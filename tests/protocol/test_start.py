"""P-99: a server that would be unsafe does not start, and says in one sentence what to change."""

import subprocess

import pytest

from agent_platform.core.settings import Settings
from agent_platform.core.start import UnsafeStart, refuse_unsafe_settings
from tests.protocol.conftest import start_server

pytestmark = pytest.mark.sec
SAFE = {
    "AP_BASE_URL": "https://agents.example.com",
    "AP_HOST": "0.0.0.0",
    "AP_ENV": "production",
    "DATABASE_URL_APP": "postgresql://x",
    "DATABASE_URL_PLATFORM": "postgresql://x",
    "REDIS_URL": "redis://x",
}


def test_a_production_configuration_may_start():
    refuse_unsafe_settings(Settings(**SAFE))


def test_the_local_defaults_may_start():
    local = {"AP_BASE_URL": "http://localhost:3000", "AP_HOST": "127.0.0.1", "AP_ENV": "local"}
    refuse_unsafe_settings(Settings(**SAFE | local))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"AP_BASE_URL": "http://agents.example.com"}, "AP_BASE_URL"),
        ({"AP_BASE_URL": "http://localhost:3000"}, "AP_ENV"),
        ({"AP_BASE_URL": "ftp://agents.example.com"}, "AP_BASE_URL"),
        ({"AP_BASE_URL": "agents.example.com"}, "AP_BASE_URL"),
        ({"AP_BASE_URL": "https://203.0.113.7"}, "IP address"),
        ({"AP_BASE_URL": "http://localhost:3000", "AP_ENV": "local"}, "AP_HOST"),
        ({"DATABASE_URL_PLATFORM": ""}, "DATABASE_URL_PLATFORM"),
        ({"REDIS_URL": ""}, "REDIS_URL"),
    ],
)
def test_an_unsafe_configuration_is_refused_by_name(change, named):
    with pytest.raises(UnsafeStart, match=named):
        refuse_unsafe_settings(Settings(**SAFE | change))


@pytest.mark.parametrize(
    ("role", "sentence"),
    [("superuser", "bypasses row security"), ("owner", "owns tables"), ("backup", "bypasses row security")],
)
def test_the_server_ends_when_its_login_could_see_past_the_fence(
    settings, database, tmp_path, monkeypatch, role, sentence
):
    monkeypatch.setenv("DATABASE_URL_APP", getattr(database, role))
    log = tmp_path / "server.log"
    process = start_server(settings.port, log)
    try:
        assert process.wait(60) != 0
    except subprocess.TimeoutExpired:
        process.kill()
        pytest.fail("The server kept running.")
    assert sentence in log.read_text()
