import os

import pytest

from agent_platform.core.settings import Settings, run_dir_of
from agent_platform.services.runtime import Rejected
from workers.driver import DRIVERS
from workers.services import (
    MAINTAIN,
    MIGRATE,
    RUNTIME_CHECK,
    SEED,
    SERVICES,
    SIGN_IN_LINK,
    environment,
    outside_of,
    services_of,
    with_addresses,
)

EVERY = (*SERVICES, MIGRATE, RUNTIME_CHECK, MAINTAIN, SEED, SIGN_IN_LINK)
ROLE_URLS = {
    role: f"postgresql://ap_{role}@h/d" for role in ("app", "worker", "platform", "publisher", "broker", "backup")
}
ALLOWED = {
    "sandbox-host": set(),
    "broker": {"DATABASE_URL_BROKER"},
    "runs": {"DATABASE_URL_WORKER"},
    "builds": {"DATABASE_URL_WORKER"},
    "maintenance": {"DATABASE_URL_WORKER", "DATABASE_URL_PUBLISHER"},
    "watch": {"DATABASE_URL_WORKER"},
    "beat": {"DATABASE_URL_WORKER"},
    "web": {"DATABASE_URL_APP", "DATABASE_URL_PLATFORM"},
}


@pytest.fixture
def told(tmp_path, monkeypatch):
    monkeypatch.setenv("AP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GITHUB_CLIENT_SECRET", "of-the-web-process-only")
    monkeypatch.setenv("SOMETHING_OF_THE_SHELL", "private")
    full = with_addresses(Settings(), ROLE_URLS | {"owner": "postgresql://ap_owner@h/d"}, "redis://h/0")
    return {service.name: environment(service, full) for service in EVERY}


@pytest.mark.parametrize("name", ALLOWED)
def test_a_service_gets_its_own_logins_and_no_other(told, name):
    assert {key for key in told[name] if key.startswith("DATABASE_URL")} == ALLOWED[name]


def test_the_owner_s_login_serves_nobody(told):
    assert [service.name for service in SERVICES if "DATABASE_URL" in told[service.name]] == []


def test_the_sandbox_host_knows_no_secret_at_all(told):
    assert "REDIS_URL" not in told["sandbox-host"]
    assert not any("://" in value for value in told["sandbox-host"].values())


def test_sign_in_secrets_stay_in_the_web_process(told):
    assert [name for name, variables in told.items() if "GITHUB_CLIENT_SECRET" in variables] == ["web"]


def test_nothing_of_the_shell_is_passed_on(told):
    assert not any("SOMETHING_OF_THE_SHELL" in variables for variables in told.values())


def test_every_setting_reaches_some_service():
    passed = {field for service in EVERY for field in service.fields}
    assert set(Settings.model_fields) - passed == set(), "name the new setting in workers/services.py"


def test_a_long_data_folder_gets_a_short_folder_for_sockets(tmp_path):
    deep = tmp_path / ("x" * 100)
    assert len(os.fsencode(run_dir_of(deep))) <= 60
    assert run_dir_of(deep) == run_dir_of(deep)
    assert run_dir_of(deep) != run_dir_of(tmp_path / ("y" * 100))


def test_an_engine_takes_the_place_of_the_sandbox_host(tmp_path):
    given = {"AP_DATA_DIR": tmp_path, "DOCKER_HOST": "unix:///somewhere/docker.sock"}
    embedded, docker = Settings(**given), Settings(**given, AP_DRIVER="docker")
    names = [service.name for service in SERVICES]
    assert [service.name for service in services_of(embedded)] == names
    assert [service.name for service in services_of(docker)] == [name for name in names if name != "sandbox-host"]
    assert outside_of(embedded) == []
    assert outside_of(docker) == [("docker", "unix:///somewhere/docker.sock; no sandbox-host is needed")]


def test_the_services_that_start_agents_know_the_engine_and_the_others_do_not(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", "unix:///somewhere/docker.sock")
    settings = Settings(AP_DATA_DIR=tmp_path)
    told = {service.name for service in EVERY if "DOCKER_HOST" in environment(service, settings)}
    assert told == {"runs", "builds", "maintenance", "watch", "beat", "check-runtime"}


@pytest.mark.sec
def test_an_isolation_that_the_driver_has_not_got_is_refused(tmp_path):
    with pytest.raises(Rejected, match="AP_DRIVER=docker"):
        DRIVERS["sandbox"](Settings(AP_DATA_DIR=tmp_path, AP_ISOLATION="gvisor"))


def test_every_driver_that_may_be_set_can_be_made():
    assert set(DRIVERS) == set(Settings.model_fields["driver"].annotation.__args__)
