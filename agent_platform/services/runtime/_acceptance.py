"""What a specification must keep to, whichever driver is asked."""

import re

from agent_platform.services.runtime.errors import Rejected
from agent_platform.services.runtime.port import MIB, SandboxSpec

RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
MOST_ATTEMPTS = 1_000_000
MOST_TOKEN_CHARACTERS = 4096
BOUNDS: dict[str, tuple[float, float]] = {
    "cpu": (0.01, 64),
    "memory_mb": (32, 1_048_576),
    "pids": (1, 32_768),
    "disk_mb": (1, 1_048_576),
    "wall_seconds": (0.1, 604_800),
    "start_seconds": (0.1, 3600),
    "log_bytes": (1024, 1024 * MIB),
}


def refuse_unfit(spec: SandboxSpec) -> None:
    """Raises: Rejected naming the member that is wrong."""
    if not RUN_ID.fullmatch(spec.run_id) or not 0 < spec.attempt < MOST_ATTEMPTS:
        raise Rejected("The run id must be lower-case letters, digits and dashes, and the attempt a positive number.")
    if not spec.token or len(spec.token) > MOST_TOKEN_CHARACTERS:
        raise Rejected("The run token is missing or too long.")
    for name, (least, most) in BOUNDS.items():
        value = getattr(spec.limits, name)
        if not least <= value <= most:
            raise Rejected(f"The limit {name} must be between {least:g} and {most:g}; it is {value!r}.")
