"""What the person at the terminal sees: lines with the name of who said them, and one table when everything is ready."""

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from agent_platform.core.settings import Settings

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


def command_line(settings: Settings, command: str) -> str:
    """What to type in this folder, so that the command finds this installation: every value that differs from what it would assume."""
    plain = Settings.model_construct()
    assumed = {
        "data_dir": plain.data_dir.absolute(),
        "port": plain.port,
        "base_url": f"http://localhost:{settings.port}",
    }
    given = [
        f"{Settings.model_fields[name].alias}={shlex.quote(str(value))}"
        for name, usual in assumed.items()
        if (value := getattr(settings, name)) != usual
    ]
    program = Path(sys.executable).with_name("agent-platform")
    with contextlib.suppress(ValueError):
        program = program.relative_to(Path.cwd())
    return " ".join([*given, shlex.quote(str(program)), command])


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
