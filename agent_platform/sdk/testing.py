"""Run an agent in a unit test, without a platform: `run_agent(audit, {"start_url": "..."})`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agent_platform.sdk import _wire
from agent_platform.sdk._call import call
from agent_platform.sdk._capture import Capture
from agent_platform.sdk._errors import RunWaits
from agent_platform.sdk._memory import Charge, Failure, Line, MemoryBroker, Progress
from agent_platform.sdk._outbox import Outbox
from agent_platform.sdk._replies import Call, Question, Replies, Request
from agent_platform.sdk._run import Run

__all__ = ["Call", "Charge", "Failure", "Line", "Progress", "Question", "Request", "TestRun", "run_agent"]


class TestRun:
    """What the platform would have kept of one run; each list is in the order of the calls.

    `items` rows; `logs` Line(level, text, fields); `charges` Charge(event, count, key, micro_usd); `files` name ->
    bytes that the agent put; `result` the returned value; `error` a Failure or None; `progress` Progress entries;
    `requests` Request, `calls` Call and `questions` Question: what was asked of hosts, agents and people. `waiting` is
    the question without a reply that ended the attempt, or None. `kv` and `state` are what the run left.
    """

    __test__ = False

    def __init__(self, broker: MemoryBroker, *, waits: bool) -> None:
        self.items: list[dict[str, Any]] = broker.items
        self.logs: list[Line] = broker.logs
        self.charges: list[Charge] = broker.charges
        self.files: dict[str, bytes] = broker.put_files
        self.result: Any = broker.result
        self.error: Failure | None = broker.error
        self.progress: list[Progress] = broker.progress
        self.requests: list[Request] = broker.replies.requests
        self.calls: list[Call] = broker.replies.calls
        self.questions: list[Question] = broker.replies.questions
        self.waiting: Question | None = self.questions[-1] if waits else None
        self.kv: dict[str, Any] = broker.kept("kv")
        self.state: dict[str, Any] = broker.kept("state")

    @property
    def spent_micro_usd(self) -> int:
        return sum(charge.micro_usd for charge in self.charges)


def run_agent(  # noqa: PLR0913 - each is one thing a test may state
    fn: Callable[..., Any],
    input: Mapping[str, Any],  # noqa: A002 - the word of run.input
    replies: Mapping[str, Any] | None = None,
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
    `replies` by what is asked: `"GET https://host/path"` (or the address alone) -> a body (str, bytes, or JSON), a status,
    `(status, body)`, `(status, headers, body)` or an exception; `"approval KEY"` -> True, False or a dict with approved,
    by, comment, data; `"agent publisher/slug"` -> the child's result, or a dict with `state`. Each may be a function of
    the Request, Question or Call. What has no reply is an error that names it; a question without one ends the attempt.
    """
    recorded = Replies(dict(replies or {}), dry_run=dry_run)
    kept: dict[str, Any] = {"kv": dict(kv or {}), "state": dict(state or {})}
    broker = MemoryBroker(prices=prices, cap_micro_usd=cap_micro_usd, replies=recorded, **kept)
    given = dict(input)
    names: dict[str, str] = {}
    for name, content in (files or {}).items():
        file_id = broker.give(name, content, given.get(name))
        names[file_id] = Path(content).name if isinstance(content, str | os.PathLike) else name
        if name.isidentifier():
            given.setdefault(name, file_id)
    outbox = Outbox(lambda body: broker.take(_wire.parse(body)), lambda: None)
    claim = _claim(given, subject, dry_run, cap_micro_usd)
    claim["files"] = [{"id": file_id, "name": name} for file_id, name in names.items()]
    run = Run(claim, outbox, broker)
    with Capture(outbox) as capture:
        capture.adopt_logging()
        try:
            ending = call(fn, run)
        except RunWaits:
            ending = None
    outbox.ask(*ending) if ending else outbox.flush()
    return TestRun(broker, waits=ending is None)


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
