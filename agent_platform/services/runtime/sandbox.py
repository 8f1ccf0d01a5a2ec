"""The embedded driver: a client of the sandbox-host daemon on its unix socket."""

import base64
import contextlib
import json
import socket
import threading
import weakref
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import (
    Capabilities,
    LogChunk,
    Phase,
    Reason,
    SandboxSpec,
    Status,
    TenantPolicy,
    Usage,
)

SOCKET_NAME = "sandbox-host.sock"
ANSWER_SECONDS = 10.0
STOP_CHECK_SECONDS = 0.5
KEPT_CONNECTIONS = 8


class SandboxDriver:
    """Safe for threads; connections are kept and replaced when the daemon was restarted."""

    def __init__(self, run_dir: Path) -> None:
        self._path = str(Path(run_dir) / SOCKET_NAME)
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()
        self._closing = weakref.finalize(self, _close_all, self._idle)

    def close(self) -> None:
        """No connection is open; the driver may still be used. Happens by itself when the driver is dropped."""
        with self._lock:
            _close_all(self._idle)

    def capabilities(self) -> Capabilities:
        answer = self._ask("capabilities")
        answer["isolation"] = tuple(answer["isolation"])
        return Capabilities(**answer)

    def ensure_tenant(self, policy: TenantPolicy) -> None:
        """Nothing to do: the daemon bounds all sandboxes of the machine, the queue those of a tenant."""

    def start(self, spec: SandboxSpec) -> str:
        return self._ask("start", spec=asdict(spec))["handle"]

    def status(self, handle: str) -> Status:
        return _status(self._ask("status", handle=handle))

    def list(self) -> Iterator[Status]:
        return iter([_status(one) for one in self._ask("list")["sandboxes"]])

    def watch(self, stop: threading.Event) -> Iterator[Status]:
        while not stop.is_set():
            with contextlib.suppress(OSError, Transient):
                yield from self._followed(stop)
            stop.wait(STOP_CHECK_SECONDS)

    def logs(self, handle: str, since: int = 0) -> Iterator[LogChunk]:
        while True:
            chunks = self._ask("logs", handle=handle, since=since)["chunks"]
            for chunk in chunks:
                since = chunk["next"]
                yield LogChunk(chunk["seq"], chunk["stream"], base64.b64decode(chunk["content"]), since)
            if not chunks:
                return

    def cancel(self, handle: str, grace_seconds: float) -> None:
        self._ask("cancel", handle=handle, grace_seconds=grace_seconds)

    def destroy(self, handle: str) -> None:
        self._ask("destroy", handle=handle)

    def prewarm(self, key: str, n: int) -> int:
        return self._ask("prewarm", key=key, n=n)["warm"]

    def _ask(self, op: str, **members: Any) -> dict[str, Any]:
        line = json.dumps({"op": op, **members}, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        try:
            answer = connection.ask(line) if connection else None
        except OSError:
            # A kept connection may be of a daemon that is gone; every call may be repeated.
            answer = None
        if answer is None:
            connection, answer = self._ask_anew(line)
        self._keep(connection)
        if "error" in answer:
            raise (Transient if answer["transient"] else Rejected)(answer["error"])
        return answer

    def _ask_anew(self, line: bytes) -> tuple["_Connection", dict[str, Any]]:
        try:
            connection = _Connection(self._path)
            return connection, connection.ask(line)
        except OSError as error:
            raise Transient(
                "The sandbox host is not reachable, so nothing was started or changed. It is restarted by itself; "
                f"if this stays, look at its log ({error})."
            ) from error

    def _keep(self, connection: "_Connection | None") -> None:
        with self._lock:
            if connection is not None and len(self._idle) < KEPT_CONNECTIONS:
                self._idle.append(connection)
                return
        if connection is not None:
            connection.close()

    def _followed(self, stop: threading.Event) -> Iterator[Status]:
        connection = _Connection(self._path)
        try:
            connection.send(b'{"op":"watch"}\n')
            while not stop.is_set():
                line = connection.line_within(STOP_CHECK_SECONDS)
                if line is not None:
                    yield _status(json.loads(line))
        finally:
            connection.close()


def _close_all(connections: list["_Connection"]) -> None:
    while connections:
        connections.pop().close()


class _Connection:
    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._rest = b""
        try:
            self._socket.settimeout(ANSWER_SECONDS)
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise

    def ask(self, line: bytes) -> dict[str, Any]:
        try:
            self.send(line)
            return json.loads(self._line())
        except (OSError, ValueError) as error:
            self.close()
            raise ConnectionResetError(str(error)) from error

    def send(self, line: bytes) -> None:
        self._socket.sendall(line)

    def line_within(self, seconds: float) -> bytes | None:
        """The next line, or None when none came in time."""
        self._socket.settimeout(seconds)
        try:
            return self._line()
        except TimeoutError:
            return None

    def close(self) -> None:
        self._socket.close()

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            piece = self._socket.recv(256 * 1024)
            if not piece:
                raise ConnectionResetError("The sandbox host closed the connection.")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def _status(answer: dict[str, Any]) -> Status:
    usage = answer.get("usage")
    return Status(
        handle=answer["handle"],
        run_id=answer["run_id"],
        attempt=answer["attempt"],
        phase=Phase(answer["phase"]),
        reason=Reason(answer["reason"]) if answer.get("reason") else None,
        exit_code=answer.get("exit_code"),
        started_at=_moment(answer.get("started_at")),
        finished_at=_moment(answer.get("finished_at")),
        usage=Usage(**usage) if usage else None,
        detail=answer.get("detail", ""),
        tenant_id=answer.get("tenant_id", ""),
        limits_met=tuple(answer.get("limits_met", ())),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
