"""The daemon's door: one JSON object a line each way, on a unix socket that only its own user may open."""

import asyncio
import base64
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from agent_platform.sdk._frames import Frame, read_frames
from workers.sandbox.attempt import Attempt, Busy, Refused
from workers.sandbox.host import Host
from workers.sandbox.records import Records

MAX_REQUEST_BYTES = 256 * 1024
MAX_BACKLOG_BYTES = 4 * 1024 * 1024


class Server:
    def __init__(self, host: Host, records: Records) -> None:
        self._host = host
        self._records = records
        self._watchers: set[asyncio.StreamWriter] = set()
        self._writers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._calls: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "start": self._start,
            "status": self._status,
            "list": self._list,
            "logs": self._logs,
            "cancel": self._cancel,
            "prewarm": self._prewarm,
            "capabilities": self._capabilities,
        }
        host.on_change = self._tell

    async def listen(self, path: Path) -> asyncio.Server:
        """Serving on `path`, where nothing else may lie."""
        before = os.umask(0o177)
        try:
            return await asyncio.start_unix_server(self._serve, path, limit=MAX_REQUEST_BYTES, backlog=512)
        finally:
            os.umask(before)

    async def hang_up(self) -> None:
        """Every client is told by a closed connection."""
        for writer in self._writers.values():
            writer.close()
        await asyncio.gather(*self._writers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._writers[task] = writer
        try:
            while line := await reader.readline():
                writer.write(_line(await self._answer(line, writer)))
                await writer.drain()
        except (OSError, ValueError):
            pass  # the client is gone, or sent no line that fits
        finally:
            del self._writers[task]
            self._watchers.discard(writer)
            writer.close()

    async def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> dict[str, Any] | None:
        try:
            request = json.loads(line)
            if request["op"] == "watch":
                return self._watch(writer)
            if request["op"] == "destroy":
                return await self._destroy(request)
            return self._calls[request["op"]](request)
        except Refused as error:
            return {"error": str(error), "transient": False}
        except Busy as error:
            return {"error": str(error), "transient": True}
        except (KeyError, TypeError, ValueError) as error:
            return {"error": f"The request was not understood: {error!r}.", "transient": False}

    async def _destroy(self, request: dict[str, Any]) -> dict[str, Any]:
        await self._host.destroy(request["handle"])
        return {}

    def _start(self, request: dict[str, Any]) -> dict[str, Any]:
        return self._host.start(request["spec"]).report()

    def _list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"sandboxes": [attempt.report() for attempt in self._host.attempts.values()]}

    def _cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        self._host.cancel(request["handle"], float(request["grace_seconds"]))
        return {}

    def _prewarm(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"warm": self._host.prewarm(max(0, int(request["n"])))}

    def _status(self, request: dict[str, Any]) -> dict[str, Any]:
        handle = str(request["handle"])
        attempt = self._host.attempts.get(handle)
        if attempt:
            return attempt.report()
        lost = {"phase": "lost", "reason": "lost", "detail": "The sandbox host knows no such sandbox."}
        return {"handle": handle, "run_id": "", "attempt": 0, **lost}

    def _logs(self, request: dict[str, Any]) -> dict[str, Any]:
        handle, since = str(request["handle"]), int(request["since"])
        if handle not in self._host.attempts:
            return {"chunks": []}
        frames = read_frames(self._records.log_path(handle), max(0, since))
        return {"chunks": [_chunk(frame) for frame in frames]}

    def _capabilities(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "driver": "sandbox",
            "isolation": ["standard"],
            "limits": "cgroup" if self._host.launcher.hierarchy else "rlimit",
            "own_uid": self._host.launcher.own_uids,
            "network": "none",
            "warm": len(self._host.warm),
            "warm_target": self._host.warm_target,
            "most_sandboxes": self._host.most,
            "sandboxes": len(self._host.claimed()) + len(self._host.waiting),
        }

    def _watch(self, writer: asyncio.StreamWriter) -> None:
        self._watchers.add(writer)
        for attempt in self._host.attempts.values():
            writer.write(_line(attempt.report()))

    def _tell(self, attempt: Attempt) -> None:
        line = _line(attempt.report())
        for writer in list(self._watchers):
            if writer.transport.get_write_buffer_size() > MAX_BACKLOG_BYTES:
                # It lists everything again when it comes back; memory here stays bounded.
                self._watchers.discard(writer)
                writer.close()
                continue
            with suppress(OSError):
                writer.write(line)


def _chunk(frame: Frame) -> dict[str, Any]:
    content = base64.b64encode(frame.content).decode()
    return {"seq": frame.seq, "stream": frame.stream, "content": content, "next": frame.next}


def _line(answer: dict[str, Any] | None) -> bytes:
    return b"" if answer is None else json.dumps(answer, separators=(",", ":")).encode() + b"\n"
