"""The egress socket: CONNECT and absolute-form requests of ordinary clients, as the relay in a sandbox passes them on.

Source: RFC 9110 sections 9.3.6 and 11.7, RFC 9112 sections 3.2.2 and 6.
"""

import asyncio
import base64
import binascii
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool

from agent_platform.broker.egress import METHODS, MOST_BODY_BYTES, MOST_HEADERS
from agent_platform.broker.forwarding import (
    Ask,
    Forwarded,
    admit,
    close,
    forward,
    look,
    passed_on,
    room_for,
    turn,
)
from agent_platform.broker.speakers import Speaker, run_speaker
from agent_platform.core import http
from agent_platform.core.errors import AppError, InputInvalid, TooLarge, Unauthenticated
from agent_platform.core.settings import get_settings
from agent_platform.services import runs

log = structlog.get_logger()
HEAD_SECONDS = 10.0
MOST_HEAD_BYTES = 32_768
MOST_OPEN = 8_192
IDLE_SECONDS = 120.0
PIECE_BYTES = 65_536
LOOK_SECONDS = 1.0
REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    407: "Proxy Authentication Required",
    413: "Too Large",
}


@dataclass(frozen=True)
class Head:
    """A request's first lines; header names as they were written."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)

    def value(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


class Proxy:
    """Serves on a unix socket beside the broker's own."""

    def __init__(self) -> None:
        self._open = 0

    async def serve(self, path: Path) -> asyncio.Server:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return await asyncio.start_unix_server(self._client, path, limit=MOST_HEAD_BYTES, backlog=512)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, then the connection is closed."""
        self._open += 1
        try:
            if self._open <= MOST_OPEN:
                await _answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            log.debug("egress_client_left")
        except AppError as error:
            await _refuse(writer, error)
        except OperationalError:
            await _say(writer, 503, "The database is away for a moment. Nothing was sent.")
        except Exception as error:
            log.exception("egress_failed", error=type(error).__name__)
            await _say(writer, 500, "The broker failed.")
        finally:
            self._open -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(HEAD_SECONDS):
        head = read_head(await _head_bytes(reader))
    token = token_of(head)
    speaker = await run_in_threadpool(run_speaker, f"Bearer {token}")
    async with turn(speaker):
        if head.method == "CONNECT":
            await _tunnel(reader, writer, speaker, head.target)
        else:
            await _pass(reader, writer, speaker, head, token)


def read_head(raw: bytes) -> Head:
    """Strict: what one reader takes for something else than the next is refused. Raises: InputInvalid."""
    try:
        first, *lines = raw.decode("ascii").removesuffix("\r\n\r\n").split("\r\n")
        method, target, version = first.split(" ")
    except ValueError:
        raise InputInvalid("This is not an HTTP/1.1 request.") from None
    if version not in {"HTTP/1.1", "HTTP/1.0"} or (method != "CONNECT" and method not in METHODS):
        raise InputInvalid("Only HTTP/1.1 with the usual methods is passed on.")
    if len(lines) > MOST_HEADERS:
        raise InputInvalid(f"At most {MOST_HEADERS} headers are passed on.")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.replace("-", "").replace("_", "").isalnum() or not value.strip().isprintable():
            raise InputInvalid("A header line is malformed.")
        headers.append((name, value.strip()))
    return Head(method, target, headers)


def token_of(head: Head) -> str:
    """The run token, which an ordinary client sends as the password of its proxy. Raises: Unauthenticated."""
    scheme, _, encoded = head.value("proxy-authorization").partition(" ")
    try:
        name, _, token = (
            base64.b64decode(encoded if scheme.lower() == "basic" else "", validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError):
        name = token = ""
    if name != "run" or not token:
        raise Unauthenticated("Use the address in HTTPS_PROXY, which carries the run token.")
    return token


def authority_of(target: str) -> tuple[str, int]:
    """Raises: InputInvalid."""
    host, colon, port = target.rpartition(":")
    if not colon or not port.isdigit() or not 0 < int(port) < 65_536:
        raise InputInvalid("CONNECT names a host and a port, such as api.example.com:443.")
    parsed = http.parse_target(f"https://{host}:{port}/")
    return parsed.host, int(port)


async def _tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, speaker: Speaker, target: str) -> None:
    host, port = authority_of(target)
    wish = runs.Wish("CONNECT", host, port)
    ticket = await admit(speaker, wish)
    began, ending = time.monotonic(), runs.EgressEnding(ms=0)
    try:
        far = await http.connect(host, port, reach=http.egress_reach(get_settings()))
    except http.AddressRefused:
        ending = replace(ending, refused="address")
        raise runs.not_permitted("address", wish) from None
    except http.ConnectFailed:
        ending = replace(ending, failed="unreachable")
        raise runs.UpstreamFailed(f"{host} could not be reached.", failed="unreachable") from None
    else:
        pump = _Pump(reader, writer, far, ticket.most_bytes)
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await pump.run(speaker)
        finally:
            ending = replace(ending, status=200, sent_bytes=pump.sent, received_bytes=pump.received, failed=pump.failed)
            await far.aclose()
    finally:
        await close(speaker, ticket, replace(ending, ms=round((time.monotonic() - began) * 1000)))


class _Pump:
    """Bytes both ways until one side ends, nothing moves for long, the run's bytes are used up or its attempt is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: Any, most_bytes: int) -> None:
        self.sent = self.received = 0
        self.failed: str | None = None
        self._reader, self._writer, self._far = reader, writer, far
        self._most = most_bytes
        self._moved = time.monotonic()

    async def run(self, speaker: Speaker) -> None:
        tasks = [asyncio.create_task(work) for work in (self._out(), self._in(), self._watch(speaker))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _out(self) -> None:
        while piece := await self._reader.read(PIECE_BYTES):
            self._count(sent=len(piece))
            await self._far.write(piece, IDLE_SECONDS)

    async def _in(self) -> None:
        while piece := await self._far.read(PIECE_BYTES, IDLE_SECONDS * 2):
            self._count(received=len(piece))
            self._writer.write(piece)
            await self._writer.drain()

    def _count(self, *, sent: int = 0, received: int = 0) -> None:
        self.sent, self.received, self._moved = self.sent + sent, self.received + received, time.monotonic()
        if self.sent + self.received > self._most:
            self.failed = "too_large"
            raise TooLarge("The run has moved all the bytes it may.")

    async def _watch(self, speaker: Speaker) -> None:
        while time.monotonic() - self._moved < IDLE_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await look(speaker)
            except runs.TokenDead:
                self.failed = "attempt_over"
                return
        self.failed = "timeout"


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, speaker: Speaker, head: Head, token: str
) -> None:
    """A plain-HTTP request in absolute form; the client itself follows redirects, each a new request here."""
    if not head.target.startswith("http://"):
        raise InputInvalid("A proxy is asked for http:// addresses, and by CONNECT for everything else.")
    async with AsyncExitStack() as stack:
        body = await _body(reader, head, stack)
        ask = Ask(head.method, head.target, passed_on(head.headers), body, follows=False)
        answer = await forward(stack, speaker, ask, token=token)
        writer.write(_answer_head(answer))
        async for chunk in answer.chunks:
            writer.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            await writer.drain()
        if head.method != "HEAD":
            writer.write(b"0\r\n\r\n")
        await writer.drain()


