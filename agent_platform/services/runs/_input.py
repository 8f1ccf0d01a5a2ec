"""Checks what a person or program wants to run against the agent's input schema, and says what to change."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from jsonschema.exceptions import ValidationError
from sqlalchemy import func, or_, select
from sqlmodel import col

from agent_platform.core import ids
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound, Problem
from agent_platform.core.json_text import find_unstorable
from agent_platform.models.run_records import RunFile
from agent_platform.services import agents
from agent_platform.services.runs.errors import RunInputInvalid

MOST_PROBLEMS = 20
MOST_LOOKED_AT = 200  # an input of 1 MiB may be wrong in half a million places
DEFAULT_MOST_MB = 100
UPLOAD_HOURS = 24
MEBIBYTE = 1_048_576
LONGEST_PLACE = 200


def checked_input(session: TenantSession, schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The input with defaults added; every file it names is this tenant's. Raises: RunInputInvalid."""
    if unstorable := find_unstorable(given):
        raise _invalid([_named(schema, unstorable)])  # before anything asks the database with it
    complete = with_defaults(schema, given)
    problems = [*_schema_problems(schema, complete), *file_problems(session, schema, complete)]
    if problems:
        raise _invalid(problems)
    return complete


def with_defaults(schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    complete = dict(given)
    for name, field in schema.get("properties", {}).items():
        if name not in complete and isinstance(field, dict) and "default" in field:
            complete[name] = field["default"]
    return complete


def file_fields(schema: dict[str, Any], given: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Each file the input names: (field, its schema, file id as text)."""
    for name, field in schema.get("properties", {}).items():
        one = field.get("items") if isinstance(field, dict) and field.get("type") == "array" else field
        if isinstance(one, dict) and one.get("format") == "file":
            values = given.get(name)
            yield from (
                (name, one, value)
                for value in (values if isinstance(values, list) else [values])
                if isinstance(value, str)
            )


def file_ids(given: dict[str, Any]) -> list[str]:
    """The uploads an accepted input names, at the top or as entries of a list."""
    values = (entry for value in given.values() for entry in (value if isinstance(value, list) else [value]))
    return [value for value in values if isinstance(value, str) and value.startswith("file_")]


def _invalid(problems: list[Problem]) -> RunInputInvalid:
    others = len(problems) - 1
    more = f" {others} more {'field needs' if others == 1 else 'fields need'} a change." if others else ""
    return RunInputInvalid(f"{problems[0].message}{more} Nothing was charged.", errors=tuple(problems[:MOST_PROBLEMS]))


def _named(schema: dict[str, Any], problem: Problem) -> Problem:
    """The same with the title of its field before the message."""
    field = schema.get("properties", {}).get(problem.path.partition(".")[0], {})
    title = field.get("title") if isinstance(field, dict) else ""
    return Problem(problem.path, f"{title or problem.path or 'Input'} {problem.message}")


def _schema_problems(schema: dict[str, Any], complete: dict[str, Any]) -> list[Problem]:
    closed = {"additionalProperties": False, **schema}
    errors = islice(agents.validator_of(closed).iter_errors(complete), MOST_LOOKED_AT)
    in_order = sorted(errors, key=lambda error: [str(part) for part in error.path])
    found: dict[Problem, None] = {}
    for error in in_order:
        found.update(dict.fromkeys(islice(_problems_of(schema, error), MOST_PROBLEMS)))
        if len(found) >= MOST_PROBLEMS:
            break
    return list(found)[:MOST_PROBLEMS]


def _problems_of(schema: dict[str, Any], error: ValidationError) -> Iterator[Problem]:
    path = ".".join(str(part) for part in error.absolute_path)
    known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    wanted: Any = error.validator_value
    instance: Any = error.instance
    if error.validator == "required":
        yield from (_missing(path, known, name) for name in wanted if name not in instance)
    elif error.validator == "additionalProperties":
        yield from (_unknown(path, known, name) for name in instance if name not in known)
    else:
        sentence = SENTENCES.get(str(error.validator), "{message}")
        yield _named(schema, Problem(path, sentence.format(wanted=_wanted(error), message=error.message[:200])))


def _missing(path: str, known: dict[str, Any], name: str) -> Problem:
    field = known.get(name)
    title = field.get("title", name) if isinstance(field, dict) else name
    return Problem(_within(path, name), f"{title} is required.")


def _unknown(path: str, known: dict[str, Any], name: str) -> Problem:
    place = _within(path, name)[:LONGEST_PLACE]
    close = agents.meant(name[:LONGEST_PLACE], known)
    hint = f"Did you mean {close}?" if close else "Remove it."
    return Problem(place, f"{place} is not an input of this agent. {hint}")


def _within(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


SENTENCES = {
    "type": "must be of type {wanted}.",
    "minimum": "must be at least {wanted}.",
    "maximum": "must be at most {wanted}.",
    "enum": "must be one of {wanted}.",
    "format": "must be a valid {wanted}.",
    "minLength": "needs at least {wanted} characters.",
    "maxLength": "may have at most {wanted} characters.",
    "minItems": "needs at least {wanted} entries.",
    "maxItems": "may have at most {wanted} entries.",
    "pattern": "must match {wanted}.",
}


def _wanted(error: ValidationError) -> str:
    wanted = error.validator_value
    if isinstance(wanted, list):
        return ", ".join(str(value) for value in wanted)
    return f"{wanted:,}" if isinstance(wanted, int | float) else str(wanted)


def file_problems(session: TenantSession, schema: dict[str, Any], complete: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the files that an input or an answer of this form names."""
    for name, field, value in file_fields(schema, complete):
        title = field.get("title", name)
        upload = find_upload(session, value)
        if upload is None:
            gone = f"names a file that is not there: one that no run takes within {UPLOAD_HOURS} hours is deleted."
            yield Problem(name, f"{title} {gone} Upload it again.")
            continue
        most = field.get("max_mb", DEFAULT_MOST_MB)
        if upload.bytes > most * MEBIBYTE:
            yield Problem(name, f"{title} is {upload.bytes / MEBIBYTE:.1f} MiB, the most is {most} MiB.")


def find_upload(session: TenantSession, shown_id: str) -> RunFile | None:
    """None also for one whose time is over, though its row may still be there."""
    try:
        file_id: UUID = ids.parse("file", shown_id)
    except NotFound:
        return None
    return session.execute(
        select(RunFile).where(
            col(RunFile.tenant_id) == session.tenant_id,
            col(RunFile.id) == file_id,
            or_(col(RunFile.expires_at).is_(None), col(RunFile.expires_at) > func.now()),
        )
    ).scalar_one_or_none()
