"""What somebody asks for when they want a run, or to know what one would cost."""

from dataclasses import dataclass, field
from typing import Any

from agent_platform.models.runs import Origin, Run


@dataclass(frozen=True)
class RunRequest:
    """What somebody wants to run. `idempotency_key` is made by the form, so a double click is one run."""

    publisher: str
    slug: str
    input: dict[str, Any]
    idempotency_key: str
    cap_micro_usd: int | None = None
    memory_mb: int | None = None
    timeout_seconds: int | None = None
    retries: int = 0
    origin: Origin = Origin.WEB
    accept_permissions: bool = False
    rerun_of: Any = None
    metadata: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    dry_run: bool = False
    parent: Run | None = None  # locked; its hold pays
