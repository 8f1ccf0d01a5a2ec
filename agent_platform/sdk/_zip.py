"""Reads a zip archive with zlib alone: the standard zipfile module would double the start of every sandbox.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.16. No ZIP64, no encryption, no spanning.
"""

from __future__ import annotations

import struct
import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

END, CENTRAL, LOCAL = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
END_BYTES, CENTRAL_BYTES, LOCAL_BYTES, MAX_COMMENT = 22, 46, 30, 65_535
STORED, DEFLATED = 0, 8
ENCRYPTED_FLAG = 0x1
COPY_BYTES = 256 * 1024


class BadZip(ValueError):
    """Not an archive, or not one that this reader takes."""


class Entry:
    """One name of the central directory; `mode` holds the Unix type and permission bits, 0 when unknown."""

    __slots__ = ("crc", "encrypted", "method", "mode", "name", "offset", "packed", "size")

    def __init__(self, fields: tuple[int, ...], name: str) -> None:
        self.encrypted = bool(fields[2] & ENCRYPTED_FLAG)
        self.method, self.crc, self.packed, self.size = fields[3], fields[6], fields[7], fields[8]
        self.mode = fields[14] >> 16
        self.offset = fields[15]
        self.name = name


def entries(content: bytes, most: int) -> list[Entry]:
    """The central directory, at most `most` names long. Raises: BadZip."""
    at = content.rfind(END, max(0, len(content) - END_BYTES - MAX_COMMENT))
    if at < 0 or len(content) < at + END_BYTES:
        raise BadZip("it has no end record")
    disk, first_disk, _, count, _, position, _ = struct.unpack_from("<4H2LH", content, at + 4)
    if disk or first_disk or count == 0xFFFF or position == 0xFFFFFFFF:
        raise BadZip("it spans disks or is a ZIP64 archive")
    if count > most:
        raise BadZip(f"it has {count:,} entries, at most {most:,} are allowed")
    found = []
    for _ in range(count):
        if content[position : position + 4] != CENTRAL or position + CENTRAL_BYTES > len(content):
            raise BadZip("its directory is damaged")
        fields = struct.unpack_from("<6H3L5H2L", content, position + 4)
        end = position + CENTRAL_BYTES + fields[9]
        found.append(Entry(fields, _name(content[position + CENTRAL_BYTES : end])))
        position = end + fields[10] + fields[11]
    return found


def pieces(content: bytes, entry: Entry) -> Iterator[bytes]:
    """The bytes of one file, never more than its directory entry says. Raises: BadZip."""
    start = entry.offset
    if content[start : start + 4] != LOCAL or start + LOCAL_BYTES > len(content):
        raise BadZip(f"{entry.name} has no local header")
    name_bytes, extra_bytes = struct.unpack_from("<2H", content, start + 26)
    start += LOCAL_BYTES + name_bytes + extra_bytes
    packed = memoryview(content)[start : start + entry.packed]
    crc, left = 0, entry.size
    for piece in _unpacked(packed, entry):
        crc, left = zlib.crc32(piece, crc), left - len(piece)
        if left < 0:
            break
        yield piece
    if left or crc != entry.crc or len(packed) != entry.packed:
        raise BadZip(f"{entry.name} is not what the directory says")


def _unpacked(packed: memoryview, entry: Entry) -> Iterator[bytes]:
    if entry.method == STORED:
        yield bytes(packed)
        return
    if entry.method != DEFLATED:
        raise BadZip(f"{entry.name} is packed by method {entry.method}; use deflate")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest: bytes | memoryview = packed
    try:
        while piece := inflater.decompress(rest, COPY_BYTES):
            yield piece
            rest = inflater.unconsumed_tail
    except zlib.error as error:
        raise BadZip(f"{entry.name} is damaged") from error


def _name(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadZip(f"the name {raw!r} is not UTF-8") from None
