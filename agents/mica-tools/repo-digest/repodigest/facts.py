"""Everything about the repository that the digest tells, gathered in one walk."""

import fnmatch
import re
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from repodigest.archive import Archive, Entry
from repodigest.languages import language_of, role_of
from repodigest.licences import declared_licence, is_licence_file, licence_of
from repodigest.manifests import Dependencies, read_dependencies

MOST_KEPT_BYTES = 96 * 1024 * 1024
MOST_KEPT_FILE = 256 * 1024
MOST_TODOS = 100
MOST_TODO_CHARACTERS = 160
TELL_EVERY = 500
MOST_NOTES = 10
TODO = re.compile(r"(?:#|//|/\*|--|<!--|;|\*|%)\s{0,10}(TODO|FIXME|HACK|XXX)\b[:( ]?(.{0,200})")
SHEBANG_OR_MAIN = re.compile(r"\A#!|^if __name__ == ['\"]__main__['\"]|^func main\(\)|^fn main\(\)|public static void main\(", re.MULTILINE)
KEPT_ROLES = frozenset({"readme", "manifest", "entry", "source", "test", "document", "data"})


@dataclass
class File:
    """`text` is kept for files that may go into the digest, else None."""

    path: str
    language: str
    role: str
    bytes: int
    lines: int = 0
    tokens: int = 0
    todos: int = 0
    is_entry: bool = False
    text: str | None = field(default=None, repr=False)

    def item(self, included: bool) -> dict[str, Any]:
        return {
            "path": self.path,
            "language": self.language,
            "role": self.role,
            "lines": self.lines,
            "bytes": self.bytes,
            "tokens": self.tokens,
            "todos": self.todos,
            "included": included,
        }


@dataclass
class Facts:
    """`todos` are (path, line, text), the first hundred; `root` is the one folder around everything, taken off."""

    root: str = ""
    files: list[File] = field(default_factory=list)
    manifests: list[Dependencies] = field(default_factory=list)
    todos: list[tuple[str, int, str]] = field(default_factory=list)
    licence: str = ""
    refused: int = 0
    left_out: int = 0
    notes: list[str] = field(default_factory=list)


def gather(archive: Archive, leave_out: list[str], *, tell: Callable[[int], None]) -> Facts:
    """Raises: Unreadable."""
    facts = Facts()
    roots: set[str] = set()
    kept = 0
    declared: deque[tuple[int, str]] = deque(maxlen=1)
    for entry in archive.walk():
        root, slash, inner = entry.path.partition("/")
        roots.add(root if slash else "")
        if _is_left_out(entry.path, leave_out) or _is_left_out(inner, leave_out):
            facts.left_out += 1
            continue
        file, text = _read(entry, facts)
        if file.role in KEPT_ROLES and text is not None and len(text) <= MOST_KEPT_FILE and kept <= MOST_KEPT_BYTES:
            file.text = text
            kept += sys.getsizeof(text)
        facts.files.append(file)
        if text is not None:
            _note(facts, file, text, declared)
        if len(facts.files) % TELL_EVERY == 0:
            tell(len(facts.files))
    facts.refused = archive.refused
    if len(roots) == 1 and "" not in roots:
        _take_root_off(facts, roots.pop())
    facts.licence = facts.licence or (declared[0][1] if declared else "")
    if facts.refused:
        facts.notes.append(f"{facts.refused:,} entries were passed over: links, devices, or paths that lead out of the archive.")
    return facts


def _is_left_out(path: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def _read(entry: Entry, facts: Facts) -> tuple[File, str | None]:
    language = language_of(entry.path)
    text = _text(entry.content)
    file = File(entry.path, language, role_of(entry.path, language, is_text=text is not None), entry.bytes)
    if text is not None:
        file.lines = text.count("\n") + (not text.endswith("\n") and text != "")
        file.tokens = -(-max(len(text), entry.bytes if entry.bytes > len(entry.content) else 0) // 4)
        if entry.bytes > len(entry.content) and len(facts.notes) < MOST_NOTES:
            facts.notes.append(f"{entry.path[:120]} is large; only its beginning was read.")
    return file, text


def _text(content: bytes) -> str | None:
    """None for what is no text."""
    if b"\x00" in content[:8192]:
        return None
    text = content.decode("utf-8", "replace")
    return None if text.count("\ufffd") * 10 > len(text) else text


def _note(facts: Facts, file: File, text: str, declared: deque[tuple[int, str]]) -> None:
    """`declared` holds the depth and licence of the manifest nearest the top."""
    if file.role in {"source", "entry", "test"}:
        _note_todos(facts, file, text)
        file.is_entry = file.role == "entry" or (file.role == "source" and SHEBANG_OR_MAIN.search(text) is not None)
    if file.role == "manifest":
        found = read_dependencies(file.path, text)
        facts.manifests += [found] if found else []
        depth = file.path.count("/")
        if (licence := declared_licence(file.path, text)) and (not declared or depth < declared[0][0]):
            declared.append((depth, licence))
    if not facts.licence and is_licence_file(file.path) and file.role != "generated":
        facts.licence = licence_of(text)


def _note_todos(facts: Facts, file: File, text: str) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        found = TODO.search(line[:2_000])
        if found:
            file.todos += 1
            if len(facts.todos) < MOST_TODOS:
                facts.todos.append((file.path, number, f"{found[1]} {found[2].strip(' :')}"[:MOST_TODO_CHARACTERS]))


def _take_root_off(facts: Facts, root: str) -> None:
    facts.root = root
    for file in facts.files:
        file.path = file.path[len(root) + 1 :]
    for one in facts.manifests:
        one.path = one.path[len(root) + 1 :]
    facts.todos = [(path[len(root) + 1 :], line, text) for path, line, text in facts.todos]
