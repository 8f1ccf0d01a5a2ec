"""What a sandbox writes to stdout and stderr, on disk, bounded, in order, readable from any frame on."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

MAX_LINE_BYTES = 64 * 1024
READ_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 512 * 1024
LINE_MARK = b" [line cut at 64 KiB]\n"
LIMIT_MARK = b"\n[log limit of %d bytes reached: the rest is dropped]\n"
HEADER = struct.Struct(">BI")
STREAMS = ("stdout", "stderr")


@dataclass(frozen=True)
class Frame:
    """One piece of one stream. `next` is where the following frame starts."""

    seq: int
    stream: str
    content: bytes
    next: int


class LogFile:
    """Appends frames until the limit, then one marker, then nothing; memory use does not grow with the log."""

    def __init__(self, path: Path, limit_bytes: int) -> None:
        self._path = path
        self._limit = limit_bytes
        self._file: int | None = None
        self._written = 0
        self.is_full = False
        self._line_bytes = [0, 0]

    def append(self, stream: int, content: bytes) -> None:
        """`stream` is 1 for stdout, 2 for stderr."""
        if self.is_full:
            return
        content = self._with_short_lines(stream - 1, content)
        if self._written + len(content) > self._limit:
            content = content[: self._limit - self._written] + LIMIT_MARK % self._limit
            self.is_full = True
        if content:
            self._write(stream - 1, content)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _with_short_lines(self, stream: int, content: bytes) -> bytes:
        if self._line_bytes[stream] + len(content) <= MAX_LINE_BYTES:
            newline = content.rfind(b"\n")
            self._line_bytes[stream] = (
                len(content) - newline - 1 if newline >= 0 else self._line_bytes[stream] + len(content)
            )
            return content
        return b"".join(self._shortened(stream, line) for line in content.splitlines(keepends=True))

    def _shortened(self, stream: int, line: bytes) -> bytes:
        before = self._line_bytes[stream]
        ends = line.endswith(b"\n")
        self._line_bytes[stream] = 0 if ends else before + len(line)
        if before + len(line) <= MAX_LINE_BYTES:
            return line
        if before > MAX_LINE_BYTES:
            return b""
        return line[: MAX_LINE_BYTES - before] + LINE_MARK

    def _write(self, stream: int, content: bytes) -> None:
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.writev(self._file, [HEADER.pack(stream, len(content)), content])
        self._written += len(content)


def read_frames(path: Path, since: int) -> list[Frame]:
    """Whole frames from offset `since` on, at most half a MiB of them; none when there are no more."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return []
    try:
        raw = os.pread(descriptor, MAX_ANSWER_BYTES, since)
    finally:
        os.close(descriptor)
    frames, at = [], 0
    while at + HEADER.size <= len(raw):
        stream, size = HEADER.unpack_from(raw, at)
        end = at + HEADER.size + size
        if end > len(raw) or stream >= len(STREAMS):
            break
        frames.append(Frame(since + at, STREAMS[stream], raw[at + HEADER.size : end], since + end))
        at = end
    return frames
