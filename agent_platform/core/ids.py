"""Identifiers: UUIDv7 for rows, random text for secrets, prefixed text for people."""

import hashlib
import re
import secrets
import time
from uuid import UUID

from agent_platform.core.errors import NotFound

HEX = re.compile(r"[0-9a-fA-F]{32}")


def new_id() -> UUID:
    """A UUIDv7: ordered by creation time. Source: RFC 9562 section 5.7."""
    milliseconds = time.time_ns() // 1_000_000
    value = (
        (milliseconds & ((1 << 48) - 1)) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return UUID(int=value)


def new_secret() -> str:
    """43 base64url characters of 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored instead of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown(prefix: str, value: UUID) -> str:
    """The text people and URLs see, such as `run_0192...`."""
    return f"{prefix}_{value.hex}"


def parse_bare(text: str) -> UUID:
    """The UUID that a page has shown without a prefix. Raises: NotFound for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def parse(prefix: str, text: str) -> UUID:
    """The UUID behind `shown`. Raises: NotFound for anything else, so that a guess and a typo read the same."""
    head, _, tail = text.partition("_")
    try:
        if head != prefix or not HEX.fullmatch(tail):
            raise ValueError
        return UUID(hex=tail)
    except ValueError:
        raise NotFound from None
