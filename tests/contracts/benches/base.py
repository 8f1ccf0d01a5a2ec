"""What the contract suite needs of a driver under test, whichever it is."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent_platform.services.runtime import Limits, RuntimeDriver, SandboxSpec, Status
from tests.doubles.agent_broker import AgentBroker, Work, zipped

PATIENCE_SECONDS = 30
NOTHING = Limits(cpu=1, memory_mb=256, pids=64, disk_mb=64, wall_seconds=60)


class Bench(ABC):
    """A driver and the broker of its sandboxes.

    `inside_ids`: what uid and gid may be inside; `search_path`: PATH inside; `files_of_the_driver`: what it adds to the
    root file system by itself; `sockets`: what lies in /run/ap.
    """

    driver: RuntimeDriver
    inside_ids: range
    search_path: str
    files_of_the_driver: frozenset[str] = frozenset({"/etc/ssl/certs/ca-certificates.crt"})
    broker_inside = "unix:///run/ap/broker.sock"
    sockets: tuple[str, ...] = ("broker.sock",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "broker").mkdir(mode=0o755)
        self.broker = AgentBroker(folder / "broker")
        self.numbers = iter(range(1, 1_000_000))

    @abstractmethod
    def boot(self) -> None:
        """What the driver talks to answers, and `driver` is a client of it."""

    @abstractmethod
    def shut(self) -> None:
        """Nothing that `boot` started is left."""

    @abstractmethod
    def new_client(self) -> RuntimeDriver:
        """Another client that knows nothing of the first, as after the death of a worker."""

    @abstractmethod
    def client_code(self) -> str:
        """Python that makes such a client and calls it `driver`, for a process of its own."""

    @abstractmethod
    def leftovers(self) -> list[str]:
        """Processes, containers, objects and files of claimed sandboxes that are there now; warm ones do not count."""

    @abstractmethod
    def traces(self, handle: str) -> str:
        """All that an operator of the machine or cluster can read about a sandbox."""

    def spec(self, work: Work, limits: Limits = NOTHING) -> SandboxSpec:
        number = next(self.numbers)
        token = f"apr_{number:030d}"
        self.broker.works[token] = work
        return SandboxSpec(
            run_id=f"run-{number}", attempt=1, tenant_id="t", bundle_digest="", limits=limits, token=token
        )

    def start(self, source: str, limits: Limits = NOTHING, **members: Any) -> tuple[str, Work]:
        """An agent whose main.py is `source` has been started; returns its handle and what it will have said."""
        work = Work(zipped({"main.py": source}), **members)
        return self.driver.start(self.spec(work, limits)), work

    def run(self, source: str, limits: Limits = NOTHING, **members: Any) -> tuple[Status, Work]:
        handle, work = self.start(source, limits, **members)
        return self.end_of(handle), work

    def end_of(self, handle: str) -> Status:
        return self.until(handle, lambda status: status.phase.is_terminal)

    def until(self, handle: str, reached: Callable[[Status], bool]) -> Status:
        return eventually(lambda: (status := self.driver.status(handle)) and reached(status) and status)

    def warm(self) -> int:
        """How many sandboxes wait in the pool once it is as full as it should be."""
        return (
            eventually(lambda: (found := self.driver.capabilities()).warm >= found.warm_target and found.warm + 1) - 1
        )


def eventually(ask: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """The first truthy answer. Fails when none comes in time."""
    give_up_at = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < give_up_at, "it never came true"
        time.sleep(0.02)
    return answer
