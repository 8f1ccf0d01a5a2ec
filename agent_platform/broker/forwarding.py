"""Requests that agents make of the network: admitted by their manifest, sent by the guarded client, written into the egress log."""

import asyncio
import hashlib
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urljoin

from starlette.concurrency import run_in_threadpool

from agent_platform.broker.speakers import Speaker
from agent_platform.core import http
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import RateLimited
from agent_platform.core.settings import get_settings
from agent_platform.services import runs

MOST_AT_ONCE = 8
MOST_AT_ONCE_ALL = 4_096
MOST_LARGE_AT_ONCE = 400
SMALL_BYTES = 65_536
MOST_ANSWER_BYTES = 32 * 1_048_576
MOST_SECONDS = 300.0
TURN_SECONDS = 20.0
LOOK_SECONDS = 1.0
# Source: RFC 9110 section 7.6.1, and what the client writes itself. Whatever `Connection` names goes too.
HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te"),
        *("trailer", "transfer-encoding", "upgrade", "host", "content-length", "expect"),
    }
)
_turns: weakref.WeakValueDictionary[tuple[int, object], asyncio.Semaphore] = weakref.WeakValueDictionary()


@dataclass(frozen=True)
class Ask:
    """What an agent wants sent. `seconds` bounds the wait for each part of the answer, `most_bytes` its body."""

    method: str
    url: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | None = None
    seconds: float = 30.0
    follows: bool = True
    streams: bool = False
    most_bytes: int = MOST_ANSWER_BYTES


@dataclass(frozen=True)
class Forwarded:
    """The answer of the far side, its body still on its way."""

    status: int
    headers: list[tuple[str, str]]
    url: str
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def turn(speaker: Speaker) -> AsyncIterator[None]:
    """At most eight requests of one run, and some thousands of all, are under way: each waits for a slow service, and holds
    little. Raises: RateLimited after a wait.
    """
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await stack.enter_async_context(_semaphore(speaker.target_id, MOST_AT_ONCE))
                await stack.enter_async_context(_semaphore("all", MOST_AT_ONCE_ALL))
        except TimeoutError:
            raise RateLimited(
                f"{MOST_AT_ONCE} requests of this run are under way, the most at once. Nothing was sent."
            ) from None
        yield


async def room_for(kind: Literal["request", "answer"], size: int, held: AsyncExitStack) -> None:
    """Until `held` closes a body of so many bytes may be kept: four hundred of each kind, of all runs, that are not small.

    Raises: RateLimited after a wait.
    """
    if size <= SMALL_BYTES:
        return
    try:
        async with asyncio.timeout(TURN_SECONDS):
            await held.enter_async_context(_semaphore(kind, MOST_LARGE_AT_ONCE))
    except TimeoutError:
        raise RateLimited("Too many large bodies are on their way; try again in a moment.") from None


async def forward(stack: AsyncExitStack, speaker: Speaker, ask: Ask, *, token: str) -> Forwarded:
    """The answer, open until `stack` closes. A redirect is a new request under the same rules, without credentials, at most 3.

    Raises: NotPermitted, UpstreamFailed, TokenDead.
    """
    for hop in range(http.MOST_REDIRECTS + 1):
        async with AsyncExitStack() as inner:
            answer = await inner.enter_async_context(_exchange(speaker, ask, token))
            target = next((value for name, value in answer.headers if name.lower() == "location"), None)
            if not ask.follows or answer.status not in http.REDIRECTS or not target or hop == http.MOST_REDIRECTS:
                stack.push_async_exit(inner.pop_all())
                return answer
        ask = _redirected(ask, answer, target)
    raise AssertionError("the last hop returns")


async def admit(speaker: Speaker, wish: runs.Wish) -> runs.Ticket:
    """The request is in the log. Raises: NotPermitted, TokenDead."""

    def ask() -> runs.Ticket | runs.NotPermitted:
        with tenant_session(speaker.tenant_id) as session:
            return runs.admit(session, run_id=speaker.target_id, attempt=speaker.attempt, wish=wish)

    found = await run_in_threadpool(ask)
    if isinstance(found, runs.NotPermitted):
        raise found
    return found


async def close(speaker: Speaker, ticket: runs.Ticket, ending: runs.EgressEnding) -> None:
    """Written even while the request is being cancelled."""

    def write() -> None:
        with tenant_session(speaker.tenant_id) as session:
            runs.close_request(session, run_id=speaker.target_id, seq=ticket.seq, ending=ending)

    await asyncio.shield(asyncio.create_task(run_in_threadpool(write)))


async def look(speaker: Speaker) -> None:
    """Raises: TokenDead once the attempt is over."""

    def ask() -> None:
        with tenant_session(speaker.tenant_id) as session:
            runs.still_speaks(session, run_id=speaker.target_id, attempt=speaker.attempt)

    await run_in_threadpool(ask)


