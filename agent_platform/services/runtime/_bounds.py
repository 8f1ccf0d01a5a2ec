"""What a specification must be before any driver takes it."""

import re
from collections.abc import Mapping
from typing import Any

from agent_platform.services.runtime.port import MIB

RUN_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
MAX_TOKEN = 4096
BOUNDS: dict[str, tuple[float, float]] = {
    "cpu": (0.01, 64),
    "memory_mb": (32, 1_048_576),
    "pids": (1, 32_768),
    "disk_mb": (1, 1_048_576),
    "wall_seconds": (0.1, 604_800),
    "start_seconds": (0.1, 3600),
    "log_bytes": (1024, 1024 * MIB),
}


def wrong_with(run_id: str, attempt: int, token: str, limits: Mapping[str, Any]) -> str | None:
    """The sentence about the first member that can never work, or None."""
    if not RUN_ID.fullmatch(run_id) or not 0 < attempt < 1_000_000:
        return "The run id must be lower-case letters, digits and dashes, and the attempt a positive number."
    if not token or len(token) > MAX_TOKEN:
        return "The run token is missing or too long."
    for name, (least, most) in BOUNDS.items():
        value = limits[name]
        if not isinstance(value, int | float) or not least <= value <= most:
            return f"The limit {name} must be between {least:g} and {most:g}; it is {value!r}."
    return None
