"""Who has had its turn steps back; who waits, waits at no cost."""

import asyncio
from types import SimpleNamespace

import pytest

from workers.sandbox import watchdog


class Box:
    group, attempt, ended, is_long_running, steps, used = object(), None, False, False, 0, 0.0

    def cpu_seconds(self) -> float:
        return self.used

    def step_back(self) -> None:
        self.is_long_running = True
        self.steps += 1


@pytest.mark.parametrize(("used", "steps"), [(0.5, 0), (1.5, 1)])
def test_a_sandbox_that_computes_for_long_steps_back_once(monkeypatch, used, steps):
    monkeypatch.setattr(watchdog, "PERIOD_SECONDS", 0)
    boxes = [Box() for _ in range(25)]
    for box in boxes:
        box.used = used
    looks = iter(range(3 * watchdog.ROUND))

    def claimed():
        return boxes if next(looks, None) is not None else stop()

    def stop():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(watchdog.watch_limits(SimpleNamespace(claimed=claimed)))
    assert {box.steps for box in boxes} == {steps}
