"""Collects every wrong place of a manifest instead of stopping at the first."""

import difflib
import re
from collections.abc import Collection, Iterable
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.core.money import parse_usd

MOST_PROBLEMS = 100
# Letters that hide or reorder text: control, zero-width, bidirectional. Source: security specification, section 9.
INVISIBLE = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Findings:
    """The problems found so far, in reading order."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._unread: set[str] = set()

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    def add(self, path: str, message: str) -> None:
        if len(self._problems) < MOST_PROBLEMS and path not in self._unread:
            self._problems.append(Problem(path, message))

    def add_unread(self, path: str, message: str) -> None:
        """As `add`, for a value that could not be read: nothing more is said about what stands in its place."""
        self.add(path, message)
        self._unread.add(path)

    def add_all(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem.path, problem.message)


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean "x"?`, or the list of what is known."""
    known = list(known)
    close = meant(word, known)
    return f'did you mean "{close}"?' if close else f"the known ones are {', '.join(known)}."


def meant(word: str, known: Iterable[str]) -> str:
    """The known word that is written nearly so, or nothing."""
    close = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return close[0] if close else ""


def kind_of(value: Any) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}
    return names.get(type(value), "nothing")


class Section:
    """One mapping of the manifest. Each reader returns a usable value and notes what is wrong."""

    def __init__(self, findings: Findings, path: str, value: Any, *, keys: Collection[str]) -> None:
        self.findings = findings
        self.path = path
        if value is not None and not isinstance(value, dict):
            findings.add(path, f"This is {kind_of(value)}; write a mapping with the keys {', '.join(keys)}.")
        self.values: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
        for key, its in list(self.values.items()):
            if key not in keys:
                findings.add(self.at(key), f'There is no key "{key}" here; {nearest(key, keys)}')
                if (right := meant(key, keys)) and right not in self.values:
                    self.values[right] = its  # what stands beneath it is checked now, not only after the next upload

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def note(self, key: str, message: str) -> None:
        self.findings.add(self.at(key), message)

    def has(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str, fix: str, *, required: bool = True, pattern: str | None = None, most: int = 0) -> str:
        """`fix` completes the sentence: what to write."""
        value = self.values.get(key)
        if value is None:
            if required:
                self.note(key, f"This is missing; {fix}")
            return ""
        if not isinstance(value, str):
            self.note(key, f"This is {kind_of(value)}; {fix}")
            return ""
        if pattern and not re.fullmatch(pattern, value):
            self.note(key, f'"{value[:60]}" does not fit; {fix}')
        elif most and len(value) > most:
            self.note(key, f"This has {len(value)} characters; at most {most} are allowed.")
        elif INVISIBLE.search(value):
            self.note(key, "This holds invisible characters; type the text again without them.")
        elif required and not value.strip():
            self.note(key, f"This is empty; {fix}")
        return value

    def choice(self, key: str, options: Collection[str], *, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value is None:
            self.note(key, f"This is missing; choose one of {', '.join(options)}.")
        elif not isinstance(value, str):
            self.note(key, f"This is {kind_of(value)}; choose one of {', '.join(options)}.")
        elif value not in options:
            self.note(key, f'"{value[:60]}" is not a choice; {nearest(value, options)}')
        else:
            return value
        return default or next(iter(options))

    def number(self, key: str, default: float, *, low: float, high: float, whole: bool = True) -> float:
        value = self.values.get(key, default)
        good = isinstance(value, int) if whole else isinstance(value, int | float)
        if good and not isinstance(value, bool) and low <= value <= high:
            return value
        what = "a whole number" if whole else "a number"
        self.note(key, f"Write {what} from {low:,} to {high:,}.")
        return default

    def boolean(self, key: str, *, default: bool = False) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            self.note(key, f"This is {kind_of(value)}; write true or false.")
            return default
        return value

    def money(self, key: str, *, required: bool = True) -> int | None:
        """Micro-USD of a decimal string."""
        value = self.values.get(key)
        if value is None:
            if required:
                self.note(key, 'This is missing; write dollars as a string, such as "0.002".')
            return None
        if not isinstance(value, str):
            self.note(key, 'Write the amount as a string in quotes, such as "0.002".')
            return None
        try:
            return parse_usd(value)
        except ValueError as error:
            sentence = str(error)
            self.note(key, f'{sentence[0].upper()}{sentence[1:]}; write dollars as a string, such as "0.002".')
            return None

    def listing(self, key: str, *, most: int) -> list[Any]:
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(key, f"This is {kind_of(value)}; write a list, such as [a, b].")
            return []
        if len(value) > most:
            self.note(key, f"This has {len(value)} entries; at most {most} are allowed.")
        return value[:most]

    def texts(self, key: str, fix: str, *, pattern: str, most: int) -> tuple[str, ...]:
        """A list of distinct short texts that all match `pattern`."""
        found: list[str] = []
        for number, value in enumerate(self.listing(key, most=most)):
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                self.note(f"{key}[{number}]", f'"{str(value)[:60]}" does not fit; {fix}')
            elif value in found:
                self.note(f"{key}[{number}]", f'"{value}" is listed twice; remove one.')
            else:
                found.append(value)
        return tuple(found)

    def mapping(self, key: str, *, most: int) -> dict[str, Any]:
        value = self.values.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.note(key, f"This is {kind_of(value)}; write a mapping, such as {{name: value}}.")
            return {}
        if len(value) > most:
            self.note(key, f"This has {len(value)} entries; at most {most} are allowed.")
        return dict(list(value.items())[:most])
