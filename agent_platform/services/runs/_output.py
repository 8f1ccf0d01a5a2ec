"""Does an attempt's output fit the schemas of its manifest?"""

from functools import lru_cache
from typing import Any

from jsonschema.exceptions import ValidationError

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.runs import Run, RunAttempt
from agent_platform.services import agents


def first_invalid(schema: dict[str, Any] | None, value: Any, name: str) -> str | None:
    """The path and reason of the first part that does not fit; None when all fits or there is no schema."""
    if not schema:
        return None
    error: ValidationError | None = next(_validator(_Frozen(schema)).iter_errors(value), None)
    if error is None:
        return None
    path = ".".join([name, *(str(part) for part in error.absolute_path)])
    return f"{path}: {error.message[:160]}"


def invalid_output(session: TenantSession, run: Run, attempt: RunAttempt) -> str | None:
    """What is wrong with rows and result of the ended attempt; rows were checked as they came."""
    del session, run
    output = attempt.spec.get("output") or {}
    found = attempt.outcomes.get("invalid")
    if found:
        return found
    if "result" in (attempt.spoken or {}):
        return first_invalid(output.get("result"), (attempt.spoken or {})["result"], "result")
    return None


class _Frozen:
    """A schema as a cache key: by identity of its text."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.text = repr(schema)

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Frozen) and other.text == self.text


@lru_cache(maxsize=256)
def _validator(frozen: _Frozen) -> Any:
    return agents.validator_of(frozen.schema, formats=False)
