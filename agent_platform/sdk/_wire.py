"""Python values as the JSON that the broker takes, with an error the author understands when they cannot be."""

from __future__ import annotations

import time

from agent_platform.sdk._errors import AgentError
from agent_platform.sdk._json import encode, parse

__all__ = ["clipped", "item_json", "now", "parse", "to_bytes", "to_json"]

MAX_ITEM_BYTES = 256 * 1024
MAX_LINE_BYTES = 8 * 1024


def to_json(value: object, what: str) -> str:
    """One JSON text. Raises: AgentError naming `what` when the value is not JSON."""
    try:
        return encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        sentence = (
            f"{what} cannot be written as JSON: {error}. Use dict, list, str, int, finite float, bool and None only."
        )
        raise AgentError(sentence, code="not_json") from error


def item_json(item: object) -> str:
    """One row. Raises: AgentError when it is not a JSON object of at most 256 KiB."""
    if not isinstance(item, dict):
        raise AgentError(f"An emitted row must be a dict, not {type(item).__name__}.", code="item_invalid")
    text = to_json(item, "An emitted row")
    size = len(text) if text.isascii() else len(to_bytes(text))
    if size > MAX_ITEM_BYTES:
        raise AgentError(
            f"An emitted row is {size:,} bytes; at most {MAX_ITEM_BYTES:,} are stored.", code="item_too_large"
        )
    return text


def clipped(text: str) -> str:
    """At most 8 KiB of UTF-8, with a visible mark where the rest was cut."""
    if len(text) * 4 <= MAX_LINE_BYTES:
        return text
    raw = to_bytes(text)
    if len(raw) <= MAX_LINE_BYTES:
        return text
    return raw[: MAX_LINE_BYTES - 32].decode(errors="ignore") + " … [line cut at 8 KiB]"


def to_bytes(text: str) -> bytes:
    """UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
    return text.encode("utf-8", "replace")


def now() -> str:
    """The present in RFC 3339, UTC, with milliseconds."""
    seconds = time.time()
    whole = int(seconds)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{int((seconds - whole) * 1000):03d}Z"
