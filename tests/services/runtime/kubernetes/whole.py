"""Parts of manifests that several tests compare whole."""

from agent_platform.services.runtime._kubernetes import names
from tests.services.runtime.kubernetes.examples import IMAGE, RUN

HANDLE = f"ap-{RUN}-2"
OURS = {"app.kubernetes.io/managed-by": "agent-platform", "ap.installation": "ap"}
UID = names.own_uid(HANDLE)
ENTRY = ["/usr/bin/python3", "-I", "-S", "-B", "-X", "utf8", "-m", "agent_platform.sdk.container"]
AMOUNTS = {"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "18Mi"}


CONTAINER = {
    "name": "agent",
    "image": IMAGE,
    "imagePullPolicy": "IfNotPresent",
    "command": ENTRY,
    "args": [
        *("--token-file", "/run/ap-token/token", "--broker", "http://broker.agent-platform:8080"),
        *("--start-seconds", "60", "--wall-seconds", "90", "--log-bytes", "1000000"),
        *("--rlimits", '{"RLIMIT_NPROC":67,"RLIMIT_FSIZE":104857600}'),
    ],
    "workingDir": "/work",
    "env": [
        {"name": "HOME", "value": "/work"},
        {"name": "LANG", "value": "C.UTF-8"},
        {"name": "PATH", "value": "/usr/bin"},
        {"name": "TMPDIR", "value": "/tmp"},
        {"name": "USER", "value": "agent"},
    ],
    "resources": {"requests": AMOUNTS, "limits": AMOUNTS},
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    },
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
    "volumeMounts": [
        {"name": "agent", "mountPath": "/agent"},
        {"name": "work", "mountPath": "/work"},
        {"name": "work", "mountPath": "/tmp", "subPath": ".tmp"},
        {"name": "token", "mountPath": "/run/ap-token", "readOnly": True},
    ],
}


POD = {
    "restartPolicy": "Never",
    "terminationGracePeriodSeconds": 2,
    "serviceAccountName": "agent",
    "automountServiceAccountToken": False,
    "enableServiceLinks": False,
    "hostNetwork": False,
    "hostPID": False,
    "hostIPC": False,
    "shareProcessNamespace": False,
    "dnsPolicy": "None",
    "dnsConfig": {"nameservers": ["127.0.0.1"]},
    "hostAliases": [{"ip": "10.96.0.10", "hostnames": ["broker.agent-platform"]}],
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": UID,
        "runAsGroup": UID,
        "fsGroup": UID,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "tolerations": [
        {"key": f"node.kubernetes.io/{what}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}
        for what in ("not-ready", "unreachable")
    ],
    "containers": [CONTAINER],
    "volumes": [
        {"name": "agent", "emptyDir": {"medium": "Memory", "sizeLimit": "100Mi"}},
        {"name": "work", "emptyDir": {"medium": "Memory", "sizeLimit": "100Mi"}},
        {"name": "token", "secret": {"secretName": HANDLE, "defaultMode": 0o440, "optional": False}},
    ],
}
