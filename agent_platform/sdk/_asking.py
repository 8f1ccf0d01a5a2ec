"""What an agent asks of people and of other agents."""

from __future__ import annotations

import time

from agent_platform.sdk import _wire
from agent_platform.sdk._door import refusal
from agent_platform.sdk._errors import AgentError, NotPermitted, RunWaits, UpstreamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from agent_platform.sdk._door import Broker

MAX_TIMEOUT_SECONDS = 86_400


class Decision:
    """What was answered; true when it was yes. `by` is None when nobody answered in time; `data` is the filled form."""

    __slots__ = ("approved", "by", "comment", "data")

    def __init__(self, approved: bool, by: str | None, comment: str, data: dict) -> None:
        self.approved = approved
        self.by = by
        self.comment = comment
        self.data = data

    def __bool__(self) -> bool:
        return self.approved

    def __repr__(self) -> str:
        return f"Decision(approved={self.approved}, by={self.by!r}, comment={self.comment!r}, data={self.data!r})"


class Approval:
    """Questions to people of the workspace that runs the agent."""

    __slots__ = ("_broker",)

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def request(
        self,
        key: str,
        title: str,
        data: Any = None,
        form: dict | None = None,
        role: str = "member",
        expires_seconds: int = 86_400,
        on_expire: str = "reject",
    ) -> Decision:
        """The decision. While there is none this call does not return: the attempt ends, and a new one starts with the answer.

        The same `key` is the same question in every attempt. Do not catch what this raises then (a BaseException).
        """
        asked = {"key": key, "title": title, "data": data, "form": form, "role": role}
        asked |= {"expires_seconds": expires_seconds, "on_expire": on_expire}
        answer = _post(self._broker, "/runtime/v1/approvals", asked, "A question")
        if answer["state"] == "pending":
            raise RunWaits(f"The run waits for an answer to {title!r}.")
        return Decision(answer["approved"], answer["by"], answer["comment"], answer["data"])


class Result:
    """How a child run ended; true when it succeeded or was stopped at its cap. `items` are its first thousand rows."""

    __slots__ = ("cost_micro_usd", "error", "item_count", "items", "result", "run_id", "state")

    def __init__(self, answer: dict) -> None:
        self.run_id: str = answer["run_id"]
        self.state: str = answer["state"]
        self.result: Any = answer.get("result")
        self.items: list = answer.get("items") or []
        self.item_count: int = answer.get("item_count") or 0
        self.cost_micro_usd: int = answer.get("cost_micro_usd") or 0
        self.error: dict | None = answer.get("error")

    def __bool__(self) -> bool:
        return self.state in {"succeeded", "capped"}

    def __repr__(self) -> str:
        return f"Result(state={self.state!r}, items={self.item_count}, cost_micro_usd={self.cost_micro_usd})"


class Agents:
    """Other agents, run under this run's cap."""

    __slots__ = ("_broker",)

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def call(
        self,
        agent: str,
        input: Mapping[str, Any],  # noqa: A002 - the word of run.input
        max_micro_usd: int,
        key: str,
        version: str | None = None,
        timeout: float = 600,
    ) -> Result:
        """The child run's end. The same `key` is the same child in every attempt, so nothing is run or paid twice.

        Raises: NotPermitted for an agent that the manifest does not name; UpstreamError when it has not ended within
        `timeout` seconds: it goes on, and calling again with the same key waits for it again.
        """
        until = time.monotonic() + min(timeout, MAX_TIMEOUT_SECONDS)
        asked = {"agent": agent, "input": dict(input), "max_micro_usd": max_micro_usd, "key": key, "version": version}
        while True:
            left = max(0.0, min(20.0, until - time.monotonic()))
            answer = _post(self._broker, "/runtime/v1/agents", asked | {"wait_seconds": left}, "A call of an agent")
            if answer["final"]:
                return Result(answer)
            if time.monotonic() >= until:
                raise UpstreamError(f"{agent} has not ended within {timeout:g} s; it goes on as {answer['run_id']}.")


def _post(broker: Broker, target: str, asked: dict, what: str) -> dict:
    status, body = broker.request("POST", target, _wire.to_bytes(_wire.to_json(asked, what)))
    if status >= 300:
        error: AgentError = refusal(status, body)
        raise NotPermitted(error.text) if error.code == "not_permitted" else error
    return _wire.parse(body)
