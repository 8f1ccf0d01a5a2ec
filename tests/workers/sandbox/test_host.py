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


class FakeBox:
    """Ready from the start; remembers whom it was claimed for."""

    reserved_for = attempt = None

    def __init__(self, claimed: list[str]) -> None:
        self._claimed = claimed

    def claim(self, attempt: Any, log: Any, nth: int) -> None:
        self.attempt = attempt
        self._claimed.append(attempt.tenant_id)

    def hurry(self) -> None:
        pass


def test_the_last_of_the_pool_is_kept_for_a_tenant_who_has_few(monkeypatch, tmp_path):
    claimed: list[str] = []
    booted: list[FakeBox] = []
    monkeypatch.setattr(Host, "_launch", lambda machine, **_: booted.append(FakeBox(claimed)))

    async def crowd() -> Host:
        records = SimpleNamespace(save_run=lambda *_: None, log_path=lambda handle: tmp_path / handle)
        machine = Host(SimpleNamespace(), records, warm=4, most=100, disk_mb=64, booting_at_once=2)
        machine.warm.extend(FakeBox(claimed) for _ in range(4))
        spec = {"attempt": 1, "token": "apr_x", "limits": {**LIMITS, "start_seconds": 9}}
        for number in range(6):
            machine.start({**spec, "run_id": f"loud-{number}", "tenant_id": "loud"})
        assert claimed == ["loud"] * 3
        machine.start({**spec, "run_id": "quiet-1", "tenant_id": "quiet"})
        assert claimed == ["loud"] * 3 + ["quiet"]
        kept, newest = FakeBox(claimed), FakeBox(claimed)
        machine._ready(kept)  # what is kept comes before the crowd
        assert len(claimed) == 4
        machine._ready(newest)
        assert newest.attempt  # it has had no time yet to import what nobody asked for
        assert list(machine.warm) == [kept]
        machine._boot_failed(None, "no memory")  # nobody fails while one is kept
        assert (list(machine.warm), claimed[-1]) == ([], "loud")
        return machine

    machine = asyncio.run(crowd())
    assert claimed == ["loud"] * 3 + ["quiet", "loud", "loud"]
    assert len(machine.waiting) == 1
    assert not machine.warm
    assert booted


def test_sandboxes_with_more_disk_boot_in_turn_and_hold_up_nobody_else(monkeypatch):
    booted: list[Any] = []

    def launch(machine: Host, reserved_for: Any = None, **_: Any) -> Any:
        box = FakeBox([])
        box.reserved_for = reserved_for
        machine._booting.add(box)
        booted.append(reserved_for and reserved_for.tenant_id)
        return box

    monkeypatch.setattr(Host, "_launch", launch)

    async def crowd() -> Host:
        records = SimpleNamespace(save_run=lambda *_: None)
        machine = Host(SimpleNamespace(), records, warm=0, most=100, disk_mb=64, booting_at_once=2)
        spec = {"attempt": 1, "token": "apr_x", "limits": {**LIMITS, "disk_mb": 128, "start_seconds": 9}}
        for number in range(4):
            machine.start({**spec, "run_id": f"large-{number}", "tenant_id": "loud"})
        machine.start({**spec, "run_id": "large-quiet", "tenant_id": "quiet"})
        machine.start({**spec, "run_id": "small", "tenant_id": "quiet", "limits": {**LIMITS, "start_seconds": 9}})
        assert booted == ["loud", "loud", None]
        for _ in range(2):
            machine._booting.discard(next(box for box in machine._booting if box.reserved_for))
        machine._refill_one()
        return machine

    machine = asyncio.run(crowd())
    assert booted == ["loud", "loud", None, "loud", "quiet"]
    assert len(machine.large) == 1
