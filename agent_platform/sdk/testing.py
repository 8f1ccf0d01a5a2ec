"""Run an agent in a unit test, without a platform: `run_agent(audit, {"start_url": "..."})`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from agent_platform.sdk import _wire
from agent_platform.sdk._call import call
from agent_platform.sdk._capture import Capture
from agent_platform.sdk._memory import Charge, Failure, Line, MemoryBroker, Progress
from agent_platform.sdk._outbox import Outbox
from agent_platform.sdk._run import Run

__all__ = ["Charge", "Failure", "Line", "Progress", "TestRun", "run_agent"]


class TestRun:
    """What the platform would have kept of one run; each list is in the order of the calls.

    `items` rows; `logs` Line(level, text, fields); `charges` Charge(event, count, key, micro_usd); `files` name ->
    bytes that the agent put; `result` the returned value; `error` a Failure or None; `progress` Progress entries.
    """

    __test__ = False

    def __init__(self, broker: MemoryBroker) -> None:
        self.items = broker.items
        self.logs = broker.logs
        self.charges = broker.charges
        self.files = broker.put_files
        self.result = broker.result
        self.error = broker.error
        self.progress = broker.progress

    @property
    def spent_micro_usd(self) -> int:
        return sum(charge.micro_usd for charge in self.charges)


def run_agent(  # noqa: PLR0913 - each is one thing a test may state
    fn: Callable[..., Any],
    input: Mapping[str, Any],  # noqa: A002 - the word of run.input
    *,
    files: Mapping[str, bytes | str | os.PathLike[str]] | None = None,
    cap_micro_usd: int | None = None,
    prices: Mapping[str, int] | None = None,
    subject: str = "test",
    dry_run: bool = False,
    kv: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
) -> TestRun:
    """`fn` was called once with a Run whose platform is in memory; an error it raised is in `TestRun.error`.

    `files`: input field (whose value becomes the file's id) or plain name -> bytes or a path. `prices`: event ->
    micro-USD; an event that is not in a given `prices` is refused. `kv`, `state`: what earlier attempts or runs left.
    """
    broker = MemoryBroker(prices=prices, cap_micro_usd=cap_micro_usd, kv=dict(kv or {}), state=dict(state or {}))
    given = dict(input)
    for name, content in (files or {}).items():
        file_id = broker.give(name, content, given.get(name))
        if name.isidentifier():
            given.setdefault(name, file_id)
    outbox = Outbox(lambda body: broker.take(_wire.parse(body)), lambda: None)
    run = Run(_claim(given, subject, dry_run, cap_micro_usd), outbox, broker)
    with Capture(outbox) as capture:
        capture.adopt_logging()
        ending = call(fn, run)
    outbox.ask(*ending)
    return TestRun(broker)


def _claim(given: dict, subject: str, dry_run: bool, cap_micro_usd: int | None) -> dict:
    return {
        "input": given,
        "run_id": "test-run",
        "attempt": 1,
        "subject": subject,
        "dry_run": dry_run,
        "cap_micro_usd": cap_micro_usd,
        "deadline": "2099-01-01T00:00:00Z",
    }
