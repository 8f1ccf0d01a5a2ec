"""What a bundle contains, for whoever reviews it: every file by name, text as it is or as it changed."""

import difflib
import hashlib
from dataclasses import dataclass
from typing import IO

from agent_platform.core import objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.agents import AgentVersion
from agent_platform.services.agents._archive import Archive, Entry, open_archive
from agent_platform.services.agents.errors import BundleRefused

MOST_FILE_BYTES = 64 * 1024
MOST_SHOWN_BYTES = 512 * 1024
MANIFEST = "agent.yaml"
NOT_SHOWN = "(not shown: {0})"


@dataclass(frozen=True)
class SourceFile:
    """`mark` is new, changed, gone or same. `text` is the whole file if new, the difference if changed, else empty."""

    path: str
    bytes: int
    mark: str
    text: str


@dataclass(frozen=True)
class Content:
    """`sha256` is of the whole file, `start` is as much of it as may be shown."""

    size_bytes: int
    sha256: str
    start: bytes


def source_files(session: TenantSession, *, version: AgentVersion, earlier: AgentVersion | None) -> list[SourceFile]:
    """The manifest first, then by path; against the earlier version where there is one."""
    now = _contents(session, version)
    before = _contents(session, earlier) if earlier else {}
    left = MOST_SHOWN_BYTES
    files = []
    for path in sorted({*now, *before}, key=lambda name: (name != MANIFEST, name)):
        file = _file(path, now.get(path), before.get(path))
        if len(file.text) > left:
            file = SourceFile(file.path, file.bytes, file.mark, NOT_SHOWN.format("the files before fill this page"))
        left -= len(file.text)
        files.append(file)
    return files


def read_sample(bundle: IO[bytes], path: str) -> bytes:
    """The bytes of one file of a bundle, as a test is given it. Raises: BundleRefused."""
    with open_archive(bundle) as archive:
        entry = archive.find(path)
        if entry is None:
            raise BundleRefused(f'The bundle holds no "{path[:80]}".')
        return b"".join(archive.chunks(entry))


def _contents(session: TenantSession, version: AgentVersion) -> dict[str, Content]:
    folder = objects.tenant_folder(session.tenant_id)
    with objects.open_object(folder, version.digest) as stream, open_archive(stream) as archive:
        return {entry.path: _content(archive, entry) for entry in archive.entries}


def _content(archive: Archive, entry: Entry) -> Content:
    digest, size, start = hashlib.sha256(), 0, b""
    for chunk in archive.chunks(entry):
        digest.update(chunk)
        size += len(chunk)
        start += chunk[: MOST_FILE_BYTES - len(start)]
    return Content(size, digest.hexdigest(), start)


def _file(path: str, now: Content | None, before: Content | None) -> SourceFile:
    if now is None:
        return SourceFile(path, 0, "gone", "")
    if now == before:
        return SourceFile(path, now.size_bytes, "same", "")
    text = _text(now)
    if before is None:
        return SourceFile(path, now.size_bytes, "new", text)
    lines = difflib.unified_diff(_text(before).splitlines(), text.splitlines(), "before", "now", lineterm="")
    return SourceFile(
        path, now.size_bytes, "changed", "\n".join(lines) or NOT_SHOWN.format("it cannot be compared as text")
    )


def _text(content: Content) -> str:
    if content.size_bytes > MOST_FILE_BYTES:
        return NOT_SHOWN.format(f"more than {MOST_FILE_BYTES // 1024} KB")
    try:
        return content.start.decode("utf-8")
    except UnicodeDecodeError:
        return NOT_SHOWN.format("not text")
