"""Who waits for a sandbox of a busy machine waits for as long as it takes."""

import asyncio
from itertools import count
from types import SimpleNamespace
from typing import Any

from workers.sandbox import host
from workers.sandbox.host import Host

LIMITS = {
    "cpu": 1,
    "memory_mb": 64,
    "pids": 8,
    "disk_mb": 16,
    "wall_seconds": 9,
    "start_seconds": 0.1,
    "log_bytes": 1024,
}


def test_the_clock_of_a_start_begins_with_the_sandbox_and_not_in_the_line(monkeypatch):
    monkeypatch.setattr(Host, "_launch", lambda *_, **__: None)  # no sandbox becomes free

    async def wait() -> Any:
        records = SimpleNamespace(save_run=lambda *_: None)
        machine = Host(SimpleNamespace(), records, warm=0, most=10, disk_mb=64, booting_at_once=1)
        attempt = machine.start({"run_id": "r-1", "attempt": 1, "token": "apr_x", "limits": LIMITS})
        await asyncio.sleep(3 * LIMITS["start_seconds"])
        waited = attempt.phase.is_terminal
        machine.cancel(attempt.handle, 0)
        return waited, attempt

    ended_in_line, attempt = asyncio.run(wait())
    assert not ended_in_line
    assert attempt.phase.is_terminal  # it can still be stopped


def test_who_waits_is_looked_after_again_when_no_sandbox_could_be_started(monkeypatch):
    monkeypatch.setattr(host, "BACKOFF_SECONDS", 0.01)
    tries = count(1)

    def launch(*_: Any) -> Any:
        raise OSError(f"no room for a process, try {next(tries)}")

    async def fail() -> list[Any]:
        records = SimpleNamespace(save_run=lambda *_: None)
        machine = Host(SimpleNamespace(launch=launch), records, warm=0, most=10, disk_mb=64, booting_at_once=1)
        spec = {"attempt": 1, "token": "apr_x", "limits": LIMITS}
        attempts = [machine.start({**spec, "run_id": f"r-{number}"}) for number in range(3)]
        await asyncio.sleep(0.3)
        return attempts

    assert [attempt.phase.is_terminal for attempt in asyncio.run(fail())] == [True, True, True]
