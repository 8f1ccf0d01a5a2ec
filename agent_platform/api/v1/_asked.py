"""What a request says, read strictly: the one content type, known names only, values that a database can keep."""

import asyncio
import re
from typing import Any

from starlette.requests import Request

from agent_platform.api.v1._problems import WrongMediaType
from agent_platform.core.errors import InputInvalid, Problem
from agent_platform.core.json_text import JsonUnreadable, find_unstorable, read_strictly
from agent_platform.services.runs import RunRequest

LONGEST_KEY = 200
MOST_WAIT_SECONDS = 60
LARGEST_AMOUNT = 10**12  # micro-dollars: a million dollars
# name -> (least, most) of a whole number
NUMBERS = {
    "max_micro_usd": (1, LARGEST_AMOUNT),
    "memory_mb": (64, 8_192),
    "timeout_seconds": (1, 86_400),
    "retries": (0, 3),
}
OPTIONS = ("version", "dry_run", *NUMBERS)
VERSION = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}")
IDEMPOTENCY_KEY = re.compile(r"[ -~]{1,200}")
WAIT = re.compile(r"\s*wait\s*=\s*\"?([0-9]{1,40})\"?\s*(;.*)?", re.IGNORECASE)
NOTHING = "Nothing was charged."


async def read_json(request: Request, *, names: tuple[str, ...]) -> dict[str, Any]:
    """The body as an object with no other than these names. Raises: WrongMediaType, InputInvalid."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise WrongMediaType(f"Send JSON, with the header `Content-Type: application/json`. {NOTHING}")
    body = await asyncio.to_thread(_read, await request.body())
    for name in body:
        if name not in names:
            raise wrong(name, f"{_quoted(name)} is not known here. Known are {', '.join(names)}.")
    return body


def run_request(request: Request, body: dict[str, Any], *, idempotency_key: str = "") -> RunRequest:
    """What somebody wants to run. Raises: InputInvalid with the path of what is wrong."""
    options = _object(body, "options")
    for name in options:
        if name not in OPTIONS:
            raise wrong(f"options.{name}", f"{_quoted(name)} is no option. Options are {', '.join(OPTIONS)}.")
    numbers = {name: _whole(options, name) for name in NUMBERS}
    return RunRequest(
        publisher=request.path_params["publisher"].replace("\0", ""),
        slug=request.path_params["slug"].replace("\0", ""),
        input=_object(body, "input"),
        idempotency_key=idempotency_key,
        cap_micro_usd=numbers["max_micro_usd"],
        memory_mb=numbers["memory_mb"],
        timeout_seconds=numbers["timeout_seconds"],
        retries=numbers["retries"] or 0,
        version=_version(options),
        dry_run=_truth(options, "dry_run"),
    )


def idempotency_key(request: Request) -> str:
    """Raises: InputInvalid for none, two, and one that is too long."""
    sent = request.headers.getlist("idempotency-key")
    if len(sent) != 1 or not IDEMPOTENCY_KEY.fullmatch(sent[0].strip()):
        raise wrong(
            "Idempotency-Key",
            f"Send one Idempotency-Key of 1 to {LONGEST_KEY} plain characters, new for each run that you want.",
        )
    return sent[0].strip()


def seconds_to_wait(request: Request) -> int:
    """Of `Prefer: wait=N`, at most a minute; 0 without it. A preference that cannot be read is none. Source: RFC 7240."""
    preferences = ",".join(request.headers.getlist("prefer")).split(",")
    found = next((match for one in preferences if (match := WAIT.fullmatch(one))), None)
    return min(int(found[1]), MOST_WAIT_SECONDS) if found else 0


def read_query(request: Request, names: tuple[str, ...]) -> dict[str, list[str]]:
    """Values by name. Raises: InputInvalid for a name that is not among these."""
    given: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            raise wrong(name, f"{_quoted(name)} is not known here. Known are {', '.join(names)}.")
        given.setdefault(name, []).append(value.replace("\0", ""))
    return given


def last(given: dict[str, list[str]], name: str) -> str:
    return given.get(name, [""])[-1]


def limit_of(given: dict[str, list[str]], *, most: int = 200, usual: int = 50) -> int:
    return number_of(given, "limit", least=1, most=most) or usual


def number_of(given: dict[str, list[str]], name: str, *, least: int, most: int) -> int | None:
    """Raises: InputInvalid for anything but a whole number within the bounds."""
    text = last(given, name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text) or not least <= int(text) <= most:
        raise wrong(name, f"{name} is a whole number from {least:,} to {most:,}.")
    return int(text)


def known(given: dict[str, list[str]], name: str, among: tuple[str, ...]) -> tuple[str, ...]:
    """All values of this name. Raises: InputInvalid for one that is not among these."""
    values = tuple(given.get(name, ()))
    if any(one not in among for one in values):
        raise wrong(name, f"{name} is one of {', '.join(among)}.")
    return values


def wrong(path: str, sentence: str) -> InputInvalid:
    return InputInvalid(f"{sentence} {NOTHING}", errors=(Problem(path, sentence),))


def _read(sent: bytes) -> dict[str, Any]:
    """The object in it, which a database can keep. Raises: InputInvalid."""
    try:
        body = read_strictly(sent.decode() or "null")
    except UnicodeDecodeError:
        raise wrong("body", "The body is not valid JSON: it is not UTF-8.") from None
    except JsonUnreadable as fault:
        raise wrong("body", f"The body is not valid JSON: {fault}.") from None
    if not isinstance(body, dict):
        raise wrong("body", 'The body must be an object, such as {"input": {}}.')
    if unstorable := find_unstorable(body):
        raise wrong(unstorable.path, f"{unstorable.path} {unstorable.message}")
    return body


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise wrong(name, f"{name} must be an object.")
    return value


def _whole(options: dict[str, Any], name: str) -> int | None:
    value, (least, most) = options.get(name), NUMBERS[name]
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise wrong(f"options.{name}", f"{name} is a whole number from {least:,} to {most:,}.")
    return value


def _truth(options: dict[str, Any], name: str) -> bool:
    value = options.get(name, False)
    if not isinstance(value, bool):
        raise wrong(f"options.{name}", f"{name} is true or false.")
    return value


def _version(options: dict[str, Any]) -> str | None:
    value = options.get("version")
    if value is None:
        return None
    if not isinstance(value, str) or not VERSION.fullmatch(value):
        raise wrong("options.version", "version is a number such as 2.3.1. Leave it out for the one that is stable.")
    return value


def _quoted(name: str) -> str:
    return f"“{name[:60]}”"
