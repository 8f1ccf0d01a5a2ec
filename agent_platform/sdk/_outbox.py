"""Everything an agent says, numbered and sent to the broker in order, in batches."""

from __future__ import annotations

import time
from _thread import RLock, start_new_thread  # threading costs 5 ms of every start

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError, AttemptOver, RunStopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_BATCH = 100
MAX_BATCH_BYTES = 4 * 1024 * 1024
FLUSH_SECONDS = 0.1
MAX_LOG_BYTES = 10 * 1024 * 1024
LOG_LIMIT_TEXT = "Log limit of 10 MiB reached: further lines of this run are dropped."


class Emitted:
    """How much of what was offered is stored; true when all of it is."""

    __slots__ = ("accepted", "cap_reached", "dropped")

    def __init__(self, accepted: int, dropped: int, cap_reached: bool) -> None:
        self.accepted = accepted
        self.dropped = dropped
        self.cap_reached = cap_reached

    def __bool__(self) -> bool:
        return self.dropped == 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Emitted) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash((self.accepted, self.dropped, self.cap_reached))

    def __repr__(self) -> str:
        return f"Emitted(accepted={self.accepted}, dropped={self.dropped}, cap_reached={self.cap_reached})"


class Outbox:
    """Safe for threads. What waits is flushed every 100 ms, at 100 events, and before any answer is given.

    `send` takes the body of POST /runtime/v1/events and returns its answer; `over` is called, off the main thread,
    when nobody can hear this attempt any more.
    """

    def __init__(self, send: Callable[[bytes], dict], over: Callable[[], object], spent_micro_usd: int = 0) -> None:
        self._send = send
        self._over = over
        self._lock = RLock()
        self._queue: list[tuple[int, str]] = []
        self._seq = 0
        self._logged = 0
        self._flush_is_due = False
        self.spent_micro_usd = spent_micro_usd
        self.cap_reached = False

    def log(self, level: str, text: str, fields: dict) -> None:
        """Kept for the next flush; past 10 MiB one marker is sent and the rest is dropped."""
        text = _wire.clipped(text)
        extra = _wire.to_json(fields, "The fields of a log line") if fields else "{}"
        with self._lock:
            if self._logged > MAX_LOG_BYTES:
                return
            self._logged += len(text) + len(extra)
            if self._logged > MAX_LOG_BYTES:
                level, text, extra = "warn", LOG_LIMIT_TEXT, "{}"
            self.post("log", f'"level":"{level}","text":{_wire.to_json(text, "A log line")},"fields":{extra}')

    def post(self, kind: str, members: str) -> int:
        """Queued under its number, which is returned; sent soon, in order. `members` is JSON text without braces."""
        with self._lock:
            self._seq += 1
            event = f'{{"seq":{self._seq},"at":"{_wire.now()}","type":"{kind}",{members}}}'
            self._queue.append((self._seq, event))
            if len(self._queue) >= MAX_BATCH:
                self.flush()
            else:
                self._flush_soon()
            return self._seq

    def ask(self, kind: str, members: str) -> Emitted:
        """Sent with all that waited before it; returns what the broker says was stored of it."""
        with self._lock:
            self._seq += 1
            seq = self._seq
            event = f'{{"seq":{seq},"at":"{_wire.now()}","type":"{kind}",{members}}}'
            self._queue.append((seq, event))
            outcome = self.flush().get(str(seq), {})
        return Emitted(outcome.get("accepted", 0), outcome.get("dropped", 0), bool(outcome.get("cap_reached")))

    def flush(self) -> dict[str, dict]:
        """Nothing waits any more; returns the outcomes by number.

        Raises: RunStopped when the run was cancelled, AgentError when the broker refused an event.
        """
        outcomes: dict[str, dict] = {}
        with self._lock:
            while self._queue:
                batch = self._next_batch()
                answer = self._deliver(batch)
                outcomes.update(answer.get("outcomes") or {})
                self.spent_micro_usd = answer.get("spent_micro_usd", self.spent_micro_usd)
                self.cap_reached = bool(answer.get("cap_reached", self.cap_reached))
                if answer.get("stop") == "cancelled":
                    raise RunStopped("cancelled")
        return outcomes

    def _next_batch(self) -> list[tuple[int, str]]:
        size = 0
        for position, (_, event) in enumerate(self._queue[:MAX_BATCH]):
            size += len(event)
            if position and size > MAX_BATCH_BYTES:
                return self._queue[:position]
        return self._queue[:MAX_BATCH]

    def _deliver(self, batch: list[tuple[int, str]]) -> dict:
        body = _wire.to_bytes(f'{{"events":[{",".join(event for _, event in batch)}]}}')
        try:
            answer = self._send(body)
        except AgentError:
            # A refused event would be refused for ever and hold up all that follows.
            del self._queue[: len(batch)]
            if len(batch) == 1:
                raise
            answer = self._deliver_singly(batch)
        else:
            del self._queue[: len(batch)]
        return answer

    def _deliver_singly(self, batch: list[tuple[int, str]]) -> dict:
        outcomes: dict[str, dict] = {}
        answer: dict = {}
        refused: AgentError | None = None
        for _, event in batch:
            try:
                answer = self._send(_wire.to_bytes(f'{{"events":[{event}]}}'))
                outcomes.update(answer.get("outcomes") or {})
            except AgentError as error:
                refused = refused or error
        if refused:
            raise refused
        return answer | {"outcomes": outcomes}

    def _flush_soon(self) -> None:
        if self._flush_is_due:
            return
        self._flush_is_due = True
        try:
            start_new_thread(self._flush_later, ())
        except RuntimeError:
            # The agent used up its processes; what it says must still be heard.
            self._flush_is_due = False
            self.flush()

    def _flush_later(self) -> None:
        time.sleep(FLUSH_SECONDS)
        self._flush_is_due = False
        try:
            self.flush()
        except AttemptOver:
            self._over()
        except (AgentError, RunStopped):
            # The agent's own next call meets the same answer, where it can be handled.
            return
