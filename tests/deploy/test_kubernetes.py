"""Every object of both overlays is valid, and every process is told what it may know and no more."""

import shutil
import subprocess

import pytest
import yaml

from agent_platform.core.settings import Settings
from tests.deploy.cluster import (
    KUBERNETES,
    NEWEST,
    OURS,
    OVERLAYS,
    aliases,
    checked,
    container,
    pod,
    references,
    secrets_of,
    told,
)
from tests.deploy.compose import ROOT
from tests.deploy.kustomize import render, template_of

# Read by the framework itself, before our settings are.
OF_THE_FRAMEWORK = {"web": {"REFLEX_REDIS_URL", "REFLEX_OPLOCK_ENABLED"}}
KEYS = {"web": "key-web-signing"} | dict.fromkeys(
    ("broker", "runs", "maintenance", "watch", "beat"), "key-installation"
)


# -- rendering and schemas ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_our_renderer_says_what_kubectl_says(overlay):
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not installed; the renderer of these tests speaks for it")
    done = subprocess.run(
        ["kubectl", "kustomize", KUBERNETES / "overlays" / overlay], capture_output=True, text=True, check=True
    )

    def by_name(found):
        return sorted(found, key=lambda thing: (thing["kind"], thing["metadata"]["name"]))

    assert by_name(render(KUBERNETES / "overlays" / overlay)) == by_name(yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize("version", NEWEST)
def test_every_object_is_valid(things, version):
    done = checked(version, things)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("passed for resource") == len(things)


def test_a_number_as_text_is_found(things):
    wrong = next(thing for thing in things if thing["kind"] == "Deployment")
    done = checked(NEWEST[-1], [wrong | {"spec": wrong["spec"] | {"replicas": "2"}}])
    assert done.returncode == 1
    assert "did not validate" in done.stdout


# -- who is told what --------------------------------------------------------------------------------------------------


def test_every_process_has_its_workload_and_there_are_no_others(workloads):
    assert set(workloads) == set(OURS)
    assert {name: container(workload)["args"] for name, workload in workloads.items()} == {
        name: list(service.argv) for name, service in OURS.items()
    }


@pytest.mark.parametrize("name", OURS)
def test_a_process_gets_its_own_logins_and_each_from_the_secret_of_its_role(workloads, name):
    found = {key: secret for key, secret in secrets_of(workloads[name]).items() if key.startswith("DATABASE_URL")}
    wanted = {alias for alias in aliases(name) if alias.startswith("DATABASE_URL")}
    assert found == {
        key: f"database-{key.removeprefix('DATABASE_URL').strip('_').lower() or 'owner'}" for key in wanted
    }


@pytest.mark.usefixtures("driver_for_clusters")
@pytest.mark.parametrize("name", OURS)
def test_a_process_is_told_nothing_that_it_may_not_know(workloads, config_maps, name):
    assert told(workloads[name], config_maps) - aliases(name) - OF_THE_FRAMEWORK.get(name, set()) == set()


def test_the_operator_can_name_an_address_a_sender_and_analytics(workloads, config_maps):
    assert {"AP_CONTACT_EMAIL", "AP_ANALYTICS_ID", "MAIL_FROM"} <= told(workloads["web"], config_maps)
    assert "MAIL_FROM" in told(workloads["maintenance"], config_maps)


@pytest.mark.parametrize("name", OURS)
def test_a_process_holds_its_own_key_and_no_other(workloads, name):
    secrets = [volume["secret"]["secretName"] for volume in pod(workloads[name])["volumes"] if "secret" in volume]
    assert secrets == ([KEYS[name]] if name in KEYS else [])


def test_no_secret_is_committed(things):
    assert [thing for thing in things if thing["kind"] == "Secret"] == []
    for thing in things:
        template = template_of(thing)
        for entry in template["spec"]["containers"][0]["env"] if template else []:
            assert "value" not in entry or not any(
                word in entry["name"] for word in ("URL", "SECRET", "KEY", "PASSWORD")
            )


@pytest.mark.usefixtures("driver_for_clusters")
def test_the_settings_are_ones_that_the_platform_accepts(config_maps):
    values = {name: value for settings in config_maps.values() for name, value in settings.items()}
    accepted = Settings.model_validate({name: value for name, value in values.items() if name != "AP_DATA_DIR"})
    assert (accepted.env, accepted.driver) == ("production", "kubernetes")
    assert set(values) <= {str(field.alias) for field in Settings.model_fields.values()}


# -- secrets from the script -------------------------------------------------------------------------------------------


def test_the_script_makes_every_secret_that_is_asked_for(workloads, tmp_path):
    addresses = {
        "POSTGRES": "db:5432/ap",
        "REDIS_URL": "redis://a",
        "REFLEX_REDIS_URL": "redis://b",
        "SMTP_URL": "smtp://c",
    }
    environment = {
        "AP_SECRETS_FILE": str(tmp_path / ".env"),
        "PATH": "/usr/bin:/bin",
        "GITHUB_CLIENT_ID": "d",
        "GITHUB_CLIENT_SECRET": "e",
    }
    script = [ROOT / "deploy" / "scripts" / "secrets.sh", "kubernetes"]
    printed = [
        subprocess.run(script, env=environment | addresses, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert printed[0] == printed[1]
    made = list(yaml.safe_load_all(printed[0]))
    assert checked(NEWEST[-1], made).returncode == 0
    keys = {(secret["metadata"]["name"], key) for secret in made for key in secret["data"]}
    asked = {(ref["name"], ref["key"]) for workload in workloads.values() for ref in references(workload)}
    assert asked <= keys
    assert {("key-installation", "installation.key"), ("key-web-signing", "web_signing.key")} <= keys