def _answer_head(answer: Forwarded) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Answer')}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if answer.status not in {204, 304}:
        lines.append("Transfer-Encoding: chunked")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


async def _body(reader: asyncio.StreamReader, head: Head, held: AsyncExitStack) -> bytes | None:
    if head.value("transfer-encoding"):
        raise InputInvalid("Send the body with a Content-Length.")
    length = head.value("content-length")
    if not length:
        return None
    if not length.isdigit() or len([1 for name, _ in head.headers if name.lower() == "content-length"]) > 1:
        raise InputInvalid("Content-Length is one number.")
    if int(length) > MOST_BODY_BYTES:
        raise TooLarge(f"A request body may have {MOST_BODY_BYTES // 1_048_576} MiB.")
    await room_for("request", int(length), held)
    async with asyncio.timeout(HEAD_SECONDS * 6):
        return await reader.readexactly(int(length))


async def _head_bytes(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise TooLarge(f"The head of a request may have {MOST_HEAD_BYTES // 1024} KiB.") from None


async def _refuse(writer: asyncio.StreamWriter, error: AppError) -> None:
    if isinstance(error, Unauthenticated):
        await _say(writer, 407, error.sentence, "Proxy-Authenticate: Basic realm=run")
    elif isinstance(error, runs.UpstreamFailed):
        await _say(writer, 502, error.sentence)
    else:
        await _say(writer, error.status, error.sentence)


async def _say(writer: asyncio.StreamWriter, status: int, sentence: str, *headers: str) -> None:
    """The sentence stands in the reason too: for a refused tunnel that is all a client shows."""
    body = sentence.encode()
    plain = " ".join(sentence.encode("ascii", "replace").decode().split())
    lines = [
        f"HTTP/1.1 {status} {plain[:200]}",
        "Connection: close",
        "Content-Type: text/plain; charset=utf-8",
        *headers,
    ]
    with suppress(OSError):
        writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body)
        await writer.drain()
