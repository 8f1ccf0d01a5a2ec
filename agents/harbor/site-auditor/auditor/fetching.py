"""Polite requests to one host: one at a time, with a pause, with bounds, and patient when the host asks for it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.addresses import Start

from agent_platform.sdk import NotPermitted, Run, UpstreamError

MOST_BYTES = 5 * 1024 * 1024
MOST_REQUESTS = 9_500  # the platform allows 10,000 a run
MOST_PAUSE_SECONDS = 30.0
MOST_PAUSES = 5
SPARE_SECONDS = 45.0
TIMEOUT_SECONDS = 20.0
TRY_LATER = frozenset({429, 503})
HEADERS = {"user-agent": "site-auditor/1 (+polite, obeys robots.txt)", "accept": "text/html,*/*;q=0.5"}


class StartRefused(Exception):
    """The platform does not let the start address be reached, or it leads elsewhere."""


class Enough(Exception):
    """The crawl has to end; the text says why."""


@dataclass(frozen=True)
class Answer:
    """`content` is cut at `MOST_BYTES`, which `is_cut` says."""

    status: int
    headers: dict[str, str]
    content: bytes
    ms: int
    is_cut: bool = False


class Site:
    """The host of one audit."""

    def __init__(self, run: Run, start: Start) -> None:
        self.host = start.host
        self.delay_seconds = run.input.get("delay_ms", 100) / 1000
        self.requests = 0
        self._run = run
        self._spare_seconds = min(SPARE_SECONDS, self._left() / 4)
        self._pauses = 0

    def get(self, url: str, *, most_bytes: int = MOST_BYTES) -> Answer:
        """Raises: UpstreamError when there is no answer, Enough, NotPermitted."""
        return self._patiently("GET", url, most_bytes)

    def status_of(self, url: str) -> int:
        """Whether something is there, without its content. Raises: as `get`."""
        status = self._patiently("HEAD", url, 0).status
        return status if status not in {405, 501} else self._patiently("GET", url, 1).status

    def _patiently(self, method: str, url: str, most_bytes: int) -> Answer:
        """A host that asks to come back later is waited for, a few times in all."""
        answer = self._ask(method, url, most_bytes)
        while answer.status in TRY_LATER and self._pauses < MOST_PAUSES:
            self._pauses += 1
            time.sleep(_wanted_pause(answer))
            answer = self._ask(method, url, most_bytes)
        return answer

    def _ask(self, method: str, url: str, most_bytes: int) -> Answer:
        if self.requests >= MOST_REQUESTS:
            raise Enough(f"{MOST_REQUESTS:,} requests were made, the most of one audit.")
        if self._left() < self._spare_seconds:
            raise Enough("The time of the run was nearly up.")
        if self.requests:
            time.sleep(self.delay_seconds)
        self.requests += 1
        began = time.monotonic()
        options = {"headers": HEADERS, "timeout": TIMEOUT_SECONDS, "stream": True, "redirects": False}
        with self._run.http.request(method, url, **options) as response:
            content, is_cut = _bounded(response.pieces(), most_bytes) if method == "GET" else (b"", False)
            return Answer(response.status, response.headers, content, round((time.monotonic() - began) * 1000), is_cut)

    def _left(self) -> float:
        return (self._run.deadline - datetime.now(UTC)).total_seconds()


def first_answer(site: Site, url: str, *, most_bytes: int = MOST_BYTES) -> Answer:
    """Without it no crawl begins. Raises: StartRefused for what the consumer has to change, UpstreamError, Enough."""
    try:
        return site.get(url, most_bytes=most_bytes)
    except NotPermitted as error:
        raise StartRefused(f"{error.text} Choose a public address.") from error
    except UpstreamError as error:
        raise UpstreamError(f"{error.text} The crawl could not begin; check the address, or try again later.") from error


def _bounded(pieces: Iterator[bytes], most_bytes: int) -> tuple[bytes, bool]:
    kept, size = [], 0
    for piece in pieces:
        kept.append(piece[: most_bytes - size])
        size += len(piece)
        if size > most_bytes:
            return b"".join(kept), True
    return b"".join(kept), False


def _wanted_pause(answer: Answer) -> float:
    text = answer.headers.get("retry-after", "").strip()
    seconds = float(text) if text.isascii() and text.isdigit() and len(text) < 7 else 5.0
    return min(max(seconds, 0.1), MOST_PAUSE_SECONDS)
