"""Who is told what, and what each container may do. Whether it works is tested in test_platform_image.py."""

import re
import stat
import subprocess

import pytest

from agent_platform.core.settings import Settings
from tests.deploy import compose
from workers import services
from workers.services import SERVICES, Service

# Sample agents are approved by those who ask, which only local mode allows: there is no `seed` here.
RUN_ONCE = (services.MIGRATE, services.MAINTAIN, services.SIGN_IN_LINK)
OURS: dict[str, Service] = {service.name: service for service in (*SERVICES, *RUN_ONCE)}
FOREIGN = {"postgres", "valkey", "proxy"}
VARIABLES = {
    name: f"of-{name.lower()}"
    for name in (
        "POSTGRES_PASSWORD",
        "VALKEY_PASSWORD",
        *tuple(
            f"AP_{role}_PASSWORD" for role in ("OWNER", "APP", "WORKER", "PLATFORM", "PUBLISHER", "BROKER", "BACKUP")
        ),
    )
}
VARIABLES |= {"AP_BASE_URL": "https://agents.example.com"}


@pytest.fixture(scope="module")
def declared():
    return compose.services(VARIABLES)


def aliases(service):
    return {str(Settings.model_fields[field].alias) for field in service.fields}


def test_every_process_of_the_platform_has_its_service_and_there_are_no_others(declared):
    assert set(declared) == set(OURS) | FOREIGN


@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_a_service_runs_the_command_of_its_process(declared, name):
    assert declared[name]["command"] == list(OURS[name].argv)


@pytest.mark.parametrize("name", OURS)
def test_a_service_gets_the_logins_of_its_process_and_no_other(declared, name):
    logins = {key for key in declared[name]["environment"] if key.startswith("DATABASE_URL")}
    assert logins == {alias for alias in aliases(OURS[name]) if alias.startswith("DATABASE_URL")}


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_told_nothing_that_its_process_may_not_know(declared, name):
    assert set(declared[name]["environment"]) - aliases(OURS[name]) == set()


@pytest.mark.parametrize("name", OURS)
def test_a_login_is_that_of_its_role(declared, name):
    for key, value in declared[name]["environment"].items():
        if key.startswith("DATABASE_URL"):
            role = key.removeprefix("DATABASE_URL").removeprefix("_").lower() or "owner"
            assert value.startswith(f"postgresql://ap_{role}:of-ap_{role}_password@")


@pytest.mark.parametrize("name", sorted(set(OURS) | FOREIGN))
def test_no_container_can_gain_anything(declared, name):
    service = declared[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["pids_limit"]
    assert service["mem_limit"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert not {"privileged", "pid", "ipc", "devices", "userns_mode"} & set(service)
    assert name == "proxy" or service["user"] not in {"0", "root", "0:0"}


def test_only_the_sandbox_host_may_make_namespaces(declared):
    loose = [
        name for name, service in declared.items() if any("unconfined" in option for option in service["security_opt"])
    ]
    assert loose == ["sandbox-host"]


def test_the_sandbox_host_has_no_network_and_nothing_to_steal(declared):
    host = declared["sandbox-host"]
    assert host["network_mode"] == "none"
    assert host["volumes"] == ["run:/var/lib/agent-platform/run"]


def test_no_container_holds_the_engine_s_socket(declared):
    assert [name for name, service in declared.items() if "docker.sock" in str(service.get("volumes"))] == []


def test_only_the_web_process_and_the_proxy_listen_outside(declared):
    ports = {name: service["ports"] for name, service in declared.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:3000:3000"], "proxy": ["80:80", "443:443"]}


def test_database_and_queue_are_on_a_network_without_a_way_out(declared):
    assert compose.load(VARIABLES)["networks"]["inside"] == {"internal": True}
    assert [declared[name]["networks"] for name in ("postgres", "valkey")] == [["inside"], ["inside"]]


@pytest.mark.parametrize("name", [service.name for service in SERVICES])
def test_every_serving_process_is_asked_whether_it_lives(declared, name):
    state, service = Settings(data_dir="/var/lib/agent-platform"), OURS[name]
    if service.http:
        wanted = ["http", "3000"]
    elif service.sockets:
        wanted = ["socket", str(services.socket_paths(service, state)[0])]
    else:
        wanted = ["sign", f"{state.run_dir}/signs/{name}"]
    assert declared[name]["healthcheck"]["test"] == ["CMD", "alive", *wanted]


@pytest.mark.parametrize("name", VARIABLES)
def test_there_is_no_default_for_a_password_or_the_address(name):
    with pytest.raises(compose.VariableMissing, match=name):
        compose.load({key: value for key, value in VARIABLES.items() if key != name})


@pytest.mark.parametrize("name", OURS)
def test_every_flag_of_a_service_is_understood(declared, name):
    assert "--read-only" in compose.flags(declared[name])


def test_passwords_are_generated_once_and_only_their_owner_reads_them(tmp_path):
    file = tmp_path / ".env"
    file.write_text("AP_APP_PASSWORD=mine\n")
    generate(file)
    first = file.read_text()
    generate(file)
    assert file.read_text() == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    values = dict(line.split("=", 1) for line in first.splitlines())
    assert values.pop("AP_APP_PASSWORD") == "mine"
    assert set(values) | {"AP_APP_PASSWORD", "AP_BASE_URL"} == set(VARIABLES)
    assert len(set(values.values())) == len(values)
    assert all(re.fullmatch(r"[0-9a-f]{64}", value) for value in values.values())


def generate(file):
    script = compose.ROOT / "deploy" / "scripts" / "secrets.sh"
    subprocess.run(
        [script], env={"AP_SECRETS_FILE": str(file), "PATH": "/usr/bin:/bin"}, check=True, capture_output=True
    )
