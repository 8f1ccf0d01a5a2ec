"""Names and labels of everything in the cluster that is ours: valid for any input, no two inputs share one."""

import hashlib
import re

from agent_platform.services.runtime._kubernetes.config import ClusterConfig
from agent_platform.services.runtime.port import SandboxSpec, handle_of

LONGEST_NAME = 63
HASH_CHARACTERS = 16
# A name that holds this was made by us from one that could not be kept.
HASH_MARK = "--h"
KEEPABLE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
FIRST_UID, UIDS = 1_000_000, 1_000_000_000

MANAGED = "app.kubernetes.io/managed-by"
INSTALLATION, TENANT, RUN, ATTEMPT, HANDLE, STATE = (
    "ap.installation",
    "ap.tenant",
    "ap.run",
    "ap.attempt",
    "ap.handle",
    "ap.state",
)
WARM, CLAIMED, COLD = "warm", "claimed", "cold"
# On a Job: which pod is the attempt's. Changed once or twice, each time by a patch that tests what it was before.
POD = "ap.pod"
UNDECIDED, OWN, NEVER = "", "own", "none"
CANCELLED_AT = "ap.cancelled-at"
CLAIMED_AT = "ap.claimed-at"
START_SECONDS = "ap.start-seconds"
WALL_SECONDS = "ap.wall-seconds"
LOG_BYTES = "ap.log-bytes"
WARM_TARGET = "ap.warm-target"
# Kept on a pod so that its end can be read after the cluster has ended it; removed by `destroy`.
KEEP = "agent-platform/keep-until-read"


def slug(text: str, room: int) -> str:
    """At most `room` characters that may stand within a name; `text` itself where that can be kept."""
    if len(text) <= room and KEEPABLE.fullmatch(text) and HASH_MARK not in text:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_CHARACTERS]
    readable = re.sub(r"[^a-z0-9]+", "-", text.lower())[: room - HASH_CHARACTERS - len(HASH_MARK)].strip("-")
    return f"{readable or 'x'}{HASH_MARK}{digest}"


def namespace_of(config: ClusterConfig, tenant_id: str) -> str:
    return config.prefix + slug(tenant_id, LONGEST_NAME - len(config.prefix))


def own_uid(name: str) -> int:
    """A uid that hardly any other sandbox has: the kernel counts processes per uid."""
    return FIRST_UID + int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % UIDS


def ours(config: ClusterConfig) -> dict[str, str]:
    """Labels by which this installation finds what it made."""
    return {MANAGED: "agent-platform", INSTALLATION: config.installation}


def labels_of(config: ClusterConfig, spec: SandboxSpec, state: str) -> dict[str, str]:
    return ours(config) | {
        TENANT: slug(spec.tenant_id, LONGEST_NAME),
        RUN: slug(spec.run_id, LONGEST_NAME),
        ATTEMPT: str(spec.attempt),
        HANDLE: handle_of(spec.run_id, spec.attempt),
        STATE: state,
    }


def run_of(handle: str) -> tuple[str, int]:
    """The run and attempt that `handle_of` made it of; nothing for what it never made."""
    run, _, attempt = handle.removeprefix("ap-").rpartition("-")
    return (run, int(attempt)) if attempt.isdecimal() else ("", 0)


def tenant_of(labels: dict[str, str]) -> str:
    """Empty for a tenant whose id could not be kept as it is."""
    return "" if HASH_MARK in labels.get(TENANT, "") else labels.get(TENANT, "")


def selector(labels: dict[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in labels.items())
