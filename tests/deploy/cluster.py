"""What the tests of deploy/kubernetes look at: the rendered objects, and which workload is which process."""

import json
import subprocess
import sys
from pathlib import Path

from kubernetes_validate.utils import all_versions

from agent_platform.core.settings import Settings
from tests.deploy.compose import ROOT
from tests.deploy.kustomize import template_of
from workers import services
from workers.services import SERVICES

KUBERNETES = ROOT / "deploy" / "kubernetes"
OVERLAYS = ("dev", "production")
NEWEST = all_versions()[-3:]
NAMESPACE = "agent-platform"
DRIVING = {"runs", "builds", "maintenance", "watch", "beat"}
# Every process but the one that owns the sandboxes of a single machine: here the cluster does.
OURS = {
    service.name: service
    for service in (*SERVICES, services.MIGRATE, services.MAINTAIN)
    if service.name != "sandbox-host"
}


def pod(workload):
    return template_of(workload)["spec"]


def container(workload):
    (only,) = pod(workload)["containers"]
    return only


def told(workload, config_maps):
    """Names of all environment variables, and the Secrets that fill them."""
    main = container(workload)
    names = {name for source in main["envFrom"] for name in config_maps[source["configMapRef"]["name"]]}
    return names | {entry["name"] for entry in main["env"]}


def secrets_of(workload):
    return {
        entry["name"]: entry["valueFrom"]["secretKeyRef"]["name"]
        for entry in container(workload)["env"]
        if "valueFrom" in entry
    }


def aliases(name):
    return {str(Settings.model_fields[field].alias) for field in OURS[name].fields}


def checked(version, found):
    # The last dash is needed: without it the tool prints its usage, checks nothing and is content.
    command = [Path(sys.executable).with_name("kubernetes-validate"), "--strict", "-k", version, "-"]
    documents = "\n---\n".join(json.dumps(thing) for thing in found)
    return subprocess.run(command, input=documents, capture_output=True, text=True, check=False)


def references(workload):
    return [entry["valueFrom"]["secretKeyRef"] for entry in container(workload)["env"] if "valueFrom" in entry]
