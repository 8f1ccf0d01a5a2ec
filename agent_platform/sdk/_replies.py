"""Recorded replies of `run_agent`: what hosts, people and other agents answer in a unit test."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, NamedTuple

from agent_platform.sdk import _wire
from agent_platform.sdk._errors import AgentError

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Request(NamedTuple):
    method: str
    url: str
    headers: dict
    body: bytes | None


class Call(NamedTuple):
    agent: str
    input: dict
    max_micro_usd: int
    key: str


class Question(NamedTuple):
    key: str
    title: str
    data: Any
    form: dict | None
    role: str


class Replies:
    """`answers` by `GET https://...` (or the address alone), `approval KEY` and `agent publisher/slug`; see `run_agent`."""

    def __init__(self, answers: Mapping[str, Any], *, dry_run: bool) -> None:
        self.requests: list[Request] = []
        self.calls: list[Call] = []
        self.questions: list[Question] = []
        self._answers = answers
        self._dry = dry_run
        self._children: dict[str, dict] = {}

    def network(self, asked: dict) -> tuple[int, dict[bytes, bytes], BinaryIO]:
        """The answer of POST /runtime/v1/http."""
        request = Request(asked["method"].upper(), asked["url"], asked["headers"], _body_of(asked))
        self.requests.append(request)
        if self._dry and request.method not in READING:
            return 200, {b"ap-status": b"202", b"ap-dry-run": b"1"}, io.BytesIO()
        found = self._find((f"{request.method} {request.url}", request.url), request)
        if isinstance(found, BaseException):
            raise found
        status, headers, body = _parts(found)
        answered = {
            b"ap-status": str(status).encode(),
            b"ap-headers": _wire.to_bytes(_wire.to_json(headers, "Headers")),
            b"ap-url": request.url.encode(),
        }
        return 200, answered, io.BytesIO(body)

    def people(self, asked: dict) -> dict:
        """The answer of POST /runtime/v1/approvals: pending without a reply."""
        question = Question(asked["key"], asked["title"], asked["data"], asked["form"], asked["role"])
        self.questions.append(question)
        if self._dry:
            return {"state": "approved", "approved": True, "by": "dry run", "comment": "", "data": {}}
        found = self._answers.get(f"approval {question.key}")
        if found is None:
            return {"state": "pending"}
        found = found(question) if callable(found) else found
        decision = {"approved": found} if isinstance(found, bool) else dict(found)
        decision = {"by": "Test Person", "comment": "", "data": {}} | decision
        return decision | {"state": "approved" if decision["approved"] else "rejected"}

    def agents(self, asked: dict) -> dict:
        """The answer of POST /runtime/v1/agents: always final. A key that was called before gets its first answer."""
        call = Call(asked["agent"], asked["input"], asked["max_micro_usd"], asked["key"])
        self.calls.append(call)
        if call.key not in self._children:
            plain = {
                "run_id": f"test-child-{len(self._children) + 1}",
                "state": "succeeded",
                "final": True,
                "result": {},
            }
            found = {} if self._dry else self._find((f"agent {call.agent}",), call)
            given = found if isinstance(found, Mapping) and "state" in found else {"result": found}
            self._children[call.key] = plain | {"items": [], "cost_micro_usd": 0, "error": None} | dict(given)
            self._children[call.key].setdefault("item_count", len(self._children[call.key]["items"]))
        return self._children[call.key]

    def _find(self, names: tuple[str, ...], asked: Any) -> Any:
        for name in names:
            if name in self._answers:
                found = self._answers[name]
                return found(asked) if isinstance(found, Callable) and not isinstance(found, type) else found
        known = ", ".join(sorted(self._answers)) or "none"
        raise AgentError(f"There is no reply for {names[0]!r} (there are: {known}).", code="no_reply")


def _body_of(asked: dict) -> bytes | None:
    if asked.get("body_base64") is not None:
        from binascii import a2b_base64

        return a2b_base64(asked["body_base64"])
    return None if asked.get("body") is None else _wire.to_bytes(asked["body"])


def _parts(found: Any) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a reply: a body alone, a status alone, (status, body) or (status, headers, body)."""
    if isinstance(found, int) and not isinstance(found, bool):
        return found, {}, b""
    if isinstance(found, tuple):
        status, headers, body = found if len(found) == 3 else (found[0], {}, found[1])
        return status, {name.lower(): value for name, value in headers.items()}, _parts(body)[2]
    if isinstance(found, bytes):
        return 200, {}, found
    if isinstance(found, str):
        return 200, {"content-type": "text/plain; charset=utf-8"}, _wire.to_bytes(found)
    return 200, {"content-type": "application/json"}, _wire.to_bytes(_wire.to_json(found, "A reply"))
