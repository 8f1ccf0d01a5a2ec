"""Tokens of runs and API keys: a prefix + 30 random base62 characters + 6 of CRC32, so that a mistyped one is refused without a query."""

import secrets
import string
import zlib

RUN_PREFIX = "apr_"
KEY_PREFIX = "apk_"
RANDOM_LENGTH = 30
CHECK_LENGTH = 6
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new_run_token() -> str:
    return _new(RUN_PREFIX)


def new_api_key() -> str:
    return _new(KEY_PREFIX)


def is_well_formed(token: str, prefix: str = RUN_PREFIX) -> bool:
    """True if prefix, length and checksum agree; says nothing about whether the token lives."""
    if len(token) != len(prefix) + RANDOM_LENGTH + CHECK_LENGTH or not token.startswith(prefix):
        return False
    return secrets.compare_digest(
        token[-CHECK_LENGTH:].encode("ascii", "replace"), _check(token[:-CHECK_LENGTH]).encode()
    )


def _new(prefix: str) -> str:
    body = prefix + "".join(secrets.choice(BASE62) for _ in range(RANDOM_LENGTH))
    return body + _check(body)


def _check(body: str) -> str:
    number, text = zlib.crc32(body.encode("ascii", "replace")), ""
    for _ in range(CHECK_LENGTH):
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text
