"""Tokens of runs: `apr_` + 30 random base62 characters + 6 of CRC32, so that a mistyped one is refused without a query."""

import secrets
import string
import zlib

RUN_PREFIX = "apr_"
RANDOM_LENGTH = 30
CHECK_LENGTH = 6
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_run_token() -> str:
    body = RUN_PREFIX + "".join(secrets.choice(BASE62) for _ in range(RANDOM_LENGTH))
    return body + _check(body)


def is_well_formed(token: str) -> bool:
    """True if prefix, length and checksum agree; says nothing about whether the token lives."""
    if len(token) != len(RUN_PREFIX) + RANDOM_LENGTH + CHECK_LENGTH or not token.startswith(RUN_PREFIX):
        return False
    return secrets.compare_digest(
        token[-CHECK_LENGTH:].encode("ascii", "replace"), _check(token[:-CHECK_LENGTH]).encode()
    )


def _check(body: str) -> str:
    number, text = zlib.crc32(body.encode("ascii", "replace")), ""
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text
