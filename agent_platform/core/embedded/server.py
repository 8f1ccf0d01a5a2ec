"""What a server of our own is while it runs, and how it ends."""

import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self, TextIO


@dataclass
class EmbeddedServer:
    """A running server. It holds the lock of its data folder until it has stopped."""

    asks: ClassVar[signal.Signals] = signal.SIGTERM
    insists: ClassVar[signal.Signals] = signal.SIGKILL
    patience_seconds: ClassVar[float]

    url: str
    process: "subprocess.Popen[bytes]"
    port: int
    log_path: Path
    lock: TextIO = field(repr=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self) -> None:
        """The server has written everything and gone; safe to repeat."""
        if self.process.poll() is None:
            self.process.send_signal(self.asks)
            try:
                self.process.wait(self.patience_seconds)
            except subprocess.TimeoutExpired:
                self.process.send_signal(self.insists)
                self.process.wait()
        self.lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
