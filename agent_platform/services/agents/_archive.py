"""A zip from outside, judged before and while it is read. Source: PKWARE APPNOTE.TXT 6.3.10; security specification, section 9.

Sizes in its headers are claims: only bytes that were really unpacked count. Nothing is written under a name from inside.
"""

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from agent_platform.services.agents.errors import BundleRefused, BundleTooLarge

MIB = 1024 * 1024
MOST_PACKED_BYTES = 100 * MIB
MOST_UNPACKED_BYTES = 500 * MIB
MOST_ENTRIES = 10_000
MOST_RATIO = 100
HARMLESS_BYTES = MIB  # a small text of one repeated line is no bomb
MOST_DIRECTORY_BYTES = 4 * MIB
MOST_NAME_BYTES, MOST_LEVELS = 240, 20
CHUNK = 256 * 1024
END, ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
END_BYTES, LOCATOR_BYTES, MOST_COMMENT = 22, 20, 65_535
ENCRYPTED = 0x1 | 0x40 | 0x2000
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))})
IGNORED_FOLDERS = frozenset({"__MACOSX", "__pycache__", ".git"})
IGNORED_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
NOTHING = "Nothing was stored."
DAMAGED = f"The zip is damaged: {{0}} cannot be unpacked. Pack it again. {NOTHING}"


@dataclass(frozen=True)
class Entry:
    """A file inside the archive; `path` is plain, relative and below the bundle's root."""

    path: str
    info: zipfile.ZipInfo

    @property
    def is_executable(self) -> bool:
        return bool((self.info.external_attr >> 16) & 0o111)


class Archive:
    """The files of a zip whose names were all found harmless. Read each once: the bytes are counted together."""

    def __init__(self, opened: zipfile.ZipFile, packed_bytes: int) -> None:
        self._zip = opened
        self._packed_bytes = packed_bytes
        self.unpacked_bytes = 0
        self.entries = _without_wrapper(_checked_entries(opened.infolist()))

    def find(self, path: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.path == path), None)

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """Raises: BundleRefused, BundleTooLarge as soon as a limit is passed."""
        try:
            with self._zip.open(entry.info) as stream:
                while chunk := stream.read(CHUNK):
                    self._count(len(chunk))
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            RuntimeError,
            ValueError,
        ) as error:
            raise BundleRefused(DAMAGED.format(_shown(entry.path))) from error

    def _count(self, size: int) -> None:
        self.unpacked_bytes += size
        if self.unpacked_bytes > MOST_UNPACKED_BYTES:
            raise BundleTooLarge(
                f"The zip unpacks to more than {MOST_UNPACKED_BYTES // MIB} MiB. Leave out what the agent does not need. {NOTHING}"
            )
        if self.unpacked_bytes > max(MOST_RATIO * self._packed_bytes, HARMLESS_BYTES):
            raise BundleRefused(
                f"The zip unpacks to more than {MOST_RATIO} times its size, like a bomb. Leave out what is only repeated. {NOTHING}"
            )


@contextmanager
def open_archive(stream: IO[bytes]) -> Iterator[Archive]:
    """Raises: BundleRefused, BundleTooLarge before anything inside is unpacked."""
    packed_bytes = stream.seek(0, 2)
    if packed_bytes > MOST_PACKED_BYTES:
        raise BundleTooLarge(f"The zip is larger than {MOST_PACKED_BYTES // MIB} MiB. {NOTHING}")
    _refuse_large_directory(stream, packed_bytes)
    stream.seek(0)
    try:
        opened = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, OSError, UnicodeError, ValueError, struct.error) as error:
        raise BundleRefused(f"The zip is damaged: its directory cannot be read. Pack it again. {NOTHING}") from error
    with opened:
        yield Archive(opened, packed_bytes)


