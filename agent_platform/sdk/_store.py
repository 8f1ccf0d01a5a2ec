"""JSON values kept by key: with the run (kv) or with this consumer and agent (state)."""

from __future__ import annotations

from agent_platform.sdk import _wire
from agent_platform.sdk._door import quoted, refusal
from agent_platform.sdk._errors import AgentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agent_platform.sdk._door import Broker


MAX_TRIES = 20


class Store:
    """Keys are any non-empty text; values are JSON."""

    __slots__ = ("_broker", "_hidden", "_root")

    def __init__(self, broker: Broker, name: str, *, hidden: str = "") -> None:
        self._broker = broker
        self._root = f"/runtime/v1/{name}"
        self._hidden = hidden

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default` when none is stored."""
        status, body = self._broker.request("GET", f"{self._root}/{quoted(key)}")
        if status == 404:
            return default
        if status >= 300:
            raise refusal(status, body)
        return _wire.parse(body)

    def set(self, key: str, value: Any) -> None:
        body = _wire.to_bytes(_wire.to_json(value, f"The value of {key!r}"))
        status, answer = self._broker.request("PUT", f"{self._root}/{quoted(key)}", body)
        if status >= 300:
            raise refusal(status, answer)

    def delete(self, key: str) -> None:
        """Nothing is stored under `key`; no error when nothing was."""
        status, body = self._broker.request("DELETE", f"{self._root}/{quoted(key)}")
        if status >= 300 and status != 404:
            raise refusal(status, body)

    def keys(self, prefix: str = "") -> list[str]:
        status, body = self._broker.request("GET", f"{self._root}?prefix={quoted(prefix)}")
        if status >= 300:
            raise refusal(status, body)
        found: list[str] = _wire.parse(body)["keys"]
        return [key for key in found if not (self._hidden and key.startswith(self._hidden))]


class State(Store):
    """A store that other runs of the same consumer write too."""

    __slots__ = ()

    def update(self, key: str, fn: Callable[[Any], Any], default: Any = None) -> Any:
        """What `fn` made of the stored value (or `default`) is stored, and nobody wrote in between; returns it.

        `fn` is called again when somebody did. Raises: AgentError after twenty such times.
        """
        target = f"{self._root}/{quoted(key)}?version"
        for _ in range(MAX_TRIES):
            status, body = self._broker.request("GET", target)
            if status >= 300:
                raise refusal(status, body)
            found = _wire.parse(body)
            value = fn(found["value"] if found["version"] else default)
            content = _wire.to_bytes(_wire.to_json(value, f"The value of {key!r}"))
            status, body = self._broker.request("PUT", f"{target}={found['version']}", content)
            if status < 300:
                return value
            if status != 409:
                raise refusal(status, body)
        raise AgentError(f"{key!r} is written by others all the time.", retryable=True, code="state_busy")
