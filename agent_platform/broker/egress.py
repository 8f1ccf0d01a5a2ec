"""POST /runtime/v1/http: one request to the network, described in JSON.

The answer's body is the body of ours, sent when all of it has come: a server cannot take back a status, and a body that
was cut short would pass for a whole one. Asked to stream, the pieces come as they are, each behind its length.
"""

import base64
import binascii
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import IO, Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from agent_platform.broker.bodies import read_body
from agent_platform.broker.forwarding import (
    MOST_ANSWER_BYTES,
    MOST_SECONDS,
    SMALL_BYTES,
    Ask,
    Forwarded,
    forward,
    room_for,
    turn,
)
from agent_platform.broker.pacing import paced, speaking
from agent_platform.broker.speakers import of_a_run, token_of
from agent_platform.core.errors import AppError, InputInvalid, RateLimited
from agent_platform.services import runs

MOST_ASK_BYTES = 12 * 1_048_576
MOST_BODY_BYTES = 8 * 1_048_576
MOST_HEADERS = 50
MOST_HEADER_BYTES = 8_192
MOST_URL_CHARACTERS = 8_192
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PIECE_BYTES = 262_144
BYTES = "application/octet-stream"
STATUS, HEADERS, URL, DRY, FRAMED = "AP-Status", "AP-Headers", "AP-Url", "AP-Dry-Run", "AP-Framed"


async def ask_network(request: Request) -> Response:
    """The turn is held until the answer is sent, so that a run keeps eight bodies of ours at most, however slowly it reads."""
    speaker = of_a_run(await speaking(request))
    async with AsyncExitStack() as held:
        await held.enter_async_context(turn(speaker))
        await room_for("request", _announced(request), held)
        body = await read_body(request, MOST_ASK_BYTES)
        ask = await paced(speaker, lambda: read_ask(body))
        stack = await held.enter_async_context(AsyncExitStack())
        try:
            answer = await forward(stack, speaker, ask, token=token_of(request.headers.get("authorization")))
        except runs.NotPermitted as error:
            if error.reason != "dry_run":
                raise
            return Response(b"", headers={STATUS: "202", HEADERS: "{}", URL: "", DRY: "1"})
        headers = {STATUS: str(answer.status), HEADERS: _headers(answer), URL: answer.url[:MOST_URL_CHARACTERS]}
        if ask.streams:
            return _Held(_framed(answer, stack), headers | {FRAMED: "1"}, held.pop_all())
        spool = await _gathered(answer, held)
        await stack.aclose()  # the far side is done with; only the turn is still held
        length = {"Content-Length": str(spool.tell())}
        held.enter_context(spool)
        return _Held(_pieces(spool), headers | length, held.pop_all())
    raise AssertionError("nothing above swallows an error")


routes = [Route("/runtime/v1/http", ask_network, methods=["POST"])]


def _announced(request: Request) -> int:
    """How many bytes the body has; the most it may have where that is not said."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdigit() else MOST_ASK_BYTES


def read_ask(body: bytes) -> Ask:
    """Raises: InputInvalid naming the member."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise InputInvalid("The body must be a JSON object with method and url.") from None
    if not isinstance(raw, dict):
        raise InputInvalid("The body must be a JSON object with method and url.")
    method, url = str(raw.get("method", "GET")).upper(), raw.get("url")
    if method not in METHODS:
        raise InputInvalid(f"`method` must be one of {', '.join(sorted(METHODS))}.")
    if not isinstance(url, str) or len(url) > MOST_URL_CHARACTERS:
        raise InputInvalid(f"`url` must be text of at most {MOST_URL_CHARACTERS:,} characters.")
    streams = raw.get("stream") is True
    return Ask(
        method,
        url,
        _read_headers(raw.get("headers") or {}),
        _read_body(raw),
        seconds=_read_seconds(raw.get("timeout", 30)),
        follows=raw.get("redirects", True) is True,
        streams=streams,
        most_bytes=1 << 40 if streams else MOST_ANSWER_BYTES,
    )


