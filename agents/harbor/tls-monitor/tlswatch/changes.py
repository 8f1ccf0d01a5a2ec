"""What is kept of a check for the next run, and how the two differ."""

import hashlib
from typing import Any

from tlswatch.check import Check

WORDS = {
    "state": "State was {before}, is {now}.",
    "status": "Status was {before}, is {now}.",
    "certificate": "The certificate is another one.",
    "issuer": "The issuer was {before}, is {now}.",
    "final_url": "It led to {before}, leads to {now}.",
    "missing": "Missing headers were {before}, are {now}.",
}
MOST_CHARACTERS = 200


def state_key(url: str) -> str:
    return f"url:{hashlib.sha256(url.encode('utf-8', 'replace')).hexdigest()[:32]}"


def kept_of(check: Check, before: Any) -> dict[str, Any]:
    """What `before` knew of a certificate stays when none was seen this time."""
    earlier = before if isinstance(before, dict) else {}
    return {
        "state": check.state,
        "status": check.status,
        "certificate": check.seen.fingerprint or earlier.get("certificate"),
        "issuer": check.seen.issuer or earlier.get("issuer"),
        "final_url": check.final_url[:MOST_CHARACTERS],
        "missing": ", ".join(check.missing),
    }


def changes_of(before: Any, now: dict[str, Any]) -> list[str]:
    """A sentence for each difference; none on a first run. What was not seen this time is no change."""
    if not isinstance(before, dict):
        return []
    found = []
    for name, words in WORDS.items():
        was, is_now = before.get(name), now[name]
        unseen = name in {"certificate", "issuer"} and not (was and is_now)
        if was != is_now and not unseen:
            found.append(words.format(before=_plain(was), now=_plain(is_now)))
    return found


def _plain(value: Any) -> str:
    return "none" if value in {None, ""} else str(value)[:MOST_CHARACTERS]
