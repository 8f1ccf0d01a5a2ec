"""Security headers of an answer. Source: RFC 6797, OWASP Secure Headers Project."""

import re

MAX_AGE = re.compile(r"(?:^|;)\s*max-age\s*=\s*\"?(\d{1,12})\"?", re.IGNORECASE)
WANTED = ("content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options")


def hsts_seconds(value: str) -> int | None:
    """`max-age` of Strict-Transport-Security; None without the header, or without a number in it."""
    found = MAX_AGE.search(value[:1000])
    return int(found[1]) if found else None


def missing_headers(headers: dict[str, str]) -> list[str]:
    """What a hardened site sends and this answer does not. `frame-ancestors` of a policy stands for X-Frame-Options."""
    missing = [name for name in WANTED if not headers.get(name, "").strip()]
    if "frame-ancestors" in headers.get("content-security-policy", "").lower():
        missing = [name for name in missing if name != "x-frame-options"]
    return missing
