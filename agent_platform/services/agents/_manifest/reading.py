"""YAML as plain JSON values: the small, safe part of it, read without recursion.

Only scalars, lists and mappings with text keys; no anchors, tags or merge keys, so nothing can grow or be constructed.
Plain words follow YAML 1.2 (`no` is text, `true` is not). Source: https://yaml.org/spec/1.2.2/#103-core-schema.
"""

import re
from typing import Any

import yaml

from agent_platform.services.agents._manifest.checks import Findings

MOST_BYTES = 256 * 1024
MOST_DEPTH = 24
MOST_VALUES = 20_000
LARGEST_WHOLE = 2**53
WORDS = {"": None, "~": None} | {
    spelling: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelling in (word, word.capitalize(), word.upper())
}
WHOLE = re.compile(r"[-+]?[0-9]+")
FRACTION = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF|nan|NaN|NAN)")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):
    """The text is no YAML we read: one sentence, nothing more can be checked."""


def read_yaml(text: str, findings: Findings) -> Any:
    """The value of the one document. Wrong places that do not hide the rest are noted. Raises: Unreadable."""
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise Unreadable(f"The file has {size // 1024} KiB; at most {MOST_BYTES // 1024} KiB are allowed.")
    tree = _Tree(findings)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            tree.take(event)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_syntax_sentence(error)) from None
    except (yaml.YAMLError, UnicodeError):
        raise Unreadable("The file holds characters that YAML does not allow; save it as plain UTF-8 text.") from None
    return tree.value


def _syntax_sentence(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{place}this is not valid YAML ({error.problem or error.context}); check indentation, colons and quotes."


class _Open:
    """A list or mapping that is being filled. `key` is the key whose value comes next."""

    def __init__(self, value: list[Any] | dict[str, Any], path: str) -> None:
        self.value = value
        self.path = path
        self.key: str | None = None

    @property
    def next_path(self) -> str:
        if isinstance(self.value, list):
            return f"{self.path}[{len(self.value)}]"
        return f"{self.path}.{self.key}" if self.path else str(self.key)


class _Tree:
    """Grows one value from parser events."""

    def __init__(self, findings: Findings) -> None:
        self.value: Any = None
        self._findings = findings
        self._open: list[_Open] = []
        self._values = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise Unreadable(f"{_line(event)} a second document begins; write one document without ---.")
            case yaml.AliasEvent():
                raise Unreadable(f"{_line(event)} *{event.anchor} is an alias; write the value out instead.")
            case yaml.ScalarEvent():
                self._refuse_marks(event)
                self._put(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._refuse_marks(event)
                self._begin(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()

    def _refuse_marks(self, event: yaml.NodeEvent) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise Unreadable(f"The file holds more than {MOST_VALUES:,} values; make it shorter.")
        if event.anchor is not None:
            raise Unreadable(f"{_line(event)} &{event.anchor} is an anchor; write the value out where it is used.")
        tag = getattr(event, "tag", None)
        if tag not in {None, "!", "tag:yaml.org,2002:str"}:
            raise Unreadable(f"{_line(event)} {tag} is a tag; tags are not allowed, remove it.")

    def _begin(self, event: yaml.Event) -> None:
        if len(self._open) >= MOST_DEPTH:
            raise Unreadable(f"{_line(event)} the nesting is deeper than {MOST_DEPTH} levels; make it flatter.")
        fresh: list[Any] | dict[str, Any] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        path = self._open[-1].next_path if self._open else ""
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            raise Unreadable(f"{_line(event)} a key must be plain text, not a list or mapping.")
        self._add(fresh)
        self._open.append(_Open(fresh, path))

    def _put(self, event: yaml.ScalarEvent) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._name(top, event)
        else:
            self._add(self._scalar(event, top.next_path if top else ""))

    def _name(self, top: _Open, event: yaml.ScalarEvent) -> None:
        top.key = UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", event.value)
        if top.key in top.value:
            line = event.start_mark.line + 1
            self._findings.add(top.next_path, f"Line {line} names this key a second time; remove one of the two.")

    def _add(self, value: Any) -> None:
        if not self._open:
            self.value = value
            return
        top = self._open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        else:
            top.value.setdefault(str(top.key), value)
            top.key = None

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> Any:
        text = event.value
        if UNSTORABLE.search(text):
            self._findings.add(path, "This holds characters that cannot be stored; type the text again without them.")
            return UNSTORABLE.sub("", text)
        if not event.implicit[0]:  # quoted, or tagged as text
            return text
        if text in WORDS:
            return WORDS[text]
        if WHOLE.fullmatch(text) and len(text) <= 17 and abs(int(text)) <= LARGEST_WHOLE:
            return int(text)
        if FRACTION.fullmatch(text) or NOT_A_NUMBER.fullmatch(text):
            return self._fraction(text, path)
        return text

    def _fraction(self, text: str, path: str) -> float:
        if NOT_A_NUMBER.fullmatch(text):
            self._findings.add_unread(path, f"{text} is no number that can be used here; write one in digits.")
            return 0.0
        value = float(text)
        if abs(value) > LARGEST_WHOLE:
            self._findings.add_unread(path, f"{text[:30]} is too large a number; write it as a string in quotes.")
            return 0.0
        return value


def _line(event: yaml.Event) -> str:
    return f"Line {event.start_mark.line + 1}:"
