"""How bad a line is: fatal, error, warn, info, debug or unknown."""

import re

ORDER = ("fatal", "error", "warn", "unknown", "info", "debug")
SEVERITY = {level: place for place, level in enumerate(ORDER)}
WORDS = {
    "emerg": "fatal", "emergency": "fatal", "alert": "fatal", "fatal": "fatal", "panic": "fatal", "crit": "fatal", "critical": "fatal",
    "error": "error", "err": "error", "severe": "error", "fail": "error",
    "warn": "warn", "warning": "warn",
    "info": "info", "information": "info", "notice": "info", "log": "info",
    "debug": "debug", "trace": "debug", "verbose": "debug", "fine": "debug",
}  # fmt: skip
KLOG = {"I": "info", "W": "warn", "E": "error", "F": "fatal"}
NAMES = "|".join(sorted(WORDS, key=len, reverse=True))
CAPITALS = re.compile(rf"(?<![A-Za-z0-9_.-])({NAMES.upper()})(?![A-Za-z0-9_.])")
MARKED = re.compile(
    rf"\[(?:\w+:)?({NAMES})\]|(?:^|\s)(?:level|lvl|severity)[=:]\"?({NAMES})\b|^(?:\S+ )?({NAMES}):", re.IGNORECASE
)
LEADING = re.compile(rf"[\[(<]?(?:{NAMES.upper()})[\])>]?[:\s]+")
LOOK_CHARACTERS = 160

ERROR_WORDS = re.compile(
    r"\b(?:exception|traceback|fatal|panic|segfault|out of memory|oom-kill\w*|core dumped)\b|\w(?:Error|Exception)\b"
)
WARN_WORDS = re.compile(
    r"\b(?:fail(?:ed|ure|s)?|refused|denied|timed? ?out|unreachable|rejected|invalid|unable to)\b", re.IGNORECASE
)


def read_level(message: str) -> str:
    """The level a line says it has, else a guess from its words, else `unknown`."""
    head = message[:LOOK_CHARACTERS]
    if found := CAPITALS.search(head) or MARKED.search(head):
        word = next(group for group in found.groups() if group)
        return WORDS[word.lower()]
    return guess_level(message)


def without_level(message: str) -> str:
    """The message without the level it begins with; the level has a column of its own."""
    found = LEADING.match(message)
    return message[found.end() :] or message if found else message


def guess_level(message: str) -> str:
    if ERROR_WORDS.search(message):
        return "error"
    return "warn" if WARN_WORDS.search(message) else "unknown"


def level_of_value(value: object) -> str:
    """The level in a field: a word, or a number as pino and bunyan write it (30 info, 50 error)."""
    if isinstance(value, str):
        return WORDS.get(value.strip().lower(), "unknown")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (
            "fatal"
            if value >= 60
            else "error"
            if value >= 50
            else "warn"
            if value >= 40
            else "info"
            if value >= 30
            else "debug"
        )
    return "unknown"


def level_of_status(status: int) -> str:
    return "error" if status >= 500 else "warn" if status >= 400 else "info"
