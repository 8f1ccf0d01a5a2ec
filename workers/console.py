"""What the person at the terminal sees: lines with the name of who said them, and one table when everything is ready."""

import asyncio
import os
import sys
from collections.abc import Iterable

NAME_WIDTH = 12
LONGEST_LINE_BYTES = 16_384


def say(text: str, name: str = "platform") -> None:
    """Every line of the text is shown behind the name."""
    for line in text.splitlines() or [""]:
        sys.stdout.write(f"{name:<{NAME_WIDTH}}| {line}\n")
    sys.stdout.flush()


def show_table(rows: Iterable[tuple[str, str, float]]) -> None:
    """Component, address, seconds until it was ready."""
    say("")
    say(f"{'component':<14}{'address':<58}{'ready in':>8}")
    for component, address, seconds in rows:
        say(f"{component:<14}{address:<58}{seconds:>6.1f} s")
    say("")


class Output:
    """Shows what a child writes, line by line, until it closes its end; then `closed` is set."""

    def __init__(self, name: str, fd: int) -> None:
        self.name = name
        self.fd = fd
        self.rest = b""
        self.lines: list[str] = []
        self.closed = asyncio.Event()
        os.set_blocking(fd, False)
        asyncio.get_running_loop().add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            piece = os.read(self.fd, 65_536)
        except BlockingIOError:
            return
        if not piece:
            self._close()
            return
        *lines, self.rest = (self.rest + piece).split(b"\n")
        if len(self.rest) > LONGEST_LINE_BYTES:
            lines, self.rest = [*lines, self.rest], b""
        for line in lines:
            self._show(line)

    def _show(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r")
        self.lines = [*self.lines[-19:], text]
        say(text, self.name)

    def _close(self) -> None:
        if self.rest:
            self._show(self.rest)
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)
        self.closed.set()