def passed_on(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without what concerns one connection only."""
    named = {
        word.strip().lower() for name, value in headers if name.lower() == "connection" for word in value.split(",")
    }
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP | named]


@asynccontextmanager
async def _exchange(speaker: Speaker, ask: Ask, token: str) -> AsyncIterator[Forwarded]:
    """One request and its answer; however it ends, its row in the log says so."""
    target = _target(ask.url)
    wish = runs.Wish(ask.method, target.host, target.port, _hash(target.resource), carries_token=_carries(ask, token))
    ticket = await admit(speaker, wish)
    began = time.monotonic()
    ending = runs.EgressEnding(ms=0)
    sent = len(ask.body or b"")
    until = asyncio.get_running_loop().time() + MOST_SECONDS
    try:
        async with AsyncExitStack() as stack:
            async with asyncio.timeout_at(until):
                answer = await stack.enter_async_context(_sent(target, ask))
            ending = replace(ending, status=answer.status, sent_bytes=sent)
            most_bytes = min(ask.most_bytes, ticket.most_bytes - sent)
            counted = _Counted(answer.chunks, speaker, most_bytes=most_bytes, until=until)
            try:
                yield Forwarded(answer.status, passed_on(answer.headers), str(target.url), counted.chunks())
            finally:
                ending = replace(ending, received_bytes=counted.bytes, failed=counted.failed)
    except http.AddressRefused:
        ending = replace(ending, refused="address")
        raise runs.not_permitted("address", wish) from None
    except (http.RequestTimedOut, TimeoutError):
        ending = replace(ending, failed="timeout")
        raise _failed(target, "timeout", f"did not answer within {ask.seconds:g} s") from None
    except http.RequestFailed:
        failed = "broken" if ending.status else "unreachable"
        ending = replace(ending, failed=failed)
        raise _failed(target, failed, "broke the connection off" if ending.status else "could not be reached") from None
    finally:
        await close(speaker, ticket, replace(ending, ms=round((time.monotonic() - began) * 1000)))


def _sent(target: http.Target, ask: Ask) -> AbstractAsyncContextManager[http.Streamed]:
    reach = replace(http.egress_reach(get_settings()), seconds=ask.seconds)
    return http.streamed(target, reach=reach, method=ask.method, headers=_written(ask.headers), content=ask.body)


class _Counted:
    """A body that ends with an error when it grows too large, takes too long, or its attempt is over; `bytes` is what came."""

    def __init__(self, source: AsyncIterator[bytes], speaker: Speaker, *, most_bytes: int, until: float) -> None:
        self.bytes = 0
        self.failed: str | None = None
        self._source = source
        self._speaker = speaker
        self._most = most_bytes
        self._until = until

    async def chunks(self) -> AsyncIterator[bytes]:
        looked = time.monotonic()
        while True:
            async with asyncio.timeout_at(self._until):  # by piece: another task than the one that began may read on
                chunk = await anext(self._source, None)
            if chunk is None:
                return
            self.bytes += len(chunk)
            if self.bytes > self._most:
                self.failed = "too_large"
                raise runs.UpstreamFailed(f"The answer has more than {self._most:,} bytes.", failed="too_large")
            if time.monotonic() - looked > LOOK_SECONDS:
                await look(self._speaker)
                looked = time.monotonic()
            yield chunk


def _redirected(ask: Ask, answer: Forwarded, target: str) -> Ask:
    headers = [(name, value) for name, value in ask.headers if name.lower() in http.KEPT_ON_REDIRECT]
    to_get = answer.status in {301, 302, 303} and ask.method != "HEAD"
    return replace(
        ask,
        url=urljoin(answer.url, target),
        headers=headers,
        method="GET" if to_get else ask.method,
        body=None if to_get else ask.body,
    )


def _target(url: str) -> http.Target:
    try:
        return http.parse_target(url)
    except http.AddressRefused as error:
        raise runs.NotPermitted(error.sentence, reason="address") from None


def _written(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is sent: nothing of a connection, and no compression that we would have to undo."""
    kept = [(name, value) for name, value in passed_on(headers) if name.lower() != "accept-encoding"]
    names = {name.lower() for name, _ in kept}
    defaults = [("User-Agent", "agent-platform"), ("Accept", "*/*")]
    return [
        *kept,
        *((name, value) for name, value in defaults if name.lower() not in names),
        ("Accept-Encoding", "identity"),
    ]


def _carries(ask: Ask, token: str) -> bool:
    secret = token.encode()
    parts = [ask.url.encode(), *(f"{name}:{value}".encode() for name, value in ask.headers), ask.body or b""]
    return any(secret in part for part in parts)


def _failed(target: http.Target, failed: str, words: str) -> runs.UpstreamFailed:
    return runs.UpstreamFailed(f"{target.host} {words}.", failed=failed)


def _hash(resource: str) -> str:
    return hashlib.sha256(resource.encode()).hexdigest()[:16]


def _semaphore(name: object, most: int) -> asyncio.Semaphore:
    key = (id(asyncio.get_running_loop()), name)
    found = _turns.get(key)
    if found is None:
        found = _turns[key] = asyncio.Semaphore(most)
    return found
