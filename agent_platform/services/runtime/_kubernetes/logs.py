"""A pod's log as chunks: in order, resumable, cut at the limit with a visible mark. Memory does not grow with the log.

The API server knows no byte offset, but prefixes each line with its instant and can begin at a second. A position is
therefore both: the instant of the last line read, and how many bytes had come by then.
"""

import calendar
import re
import time
from collections.abc import Iterable, Iterator

from agent_platform.services.runtime.port import LogChunk

MAX_LINE_BYTES = 64 * 1024
CHUNK_BYTES = 64 * 1024
LINE_MARK = b" [line cut at 64 KiB]\n"
LIMIT_MARK = b"\n[log limit of %d bytes reached: the rest is dropped]\n"
INSTANT = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ")
LONGEST_INSTANT = 48
BYTES_BITS = 34
NANOSECOND = 1_000_000_000


def position(since: int) -> tuple[int, int]:
    """Nanoseconds since 1970 of the last line read, and the bytes read until then."""
    return since >> BYTES_BITS, since & ((1 << BYTES_BITS) - 1)


def since_second(since: int) -> str:
    """Where the server begins: the second of the last line read, or empty for the whole log."""
    instant, _ = position(since)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant // NANOSECOND)) if instant else ""


def chunks(pieces: Iterable[bytes], since: int, limit_bytes: int) -> Iterator[LogChunk]:
    """Chunks end only between two instants, so that reading on from `next` repeats and loses nothing."""
    last, seen = position(since)
    kept: list[bytes] = []
    kept_bytes, kept_instant = 0, last
    for instant, line in _timed(_lines(pieces)):
        if instant <= last or seen > limit_bytes:
            continue
        if kept and instant != kept_instant and kept_bytes >= CHUNK_BYTES:
            yield _chunk(kept, kept_instant, seen)
            kept, kept_bytes = [], 0
        kept_instant = instant
        kept.append(_within(line, limit_bytes - seen, limit_bytes))
        kept_bytes += len(kept[-1])
        # One more than the limit says that the mark was told.
        seen = min(seen + len(line), limit_bytes + 1)
    if kept:
        yield _chunk(kept, kept_instant, seen)


def _within(line: bytes, room: int, limit_bytes: int) -> bytes:
    return line if len(line) <= room else line[:room] + LIMIT_MARK % limit_bytes


def _chunk(lines: list[bytes], instant: int, seen: int) -> LogChunk:
    after = (instant << BYTES_BITS) | seen
    return LogChunk(after, "stdout", b"".join(lines), after)


def _timed(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Instants never fall, as lines are in order: one that does, or is none, takes that of the line before."""
    instant = 0
    for line in lines:
        found = INSTANT.match(line)
        if found:
            instant = max(instant, _nanoseconds(*found.groups()))
            yield instant, _shortened(line[found.end() :])
        else:
            yield instant, _shortened(line)


def _nanoseconds(second: bytes, fraction: bytes | None, zone: bytes) -> int:
    whole = calendar.timegm(time.strptime(second.decode(), "%Y-%m-%dT%H:%M:%S"))
    if zone != b"Z":
        sign = -1 if zone[:1] == b"-" else 1
        whole -= sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)
    return whole * NANOSECOND + int((fraction or b"0").ljust(9, b"0"))


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their line feed; of a longer one than anybody may see, the beginning."""
    rest = b""
    for piece in pieces:
        *whole, tail = piece.split(b"\n")
        for line in whole:
            yield rest + line + b"\n"
            rest = b""
        if len(rest) <= MAX_LINE_BYTES + LONGEST_INSTANT:
            rest += tail
    if rest:
        yield rest


def _shortened(line: bytes) -> bytes:
    length = len(line) - line.endswith(b"\n")
    return line[:MAX_LINE_BYTES] + LINE_MARK if length > MAX_LINE_BYTES else line
