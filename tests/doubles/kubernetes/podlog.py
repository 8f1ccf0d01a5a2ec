"""What a container wrote, each line with the instant at which it was first seen, as a kubelet hands it out."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from agent_platform.services.runtime import LogChunk

PIECE_BYTES = 32 * 1024


class PodLog:
    """`fetch(since)`: chunks of the sandbox behind it."""

    def __init__(self, fetch: Callable[[int], Iterable[LogChunk]]) -> None:
        self._fetch = fetch
        self._since = 0
        self._lines: list[tuple[int, bytes]] = []
        self._rest = b""
        self._last = 0
        self._lock = threading.Lock()

    def read(
        self, since: float, *, stamps: bool, limit: int | None, until: Callable[[], bool] | None = None
    ) -> Iterator[bytes]:
        """`until`: follow the log until this is true."""
        read, sent = 0, 0
        while True:
            over = until is None or until()
            self._catch_up(over)
            piece = b""
            fresh = self._lines[read:]
            read += len(fresh)
            for instant, line in fresh:
                if instant < since * 1e9:
                    continue
                piece += _stamp(instant) + line if stamps else line
                if limit is not None and sent + len(piece) >= limit:
                    yield piece[: limit - sent]
                    return
                if len(piece) >= PIECE_BYTES:
                    yield piece
                    sent, piece = sent + len(piece), b""
            yield piece
            sent += len(piece)
            if over:
                return
            time.sleep(0.05)

    def _catch_up(self, over: bool) -> None:
        with self._lock:
            for chunk in self._fetch(self._since):
                self._since = chunk.next
                *whole, self._rest = (self._rest + chunk.content).split(b"\n")
                for line in whole:
                    self._append(line + b"\n")
            if over and self._rest:
                self._append(self._rest)
                self._rest = b""

    def _append(self, line: bytes) -> None:
        # A few lines share an instant, as they do where the clock is coarse.
        self._last = max(self._last, time.time_ns() // 1000 * 1000)
        self._lines.append((self._last, line))


def _stamp(instant: int) -> bytes:
    whole, nanoseconds = divmod(instant, 1_000_000_000)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{nanoseconds:09d}".rstrip("0").rstrip(".").encode() + b"Z "
