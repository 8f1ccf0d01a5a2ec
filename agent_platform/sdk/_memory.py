"""The broker of `run_agent`: the rules of the runtime protocol that an author can meet, kept in memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError
from agent_platform.sdk._replies import Replies


class Line(NamedTuple):
    level: str
    text: str
    fields: dict


class Charge(NamedTuple):
    event: str
    count: int  # pyright: ignore[reportIncompatibleMethodOverride]  # the word of the protocol
    key: str | None
    micro_usd: int


class Progress(NamedTuple):
    done: float
    total: float | None
    message: str | None


class Failure(NamedTuple):
    failure_class: str
    code: str
    message: str
    retryable: bool
    field: str | None
    traceback: str


class MemoryBroker:
    def __init__(self, *, prices: Any, cap_micro_usd: int | None, kv: dict, state: dict, replies: Replies) -> None:
        self.items: list[dict] = []
        self.logs: list[Line] = []
        self.charges: list[Charge] = []
        self.progress: list[Progress] = []
        self.put_files: dict[str, bytes] = {}
        self.result: Any = None
        self.error: Failure | None = None
        self.replies = replies
        self._given: dict[str, bytes] = {}
        self._prices = prices
        self._cap = cap_micro_usd
        self._spent = 0
        self._cap_reached = False
        self._stores = {"kv": kv, "state": state}
        self._versions: dict[str, int] = dict.fromkeys(state, 1)
        self._row_keys: set[str] = set()
        self._charge_keys: set[tuple[str, str]] = set()

    def give(self, name: str, content: Any, also_as: object = None) -> str:
        """The consumer's file can be opened by its id, which is returned, by `name` and by `also_as`."""
        is_bytes = isinstance(content, bytes | bytearray)
        raw = bytes(content) if is_bytes else Path(content).read_bytes()
        file_id = f"test-file-{len(self._given) + 1}"
        shown = {name} if is_bytes else {name, Path(content).name}
        for known_as in {file_id, *shown, *({also_as} if isinstance(also_as, str) else set())}:
            self._given[known_as] = raw
        return file_id

    def kept(self, store: str) -> dict[str, Any]:
        return self._stores[store]

    def take(self, batch: dict) -> dict:
        """The answer of POST /runtime/v1/events."""
        outcomes = {}
        for event in batch["events"]:
            outcome = getattr(self, f"_{event['type']}")(event)
            if outcome is not None:
                outcomes[str(event["seq"])] = outcome
        return {"outcomes": outcomes, "spent_micro_usd": self._spent, "cap_reached": self._cap_reached, "stop": None}

    def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        where = urlsplit(target)
        if method == "POST":
            answer = getattr(self.replies, {"approvals": "people"}.get(where.path.rpartition("/")[2], "agents"))
            return 200, _wire.to_bytes(_wire.to_json(answer(_wire.parse(body)), "An answer"))
        store, _, key = where.path.removeprefix("/runtime/v1/").partition("/")
        values, key = self._stores[store], unquote(key)
        if not key:
            prefix = parse_qs(where.query, keep_blank_values=True)["prefix"][0]
            return 200, _wire.to_bytes(
                _wire.to_json({"keys": sorted(k for k in values if k.startswith(prefix))}, "Keys")
            )
        if "version" in where.query:
            return self._versioned(method, key, where.query, body)
        if method == "PUT":
            values[key] = _wire.parse(body)
            if store == "state":
                self._versions[key] = self._versions.get(key, 0) + 1
            return 204, b""
        if method == "DELETE":
            return (204, b"") if values.pop(key, body) is not body else (404, b"")
        return (200, _wire.to_bytes(_wire.to_json(values[key], "A value"))) if key in values else (404, b"")

    def exchange(self, target: str, body: bytes, seconds: float) -> tuple[int, dict[bytes, bytes], BinaryIO]:  # noqa: ARG002 - as Door.exchange
        return self.replies.network(_wire.parse(body))

    def _versioned(self, method: str, key: str, query: str, body: bytes) -> tuple[int, bytes]:
        values, version = self._stores["state"], self._versions.get(key, 0)
        if method == "GET":
            found = {"value": values.get(key), "version": version if key in values else 0}
            return 200, _wire.to_bytes(_wire.to_json(found, "A value"))
        if int(query.partition("=")[2]) != (version if key in values else 0):
            return 409, b'{"code":"state_conflict","detail":"Somebody else wrote it."}'
        values[key], self._versions[key] = _wire.parse(body), version + 1
        return 204, b""

    def stream(self, target: str) -> tuple[int, BinaryIO]:
        name = unquote(target.rpartition("/")[2])
        content = self.put_files.get(name, self._given.get(name))
        return (404, io.BytesIO()) if content is None else (200, io.BytesIO(content))

    def upload(self, target: str, source: BinaryIO, size: int, media_type: str) -> tuple[int, bytes]:  # noqa: ARG002 - as Door.upload
        self.put_files[unquote(target.rpartition("/")[2])] = source.read(size)
        return 200, b"{}"

    def _log(self, event: dict) -> None:
        self.logs.append(Line(event["level"], event["text"], event["fields"]))

    def _progress(self, event: dict) -> None:
        self.progress.append(Progress(event["done"], event["total"], event["message"]))

    def _result(self, event: dict) -> None:
        self.result = event["value"]

    def _error(self, event: dict) -> None:
        self.error = Failure(
            event["class"], event["code"], event["message"], event["retryable"], event["field"], event["traceback"]
        )

    def _items(self, event: dict) -> dict:
        rows, keys = event["items"], event["keys"] or [None] * len(event["items"])
        accepted = 0
        for row, key in zip(rows, keys, strict=True):
            if key is None or key not in self._row_keys:
                if event["event"] is not None and not self._pay(event["event"], 1, key):
                    break
                self.items.append(row)
                if key is not None:
                    self._row_keys.add(key)
            accepted += 1
        return self._outcome(accepted, len(rows) - accepted)

    def _charge(self, event: dict) -> dict:
        known = (event["event"], event["key"])
        if event["key"] is None or known not in self._charge_keys:
            if not self._pay(event["event"], event["count"], event["key"]):
                return self._outcome(0, event["count"])
            self._charge_keys.add(known)
        return self._outcome(event["count"], 0)

    def _pay(self, event: str, count: int, key: str | None) -> bool:
        if self._prices is not None and event not in self._prices:
            known = ", ".join(sorted(self._prices)) or "none"
            raise AgentError(f"The agent's pricing has no event {event!r} (it has: {known}).", code="event_unknown")
        cost = count * (self._prices or {}).get(event, 0)
        if self._cap is not None and self._spent + cost > self._cap:
            self._cap_reached = True
            return False
        self._spent += cost
        self.charges.append(Charge(event, count, key, cost))
        return True

    def _outcome(self, accepted: int, dropped: int) -> dict:
        return {"accepted": accepted, "dropped": dropped, "cap_reached": self._cap_reached}
