"""What a sandbox writes to stdout and stderr: bounded, in order; on disk readable from any frame on."""

from __future__ import annotations

import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LINE_BYTES = 64 * 1024
READ_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 512 * 1024
LINE_MARK = b" [line cut at 64 KiB]\n"
LIMIT_MARK = b"\n[log limit of %d bytes reached: the rest is dropped]\n"
HEADER = struct.Struct(">BI")
STREAMS = ("stdout", "stderr")


class Frame:
    """One piece of one stream. `next` is where the following frame starts."""

    __slots__ = ("content", "next", "seq", "stream")

    def __init__(self, seq: int, stream: str, content: bytes, following: int) -> None:
        self.seq = seq
        self.stream = stream
        self.content = content
        self.next = following


class Bounded:
    """Passes output on until the limit, then one marker, then nothing; memory use does not grow with the output.

    `write(stream, content)` gets what is kept; streams are 1 for stdout, 2 for stderr.
    """

    def __init__(self, limit_bytes: int, write: Callable[[int, bytes], object]) -> None:
        self.limit_bytes = limit_bytes
        self.is_full = False
        self._write = write
        self._written = 0
        self._line_bytes = [0, 0]

    def append(self, stream: int, content: bytes) -> None:
        if self.is_full:
            return
        content = self._with_short_lines(stream - 1, content)
        if self._written + len(content) > self.limit_bytes:
            content = content[: max(0, self.limit_bytes - self._written)] + LIMIT_MARK % self.limit_bytes
            self.is_full = True
        if content:
            self._write(stream, content)
            self._written += len(content)

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


class LogFile:
    """Output as frames in a file that is made with the first of them."""

    def __init__(self, path: str | os.PathLike[str], limit_bytes: int) -> None:
        self._path = path
        self._file: int | None = None
        self._bounded = Bounded(limit_bytes, self._write)

    @property
    def is_full(self) -> bool:
        return self._bounded.is_full

    def append(self, stream: int, content: bytes) -> None:
        """`stream` is 1 for stdout, 2 for stderr."""
        self._bounded.append(stream, content)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, stream: int, content: bytes) -> None:
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        write_frame(self._file, stream, content)


def write_frame(file: int, stream: int, content: bytes) -> None:
    """One frame more at the end of the file, which is open for appending."""
    os.writev(file, [HEADER.pack(stream - 1, len(content)), content])


def read_frames(path: str | os.PathLike[str], since: int) -> list[Frame]:
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
