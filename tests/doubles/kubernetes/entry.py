"""What the entry of a container would do with its arguments, done by the embedded sandbox driver instead."""

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from agent_platform.sdk import container as real_entry
from agent_platform.services.runtime import Limits, Reason, SandboxSpec, Status
from tests.doubles.kubernetes.admission import quantity
from tests.doubles.kubernetes.store import Manifest, Store

CLAIM_MEMBERS = {"token", "broker", "name", "rlimits", "wall_seconds", "start_seconds", "log_bytes"}
OWN_PROCESSES = 3
MIB = 2**20


class Misled(Exception):
    """The pod's specification would not work on a real cluster; its text says why."""


@dataclass
class Claim:
    """What the runner is told. `notes` becomes the termination message."""

    token: str
    broker: str
    rlimits: dict[str, int]
    wall_seconds: float
    start_seconds: float
    log_bytes: int
    notes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, what: str, at: float | None = None, **members: Any) -> None:
        self.notes.append({"what": what, "at": round(at or time.time(), 6), **members})

    @property
    def message(self) -> str:
        """The cluster keeps the end of a longer one."""
        return "".join(json.dumps(note) + "\n" for note in self.notes)[-4096:]


def options_of(pod: Manifest) -> dict[str, str]:
    """The arguments, as the real entry understands them."""
    container = pod["spec"]["containers"][0]
    if container["command"][-2:] != ["-m", real_entry.__name__]:
        raise Misled(f"{container['command']} is not the entry")
    try:
        return real_entry._options(container["args"])
    except ValueError as error:
        raise Misled(f"the entry says: {error}") from error


def claim_by_file(store: Store, pod: Manifest, options: dict[str, str]) -> Claim:
    """From the Secret that is mounted where the argument points."""
    folder, _, name = options["--token-file"].rpartition("/")
    mounts = {mount["mountPath"]: mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]}
    volume = next((one for one in pod["spec"]["volumes"] if one["name"] == mounts.get(folder)), None)
    if volume is None:
        raise Misled(f"nothing is mounted at {folder}")
    secret = store.get("secrets", pod["metadata"]["namespace"], volume["secret"]["secretName"])
    return Claim(
        token=base64.b64decode(secret["data"][name]).decode(),
        broker=options["--broker"],
        rlimits=json.loads(options["--rlimits"]),
        wall_seconds=float(options["--wall-seconds"]),
        start_seconds=float(options["--start-seconds"]),
        log_bytes=int(options["--log-bytes"]),
    )


def claim_by_line(line: bytes) -> Claim | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict) or not told.keys() >= CLAIM_MEMBERS:
        return None
    return Claim(**{name: told[name] for name in CLAIM_MEMBERS - {"name"}})


def secrets_of(pod: Manifest) -> list[str]:
    return [one["secret"]["secretName"] for one in pod["spec"].get("volumes", []) if "secret" in one]


def sandbox_of(pod: Manifest, claim: Claim, name: str) -> SandboxSpec:
    """The limits of the pod as the embedded driver understands them."""
    amounts = pod["spec"]["containers"][0]["resources"]["limits"]
    work = next(one for one in pod["spec"]["volumes"] if one["name"] == "work")
    limits = Limits(
        cpu=quantity(amounts["cpu"]),
        memory_mb=int(quantity(amounts["memory"]) / MIB),
        pids=claim.rlimits["RLIMIT_NPROC"] - OWN_PROCESSES,
        disk_mb=int(min(quantity(work["emptyDir"]["sizeLimit"]), claim.rlimits["RLIMIT_FSIZE"]) / MIB),
        wall_seconds=claim.wall_seconds,
        start_seconds=claim.start_seconds,
        log_bytes=claim.log_bytes,
    )
    return SandboxSpec(run_id=name, attempt=1, tenant_id="pod", bundle_digest="", limits=limits, token=claim.token)


def refuse_unreachable_broker(store: Store, pod: Manifest, broker: str) -> None:
    """The broker's name means something in the pod, and the policies of its namespace let it through and nothing else."""
    url = urlsplit(broker)
    aliases = {name: one["ip"] for one in pod["spec"].get("hostAliases", []) for name in one["hostnames"]}
    address = aliases.get(url.hostname)
    if address is None:
        raise Misled(f"no name server is reached, and {url.hostname} is no host alias")
    policies = [one["spec"] for one in store.every("networkpolicies", pod["metadata"]["namespace"])[0]]
    denied = any(one == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} for one in policies)
    rules = [rule for one in policies for rule in one.get("egress", [])]
    open_to = [
        (to.get("ipBlock", {}).get("cidr"), port["port"])
        for rule in rules
        for to in rule["to"]
        for port in rule["ports"]
    ]
    if not denied or (f"{address}/32", url.port) not in open_to:
        raise Misled(f"the policies do not say: nothing but {address}:{url.port}")


def terminated(claim: Claim, status: Status) -> dict[str, Any]:
    """The container's state after the sandbox ended: what a kubelet sees, what the entry noted."""
    if status.started_at:
        claim.note("running", status.started_at.timestamp())
    if status.reason in {Reason.TIMEOUT, Reason.START_TIMEOUT}:
        claim.note(status.reason)
    code = status.exit_code
    if code is None:
        return {"reason": "StartError", "exitCode": 128, "message": status.detail}
    if status.reason is Reason.OOM:
        # The kernel killed the entry with all others: it says nothing more.
        return {"reason": "OOMKilled", "exitCode": 137, "message": claim.message}
    usage = (
        {"cpu_seconds": status.usage.cpu_seconds, "peak_memory_bytes": status.usage.peak_memory_bytes}
        if status.usage
        else {}
    )
    claim.note("exit", code=code, oom=False, words=status.detail[-400:], **usage)
    return {"reason": "Error" if code else "Completed", "exitCode": code, "message": claim.message}
