"""JSON values against a creator's JSON Schema, with formats checked and no way to make the check itself expensive."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from agent_platform.services.agents._patterns import longest_text

MOST_COMPARED = 1_000
HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE
)
FORMATS = FormatChecker(formats=())


def validator_of(schema: dict[str, Any], *, formats: bool = True) -> Any:
    """A validator (jsonschema's interface) whose patterns and comparisons are bounded in time."""
    return SchemaValidator(schema, format_checker=FORMATS if formats else None)


def _pattern(validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if not validator.is_type(value, "string"):
        return
    longest = longest_text(pattern)
    if len(value) > longest:
        yield ValidationError(f"has {len(value):,} characters; at most {longest:,} fit its pattern")
    elif not re.search(pattern, value):
        yield ValidationError(f"does not match {pattern}")


def _unique(validator: Any, wanted: bool, value: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted and validator.is_type(value, "array"):
        if len(value) > MOST_COMPARED:
            yield ValidationError(
                f"has {len(value):,} entries; at most {MOST_COMPARED:,} can be compared with each other"
            )
        else:
            yield from Draft202012Validator.VALIDATORS["uniqueItems"](validator, wanted, value, schema)


SchemaValidator = validators.extend(Draft202012Validator, {"pattern": _pattern, "uniqueItems": _unique})


def _format(name: str, read: Callable[[str], Any]) -> None:
    """Text of this format is what `read` takes without a ValueError and does not answer with False."""

    @FORMATS.checks(name, raises=ValueError)
    def check(value: object) -> bool:
        return not isinstance(value, str) or read(value) is not False


def _is_uri(text: str) -> bool:
    parts = urlsplit(text)
    return bool(parts.scheme) and bool(parts.netloc or parts.path) and not re.search(r"[\s<>\"]", text)


def _is_moment(text: str) -> bool:
    return "T" in text.upper() and datetime.fromisoformat(text.upper()).tzinfo is not None


_format("uri", _is_uri)
_format(
    "email", lambda text: re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*", text) is not None and len(text) <= 254
)
_format("date", lambda text: len(text) == 10 and date.fromisoformat(text))
_format("time", lambda text: time.fromisoformat(text.upper()) and True)
_format("date-time", _is_moment)
_format("uuid", lambda text: len(text) == 36 and UUID(text))
_format("ipv4", ipaddress.IPv4Address)
_format("ipv6", ipaddress.IPv6Address)
_format("hostname", lambda text: HOST.fullmatch(text) is not None)
KNOWN_FORMATS = (*FORMATS.checkers, "file")