def _refuse_large_directory(stream: IO[bytes], packed_bytes: int) -> None:
    """Looks at the end record alone: a directory of a million names would fill the memory before it could be counted."""
    tail_bytes = min(packed_bytes, END_BYTES + MOST_COMMENT + LOCATOR_BYTES)
    stream.seek(packed_bytes - tail_bytes)
    tail = stream.read(tail_bytes)
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_BYTES:
        raise BundleRefused(f"This is not a zip. Pack the folder that holds agent.yaml as a zip. {NOTHING}")
    _, _, _, count, directory_bytes, _, _ = struct.unpack_from("<4H2LH", tail, at + 4)
    is_zip64 = tail[max(0, at - LOCATOR_BYTES) : at].startswith(ZIP64_LOCATOR)
    if is_zip64 or count > MOST_ENTRIES or directory_bytes > MOST_DIRECTORY_BYTES:
        raise BundleTooLarge(f"The zip has more than {MOST_ENTRIES:,} entries, or is in the ZIP64 format. {NOTHING}")


def _checked_entries(infos: list[zipfile.ZipInfo]) -> list[Entry]:
    if len(infos) > MOST_ENTRIES:
        raise BundleTooLarge(f"The zip has more than {MOST_ENTRIES:,} entries. {NOTHING}")
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    entries = []
    for info in infos:
        _refuse_kind(info)
        path = _plain_path(info)
        parts = path.split("/")
        for depth in range(1, len(parts) + info.is_dir()):
            _claim(folders, files, "/".join(parts[:depth]), may_repeat=True)
        if not info.is_dir():
            _claim(files, folders, path, may_repeat=False)
            if not IGNORED_FOLDERS.intersection(parts[:-1]) and parts[-1] not in IGNORED_FILES:
                entries.append(Entry(path, info))
    return entries


def _refuse_kind(info: zipfile.ZipInfo) -> None:
    name = _shown(info.orig_filename)
    if not info.filename:
        raise BundleRefused(f"The zip holds a file without a name. Pack it again. {NOTHING}")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR} or (kind == stat.S_IFDIR) > info.is_dir():
        raise BundleRefused(
            f"{name} is a link or device. Only files and folders are allowed: pack the file itself. {NOTHING}"
        )
    if info.flag_bits & ENCRYPTED:
        raise BundleRefused(f"{name} is encrypted. Pack the zip without a password. {NOTHING}")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise BundleRefused(f"{name} is packed in an unusual way. Pack the zip with ordinary compression. {NOTHING}")


def _plain_path(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    path = name.removesuffix("/") if info.is_dir() else name
    parts = path.split("/")
    reason = None
    if "\0" in name or not name.isprintable():
        reason = "holds invisible characters"
    elif "\\" in name:
        reason = "holds a backslash; separate folders with /"
    elif name.startswith("/") or ":" in name:
        reason = "is not relative to the folder of agent.yaml"
    elif any(part in {"", ".", ".."} for part in parts):
        reason = "leads out of the folder of agent.yaml"
    elif any(part.split(".")[0].strip().lower() in RESERVED or part != part.rstrip(" .") for part in parts):
        reason = "is a name that some systems reserve"
    elif len(path.encode()) > MOST_NAME_BYTES or len(parts) > MOST_LEVELS:
        reason = f"is longer than {MOST_NAME_BYTES} bytes or deeper than {MOST_LEVELS} folders"
    if reason:
        raise BundleRefused(f"The name {_shown(name)} {reason}. Rename it and pack again. {NOTHING}")
    return path


def _claim(mine: dict[str, str], others: dict[str, str], path: str, *, may_repeat: bool) -> None:
    """Two names that some file systems take for one are refused, and so is a file that is a folder too."""
    key = unicodedata.normalize("NFC", path).casefold()
    before = mine.get(key) or others.get(key)
    if before is not None and (key in others or not may_repeat or before != path):
        raise BundleRefused(f"{_shown(before)} and {_shown(path)} would be the same file. Rename one. {NOTHING}")
    mine[key] = path


def _without_wrapper(entries: list[Entry]) -> list[Entry]:
    """A folder around everything, as many tools make it, is taken off."""
    tops = {entry.path.split("/")[0] for entry in entries}
    wrapped = len(tops) == 1 and all("/" in entry.path for entry in entries)
    if not wrapped:
        return entries
    return [Entry(entry.path.split("/", 1)[1], entry.info) for entry in entries]


def _shown(name: str) -> str:
    """A name from outside as one short printable word in quotes."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
    return f'"{plain if len(plain) <= 80 else plain[:77] + "..."}"'
