"""What agent code prints or logs in its own way becomes lines of the run's log."""

from __future__ import annotations

import io
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from agent_platform.sdk._outbox import Outbox

MAX_PENDING = 8 * 1024
LEVELS = ((40, "error"), (30, "warn"), (20, "info"), (0, "debug"))


class Printed(io.TextIOBase):
    """Stands in for sys.stdout or sys.stderr: each line is a log line, a line without end is sent in pieces."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, outbox: Outbox, level: str) -> None:
        self._outbox = outbox
        self._level = level
        self._pending = ""
        self.buffer = _PrintedBytes(self)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._pending = (self._pending + text).split("\n")
        for line in lines:
            self._outbox.log(self._level, line, {})
        while len(self._pending) >= MAX_PENDING:
            piece, self._pending = self._pending[: MAX_PENDING // 4], self._pending[MAX_PENDING // 4 :]
            self._outbox.log(self._level, piece, {})
        return len(text)

    def finish(self) -> None:
        """A last line without its newline is logged too."""
        if self._pending:
            line, self._pending = self._pending, ""
            self._outbox.log(self._level, line, {})


class _PrintedBytes(io.RawIOBase):
    def __init__(self, text: Printed) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        raw = bytes(content)
        self._text.write(raw.decode("utf-8", "replace"))
        return len(raw)


class Capture:
    """While entered, print, stderr and, when the agent imported it, `logging` write to the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._out = Printed(outbox, "info")
        self._err = Printed(outbox, "warn")
        self._before = (sys.stdout, sys.stderr)
        self._handler: object = None

    def __enter__(self) -> Capture:  # noqa: PYI034 - importing typing costs a sandbox its start-up time
        self._before = (sys.stdout, sys.stderr)
        sys.stdout, sys.stderr = self._out, self._err
        return self

    def __exit__(self, *_: object) -> None:
        self._out.finish()
        self._err.finish()
        sys.stdout, sys.stderr = self._before
        if self._handler is not None:
            sys.modules["logging"].getLogger().removeHandler(self._handler)

    def adopt_logging(self) -> None:
        """Records keep their level; nothing happens when the agent never imported logging, which is dear to import."""
        logging = sys.modules.get("logging")
        if logging is None or self._handler is not None or logging.getLogger().handlers:
            return
        outbox = self._outbox

        class Handler(logging.Handler):
            def emit(self, record: object) -> None:
                level = next(name for floor, name in LEVELS if record.levelno >= floor)  # type: ignore[attr-defined]
                outbox.log(level, self.format(record), {})

        self._handler = Handler()
        logging.getLogger().addHandler(self._handler)
        if logging.getLogger().level == logging.WARNING:
            logging.getLogger().setLevel(logging.INFO)