def _read_headers(raw: Any) -> list[tuple[str, str]]:
    pairs = list(raw.items()) if isinstance(raw, dict) else raw
    fits = isinstance(pairs, list) and len(pairs) <= MOST_HEADERS
    if not fits or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise InputInvalid(f"`headers` is an object, or a list of pairs, of at most {MOST_HEADERS} entries.")
    for name, value in pairs:
        good = isinstance(name, str) and isinstance(value, str) and name.isascii() and value.isprintable()
        if not good or not name.replace("-", "").replace("_", "").isalnum() or len(value) > MOST_HEADER_BYTES:
            raise InputInvalid("A header is a plain name and printable text of at most 8 KiB.")
        if not value.isascii():
            raise InputInvalid(f"The header {name} holds letters beyond ASCII; encode them.")
    return [(name, value) for name, value in pairs]


def _read_body(raw: dict[str, Any]) -> bytes | None:
    text, encoded = raw.get("body"), raw.get("body_base64")
    if encoded is not None:
        try:
            content = base64.b64decode(str(encoded), validate=True)
        except (binascii.Error, ValueError):
            raise InputInvalid("`body_base64` is not Base64.") from None
    elif text is None:
        return None
    elif isinstance(text, str):
        content = text.encode("utf-8", "replace")
    else:
        raise InputInvalid("`body` must be text; send bytes as `body_base64`.")
    if len(content) > MOST_BODY_BYTES:
        raise InputInvalid(f"A request body may have {MOST_BODY_BYTES // 1_048_576} MiB.")
    return content


def _read_seconds(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw <= MOST_SECONDS:
        raise InputInvalid(f"`timeout` is a number of seconds up to {MOST_SECONDS:g}.")
    return float(raw)


def _headers(answer: Forwarded) -> str:
    """As a JSON object in ASCII; a repeated header is joined. What does not fit any more is left out, the longest first."""
    merged: dict[str, str] = {}
    for name, value in answer.headers:
        key = name.lower()
        merged[key] = f"{merged[key]}, {value}" if key in merged else value
    while len(text := json.dumps(merged)) > MOST_HEADER_BYTES:
        merged.pop(max(merged, key=lambda key: len(merged[key])))
    return text


async def _gathered(answer: Forwarded, held: AsyncExitStack) -> IO[bytes]:
    """The whole body, as a file at its end; in memory while it is small.

    Raises: UpstreamFailed, also when there is no room for a large one: the request was made, and nobody may make it again unasked.
    """
    spool = tempfile.SpooledTemporaryFile(max_size=SMALL_BYTES)  # noqa: SIM115 - closed by who sends it
    try:
        async for chunk in answer.chunks:
            if spool.tell() <= SMALL_BYTES < spool.tell() + len(chunk):
                await room_for("answer", spool.tell() + len(chunk), held)
            spool.write(chunk)
    except RateLimited:
        spool.close()
        raise runs.UpstreamFailed(
            "The request was made, but there is no room now for its large answer.", failed="too_large"
        ) from None
    except BaseException:
        spool.close()
        raise
    return spool


class _Held(StreamingResponse):
    """An answer that lets go of what it holds however it ends, also when its reader left before the first byte."""

    def __init__(self, body: AsyncIterator[bytes], headers: dict[str, str], held: AsyncExitStack) -> None:
        super().__init__(body, headers=headers, media_type=BYTES)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


async def _pieces(spool: IO[bytes]) -> AsyncIterator[bytes]:
    spool.seek(0)
    while piece := spool.read(PIECE_BYTES):
        yield piece


async def _framed(answer: Forwarded, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    """`length in hex, line feed, bytes` for each piece; `0` at the end, or `!` and a sentence where it broke off."""
    try:
        async with stack:
            async for chunk in answer.chunks:
                yield b"%x\n%s" % (len(chunk), chunk)
        yield b"0\n"
    except AppError as error:
        yield b"!" + error.sentence.encode() + b"\n"
