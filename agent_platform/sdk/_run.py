"""The one object an agent gets."""

from __future__ import annotations

import time

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError
from agent_platform.sdk._files import Files
from agent_platform.sdk._outbox import MAX_ROWS, Emitted, items_members
from agent_platform.sdk._store import State, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from typing import Any

    from agent_platform.sdk._asking import Agents, Approval
    from agent_platform.sdk._door import Broker
    from agent_platform.sdk._network import Http
    from agent_platform.sdk._outbox import Outbox

MAX_ROWS_BYTES = 4 * 1024 * 1024
PROGRESS_SECONDS = 0.2
ONCE_PREFIX = "once:"


def agent(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` is marked as an entry point; it is called with the Run, from the top in every attempt."""
    function.__agent__ = True  # type: ignore[attr-defined]
    return function


class Log:
    """Lines for the run's log; `fields` are shown beside the text."""

    __slots__ = ("_outbox",)

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def debug(self, text: object, **fields: Any) -> None:
        self._outbox.log("debug", str(text), fields)

    def info(self, text: object, **fields: Any) -> None:
        self._outbox.log("info", str(text), fields)

    def warn(self, text: object, **fields: Any) -> None:
        self._outbox.log("warn", str(text), fields)

    def error(self, text: object, **fields: Any) -> None:
        self._outbox.log("error", str(text), fields)


class Run:
    """One attempt of one run, as its agent sees it."""

    def __init__(self, claim: dict, outbox: Outbox, broker: Broker) -> None:
        self.input: dict = claim["input"]
        self.id: str = claim["run_id"]
        self.attempt: int = claim["attempt"]
        self.subject: str = claim["subject"]
        self.dry_run: bool = bool(claim.get("dry_run"))
        self.cap_micro_usd: int | None = claim.get("cap_micro_usd")
        self.log = Log(outbox)
        self.kv = Store(broker, "kv", hidden=ONCE_PREFIX)
        self.state = State(broker, "state")
        self.files = Files(broker, claim.get("files") or ())
        self._once = Store(broker, "kv")
        self._broker = broker
        self._http: Http | None = None
        self._approval: Approval | None = None
        self._agents: Agents | None = None
        self._outbox = outbox
        self._deadline: str = claim["deadline"]
        self._progress_at = 0.0
        self._progress_held: str | None = None

    @property
    def spent_micro_usd(self) -> int:
        """What this run's consumer has been charged so far."""
        return self._outbox.spent_micro_usd

    @property
    def deadline(self) -> datetime:
        """The moment, in UTC, at which the run is stopped."""
        from datetime import datetime

        return datetime.fromisoformat(self._deadline)

    @property
    def http(self) -> Http:
        """Requests to the hosts that the manifest declares."""
        if self._http is None:
            from agent_platform.sdk._network import Http

            self._http = Http(self._broker)
        return self._http

    @property
    def approval(self) -> Approval:
        """Questions to people."""
        if self._approval is None:
            from agent_platform.sdk._asking import Approval

            self._approval = Approval(self._broker)
        return self._approval

    @property
    def agents(self) -> Agents:
        """Other agents that the manifest names."""
        if self._agents is None:
            from agent_platform.sdk._asking import Agents

            self._agents = Agents(self._broker)
        return self._agents

    def emit(self, item: dict, event: str | None = None, key: str | None = None) -> Emitted:
        """The row is stored and its event charged, both or neither; false when the cap refused it.

        While the cap has room the row travels with the next ones, within 100 ms and before anything else is asked of the platform.
        """
        row = _wire.item_json(item)
        if self._outbox.promise_row(row, event, key):
            return Emitted(1, 0, cap_reached=False)
        return self._outbox.ask("items", items_members([row], event, [key]))

    def emit_many(
        self, items: Iterable[dict], event: str | None = None, keys: Sequence[str | None] | None = None
    ) -> Emitted:
        """The longest prefix of `items` that can be paid is stored; `keys`, if given, has one entry per row."""
        rows = [_wire.item_json(item) for item in items]
        if keys is not None and len(keys) != len(rows):
            raise AgentError(f"emit_many got {len(rows)} rows but {len(keys)} keys.", code="keys_mismatch")
        accepted, at = 0, 0
        outcome = Emitted(0, 0, self._outbox.cap_reached)
        while at < len(rows):
            end = _chunk_end(rows, at)
            outcome = self._outbox.ask("items", items_members(rows[at:end], event, keys and keys[at:end]))
            accepted, at = accepted + outcome.accepted, end
            if outcome.dropped:
                break
        return Emitted(accepted, len(rows) - accepted if outcome.dropped else 0, outcome.cap_reached)

    def charge(self, event: str, count: int = 1, key: str | None = None) -> Emitted:
        """`event` is charged `count` times without a row; false when the cap refused it."""
        name, once = _wire.to_json(event, "An event name"), _wire.to_json(key, "A key")
        return self._outbox.ask("charge", f'"event":{name},"count":{int(count)},"key":{once}')

    def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
        """Shown on the run page; at most five a second travel, the last one always."""
        shown = None if message is None else _wire.clipped(str(message))
        text = _wire.to_json({"done": done, "total": total, "message": shown}, "Progress")[1:-1]
        now = time.monotonic()
        if now - self._progress_at < PROGRESS_SECONDS:
            self._progress_held = text
            return
        self._progress_at, self._progress_held = now, None
        self._outbox.post("progress", text)

    def once(self, key: str, fn: Callable[[], Any]) -> Any:
        """The result of `fn`, run at most once to its end in this run, whatever the attempt."""
        missing = object()
        kept = self._once.get(ONCE_PREFIX + key, missing)
        if kept is not missing:
            return kept
        result = fn()
        self._once.set(ONCE_PREFIX + key, result)
        return result

    def release_progress(self) -> None:
        """The last progress is on its way, even if it came too soon after the one before."""
        if self._progress_held is not None:
            self._outbox.post("progress", self._progress_held)
            self._progress_held = None


def _chunk_end(rows: list[str], start: int) -> int:
    size = 0
    for position in range(start, min(start + MAX_ROWS, len(rows))):
        size += len(rows[position])
        if size > MAX_ROWS_BYTES and position > start:
            return position
    return min(start + MAX_ROWS, len(rows))
