"""The entries of a zip or tar, read in order without unpacking: whatever the archive claims, bounded in number, bytes and depth.

Source: APPNOTE 6.3.10 sections 4.3.15 and 4.3.16 (zip), POSIX.1-2017 pax (tar).
"""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

MOST_ENTRIES = 50_000
MOST_DIRECTORY_BYTES = 8 * 1024 * 1024
MOST_UNPACKED_BYTES = 500 * 1024 * 1024
MOST_FILE_BYTES = 2 * 1024 * 1024
MOST_HEADER_BYTES = 1024 * 1024
MOST_PATH = 1_000
MOST_DEPTH = 60
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
END_OF_DIRECTORY = b"PK\x05\x06"
END_BYTES, MOST_COMMENT = 22, 65_535
LOCATOR, LOCATOR_BYTES = b"PK\x06\x07", 20
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError, ValueError, struct.error, OverflowError)
LONG_HEADERS = frozenset({tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE})


class Unreadable(Exception):
    """The file cannot be read as an archive; the text says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """`content` is the beginning of the file; `bytes` what the archive says of its size."""

    path: str
    bytes: int
    content: bytes


class Archive:
    """`entries` can be walked once; `refused` counts what was passed over as unsafe."""

    def __init__(self, entries: Iterator[tuple[str, int, Any]]) -> None:
        self.refused = 0
        self._entries = entries

    def walk(self) -> Iterator[Entry]:
        """Raises: Unreadable."""
        number = unpacked = 0
        try:
            for name, size, read in self._entries:
                number += 1
                if number > MOST_ENTRIES:
                    raise Unreadable(f"The archive has more than {MOST_ENTRIES:,} entries. Leave out what is not source, such as node_modules.")
                path = plain_path(name)
                if path is None or read is None:
                    self.refused += 1
                    continue
                content = read(MOST_FILE_BYTES)
                unpacked += len(content)
                if unpacked > MOST_UNPACKED_BYTES:
                    raise Unreadable(_too_much())
                yield Entry(path, max(size, len(content)), content)
        except (*DAMAGED, RecursionError) as error:
            raise Unreadable(f"The archive is damaged: {str(error)[:200]}. Pack it again and upload the new copy.") from error
        except RuntimeError as error:  # zipfile's word for a password
            raise Unreadable("The archive is protected by a password. Pack it again without.") from error


@contextmanager
def open_archive(source: BinaryIO) -> Iterator[Archive]:
    """The archive in `source`, told apart by its first bytes. Raises: Unreadable."""
    head = source.read(512)
    source.seek(0)
    if head[:4] in {b"PK\x03\x04", END_OF_DIRECTORY}:
        yield Archive(_zip_entries(source))
    elif head[:2] == b"\x1f\x8b":
        yield Archive(_tar_entries(_Bounded(gzip.GzipFile(fileobj=source, mode="rb"))))
    elif head[257:262] == b"ustar":
        yield Archive(_tar_entries(_Bounded(source)))
    elif not head:
        raise Unreadable("The file is empty. Give a zip or tar.gz of a repository.")
    else:
        raise Unreadable("The file is no archive that is read here. Give a zip, tar or tar.gz of a repository.")


def plain_path(name: str) -> str | None:
    """The path within the archive; None for one that is absolute, leads out of it, or is made to confuse."""
    path = name.encode("utf-8", "replace").decode().replace("\\", "/")
    if not path or len(path) > MOST_PATH or path.startswith("/") or path[1:2] == ":" or not path.isprintable():
        return None
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return None if not parts or ".." in parts or len(parts) > MOST_DEPTH else "/".join(parts)


def _zip_entries(source: BinaryIO) -> Iterator[tuple[str, int, Any]]:
    _check_directory(source)
    with zipfile.ZipFile(source) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.compress_type not in METHODS:
                raise Unreadable("The zip is packed by a method that is not read here. Pack it again with deflate, as zip does by itself.")
            kind = (info.external_attr >> 16) & 0o170000
            is_plain = kind in {0, 0o100000}
            yield info.filename, info.file_size, (lambda most, info=info: _read_zipped(archive, info, most)) if is_plain else None


def _read_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as file:
        return file.read(most)


def _check_directory(source: BinaryIO) -> None:
    """The directory at the end of a zip is read whole into memory, so its size is looked at first. Raises: Unreadable."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(0, size - LOCATOR_BYTES - END_BYTES - MOST_COMMENT))
    tail = source.read()
    at = tail.rfind(END_OF_DIRECTORY)
    source.seek(0)
    if at < 0 or at + END_BYTES > len(tail):
        raise Unreadable("The zip has no end: the upload broke off, or it is damaged. Pack it again.")
    if tail[:at][-LOCATOR_BYTES:].startswith(LOCATOR):  # another directory counts then, of any size
        raise Unreadable("The zip is of the kind for very large archives (ZIP64), which is not read here. Leave out what is not source, or give a tar.gz.")
    entries, directory_bytes = struct.unpack_from("<HL", tail, at + 10)
    if entries == 0xFFFF or directory_bytes > MOST_DIRECTORY_BYTES:
        raise Unreadable(f"The archive has more than {MOST_ENTRIES:,} entries. Leave out what is not source, such as node_modules.")


class _Header(tarfile.TarInfo):
    """A tar entry whose long names and extended headers cannot fill the memory."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in LONG_HEADERS and self.size > MOST_HEADER_BYTES:
            raise tarfile.ReadError("a header of it is larger than any path")
        return super()._proc_member(tar)  # type: ignore[misc]


def _tar_entries(source: Any) -> Iterator[tuple[str, int, Any]]:
    with tarfile.open(fileobj=source, mode="r|", tarinfo=_Header) as archive:
        while (member := archive.next()) is not None:
            archive.members = []  # it would keep every entry
            if member.isdir():
                continue
            yield member.name, member.size, (lambda most, member=member: _read_packed(archive, member, most)) if member.isreg() else None


def _read_packed(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int) -> bytes:
    file = archive.extractfile(member)
    return file.read(min(most, member.size)) if file else b""


class _Bounded:
    """A stream that ends with an error when more comes out of it than a repository has."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._left = MOST_UNPACKED_BYTES

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise Unreadable(_too_much())
        return piece


def _too_much() -> str:
    return f"The archive unpacks to more than {MOST_UNPACKED_BYTES // 1_048_576} MiB. Leave out what is not source."
