"""Everything an agent says, numbered and sent to the broker in order, in batches."""

from __future__ import annotations

import time
from _thread import RLock, start_new_thread  # threading costs 5 ms of every start

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError, AttemptOver, RunStopped
from agent_platform.sdk._promises import Room

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_BATCH = 100
MAX_BATCH_BYTES = 4 * 1024 * 1024
MAX_ROWS = 1000  # of one event
MAX_WAITING_ROW_BYTES = 1024 * 1024
MAX_PROMISED_ROW_BYTES = 64 * 1024
MAX_PROMISED_KEY = 100
MAX_PROMISED_BRACKETS = 200  # more may be nested deeper than the broker reads
MOST_GROWTH = 2  # the broker may write a row with more space
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
    """Safe for threads. What waits is flushed every 100 ms, at 100 events or 1,000 rows, and before any answer is given.

    `send` takes the body of POST /runtime/v1/events and returns its answer; `over` is called, off the main thread,
    when nobody can hear this attempt any more.
    """

    def __init__(
        self,
        send: Callable[[bytes], dict],
        over: Callable[[], object],
        spent_micro_usd: int = 0,
        room: Room | None = None,
    ) -> None:
        self._send = send
        self._over = over
        self._lock = RLock()
        self._queue: list[tuple[int, str]] = []
        self._seq = 0
        self._logged = 0
        self._flush_is_due = False
        self._charged = spent_micro_usd
        self._room = room or Room()
        self._rows: list[tuple[str, str | None]] = []
        self._rows_event: str | None = None
        self._rows_bytes = 0
        self._refused: AgentError | None = None
        self.cap_reached = False

    @property
    def spent_micro_usd(self) -> int:
        """Charged, or certain to be with the next flush."""
        return self._charged + self._room.promised_micro_usd

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

    def promise_row(self, row: str, event: str | None, key: str | None) -> bool:
        """The row waits and is certain to be stored and charged, both or neither; False: only the broker can tell."""
        with self._lock:
            self._raise_refusal()
            if not _is_plain(row, event, key) or not self._room.take(event, MOST_GROWTH * len(row)):
                return False
            if event != self._rows_event:
                self._queue_rows()
            self._rows_event = event
            self._rows.append((row, key))
            self._rows_bytes += len(row)
            if len(self._rows) >= MAX_ROWS or self._rows_bytes > MAX_WAITING_ROW_BYTES:
                self.flush()
            else:
                self._flush_soon()
            return True

    def deliver_rows(self) -> None:
        """No promised row waits any more. Raises: as flush."""
        with self._lock:
            if self._rows or self._refused:
                self.flush()

    def forget_room(self) -> None:
        """Nothing is promised until the broker has said again what there is room for."""
        with self._lock:
            self._room.refresh(None)

    def ask(self, kind: str, members: str) -> Emitted:
        """Sent with all that waited before it; returns what the broker says was stored of it."""
        with self._lock:
            self._queue_rows()
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
            self._raise_refusal()
            self._queue_rows()
            answer: dict = {}
            while self._queue:
                answer = self._deliver(self._next_batch())
                outcomes.update(answer.get("outcomes") or {})
                self._charged = answer.get("spent_micro_usd", self._charged)
                self.cap_reached = bool(answer.get("cap_reached", self.cap_reached))
                if answer.get("stop") == "cancelled":
                    self._room.refresh(None)
                    raise RunStopped("cancelled")
            if answer:
                self._room.refresh(answer.get("room"))
        return outcomes

    def _queue_rows(self) -> None:
        if self._rows:
            members = items_members([row for row, _ in self._rows], self._rows_event, [key for _, key in self._rows])
            seq = self._seq + 1
            event = (seq, f'{{"seq":{seq},"at":"{_wire.now()}","type":"items",{members}}}')
            # One statement without a call: a stop by signal finds the rows in one place or in the other.
            self._seq, self._queue, self._rows, self._rows_bytes = seq, [*self._queue, event], [], 0

    def _raise_refusal(self) -> None:
        if self._refused is not None:
            refused, self._refused = self._refused, None
            raise refused

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
        except AgentError as error:
            self._refused = error  # for the agent's own next call, where it can be handled
        except RunStopped:
            return  # the agent's own next call meets the same answer


def _is_plain(row: str, event: str | None, key: object) -> bool:
    """Nothing that the broker could refuse; what JSON escapes by number may be a character that the database does not store."""
    if event == "" or not (key is None or (isinstance(key, str) and 0 < len(key) <= MAX_PROMISED_KEY)):
        return False
    is_short = len(row) <= MAX_PROMISED_ROW_BYTES
    return is_short and "\\u" not in row and row.count("[") + row.count("{") <= MAX_PROMISED_BRACKETS


def items_members(rows: list[str], event: str | None, keys: Sequence[str | None] | None) -> str:
    """The event of these rows as JSON text without braces."""
    name = _wire.to_json(event, "An event name")
    identities = _wire.to_json(list(keys) if keys and any(key is not None for key in keys) else None, "Keys")
    return f'"items":[{",".join(rows)}],"event":{name},"keys":{identities}'
