"""What the engine is asked for, as pure functions of typed values: nothing of a tenant reaches a security field.

Source: Docker Engine API 1.41, ContainerCreate and ContainerUpdate.
"""

import json
from dataclasses import dataclass
from typing import Any

from agent_platform.services.runtime.port import MIB, Isolation, Limits, SandboxSpec, handle_of

BROKER_TARGET, CONTROL_TARGET = "/run/ap", "/run/control"
BROKER = f"{BROKER_TARGET}/broker.sock"
START = "import sys; sys.path.append('/opt/ap'); from agent_platform.sdk.container import main; main()"
ENTRYPOINT = ("python3", "-I", "-S", "-B", "-X", "utf8", "-c", START)
INSTALLATION, BOX, TENANT, RUN, ATTEMPT, WALL = (
    "ap.installation",
    "ap.box",
    "ap.tenant",
    "ap.run",
    "ap.attempt",
    "ap.wall-seconds",
)
RUNTIMES: dict[Isolation, tuple[str, ...]] = {
    "standard": ("",),
    "gvisor": ("runsc",),
    "kata": ("kata-runtime", "kata", "io.containerd.kata.v2"),
}
# The first process, the runner and its flush thread.
OWN_PIDS = 3
SHARED_MEMORY_MIB = 64
OPEN_FILES = 1024
# A frame of the log is at least one byte of output and five of its own.
LOG_FILE_FACTOR = 6
STOP_SECONDS = 2
VICTIM_BEFORE_THE_PLATFORM = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a container is born with and keeps. `box`: its control folder; `runtime`: empty for the engine's own."""

    installation: str
    box: str
    broker_dir: str
    image: str
    runtime: str
    uid: int
    cpus: int


def container(shape: Shape, limits: Limits, labels: dict[str, str]) -> dict[str, Any]:
    """The body of ContainerCreate."""
    return {
        "Image": shape.image,
        "Entrypoint": list(ENTRYPOINT),
        "Cmd": ["--control", CONTROL_TARGET],
        "User": f"{shape.uid}:{shape.uid}",
        "WorkingDir": "/work",
        "Hostname": "sandbox",
        "Env": [],
        "Labels": {INSTALLATION: shape.installation, BOX: shape.box.rpartition("/")[2]} | labels,
        "StopSignal": "SIGTERM",
        "StopTimeout": STOP_SECONDS,
        # An image's own check would run beside the agent, again and again.
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": _confined(shape, limits) | _limited(shape.cpus, limits),
    }


def update(cpus: int, limits: Limits) -> dict[str, Any]:
    """The body of ContainerUpdate: a warm container gets the limits of its claim."""
    return _limited(cpus, limits)


def labels_of(spec: SandboxSpec) -> dict[str, str]:
    return {
        TENANT: spec.tenant_id,
        RUN: spec.run_id,
        ATTEMPT: str(spec.attempt),
        WALL: f"{spec.limits.wall_seconds:g}",
    }


def claim_line(spec: SandboxSpec) -> bytes:
    """What the container reads once. The only place that holds the token."""
    limits = spec.limits
    claim = {
        "token": spec.token,
        "broker": BROKER,
        "name": handle_of(spec.run_id, spec.attempt),
        # A warm container's file systems have their size already; a smaller declaration still bounds each file.
        "rlimits": {"RLIMIT_FSIZE": limits.disk_mb * MIB},
        "wall_seconds": limits.wall_seconds,
        "start_seconds": limits.start_seconds,
        "log_bytes": limits.log_bytes,
    }
    return json.dumps(claim, separators=(",", ":")).encode() + b"\n"


def _confined(shape: Shape, limits: Limits) -> dict[str, Any]:
    disk = limits.disk_mb * MIB
    return {
        "NetworkMode": "none",
        # Else the machine's own name servers and search domains stand in /etc/resolv.conf.
        "Dns": ["127.0.0.1"],
        "DnsSearch": ["."],
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "ReadonlyRootfs": True,
        "Privileged": False,
        "CapDrop": ["ALL"],
        # Docker's own seccomp profile stays; the first process adds ours on top.
        "SecurityOpt": ["no-new-privileges:true"],
        # The supervisor is the first process itself: nobody inside can stop or kill a first process.
        "Init": False,
        "Runtime": shape.runtime,
        "Tmpfs": {path: _tmpfs(shape.uid, disk) for path in ("/work", "/agent")},
        "ShmSize": min(limits.disk_mb, SHARED_MEMORY_MIB) * MIB,
        "Mounts": [
            _bound(shape.broker_dir, BROKER_TARGET, read_only=True),
            # Writable for two files in it that exist already and only until the claim; the folder is ours.
            _bound(shape.box, CONTROL_TARGET, read_only=False),
        ],
        "Ulimits": [
            _ulimit("core", 0),
            _ulimit("nofile", OPEN_FILES),
            _ulimit("fsize", max(disk, LOG_FILE_FACTOR * limits.log_bytes)),
            _ulimit("msgqueue", 0),
        ],
        "OomScoreAdj": VICTIM_BEFORE_THE_PLATFORM,
        "RestartPolicy": {"Name": "no"},
        "AutoRemove": False,
        # The agent's output goes to the control folder, cut there; this is for the last words of an image that cannot start.
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "64k", "max-file": "1"}},
    }


def _limited(cpus: int, limits: Limits) -> dict[str, Any]:
    memory = limits.memory_mb * MIB
    return {
        "Memory": memory,
        "MemorySwap": memory,
        "PidsLimit": limits.pids + OWN_PIDS,
        # The engine refuses more than the machine has.
        "NanoCpus": int(min(limits.cpu, cpus) * 1_000_000_000),
    }


def _tmpfs(uid: int, size: int) -> str:
    return f"rw,nosuid,nodev,exec,size={size},uid={uid},gid={uid},mode=0755"


def _bound(source: str, target: str, *, read_only: bool) -> dict[str, Any]:
    options = {"Propagation": "rprivate"}
    return {"Type": "bind", "Source": source, "Target": target, "ReadOnly": read_only, "BindOptions": options}


def _ulimit(name: str, most: int) -> dict[str, Any]:
    return {"Name": name, "Soft": most, "Hard": most}
