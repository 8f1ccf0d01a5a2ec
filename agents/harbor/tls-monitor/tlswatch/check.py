"""One address: its answer, its redirects, its certificate, and what is wrong with them."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from tlswatch.address import Address, host_of
from tlswatch.certificate import Seen, look_at
from tlswatch.headers import hsts_seconds, missing_headers

from agent_platform.sdk import AgentError, Run

MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FIRST_BYTES = 64 * 1024
DAY_SECONDS = 86_400
LEAST_HSTS_DAYS = 180
MOST_SHOWN = 300
MOST_NAMES = 10
AGENT = {"user-agent": "tls-monitor/1", "accept": "*/*"}


@dataclass
class Check:
    """What was found; `errors` and `warnings` are whole sentences."""

    url: str
    final_url: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    status: int | None = None
    ms: int | None = None
    redirects: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    days_left: int | None = None
    http_to_https: bool | None = None
    hsts_days: int | None = None
    missing: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        return "error" if self.errors else "warning" if self.warnings else "ok"

    def item(self) -> dict[str, Any]:
        ends = self.seen.not_after
        return {
            "url": self.url,
            "state": self.state,
            "problems": [*self.errors, *self.warnings],
            "status": self.status,
            "ms": self.ms,
            "redirects": self.redirects,
            "final_url": self.final_url[:MOST_SHOWN],
            "days_left": self.days_left,
            "expires_at": ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else None,
            "issuer": self.seen.issuer,
            "names": self.seen.names[:MOST_NAMES],
            "trust": self.seen.trust,
            "tls": self.seen.version,
            "http_to_https": self.http_to_https,
            "hsts_days": self.hsts_days,
            "missing_headers": self.missing,
        }


def check_address(run: Run, address: Address) -> Check:
    """Everything about one address; whatever happens there is part of the answer and never an exception."""
    check = Check(address.url, address.url)
    headers = {}
    if address.scheme == "https":
        _look_at_certificate(run, check, address.host)
    if not check.errors:
        headers = _ask(run, check)
    if check.status is not None:
        _judge_answer(run, check, address, headers)
    return check


def _look_at_certificate(run: Run, check: Check, host: str) -> None:
    if run.dry_run:
        check.seen = Seen(trust="not looked at: a dry run opens no tunnel")
        return
    seen = check.seen = look_at(host, float(run.input.get("timeout_seconds", 10)))
    if seen.not_after is not None:
        check.days_left = int((seen.not_after - datetime.now(UTC)).total_seconds() // DAY_SECONDS)
    if seen.fault:
        check.errors.append(seen.fault)
    elif check.days_left is not None and check.days_left < run.input.get("warn_days", 21):
        check.warnings.append(f"The certificate ends in {_days(check.days_left)}; renew it.")


def _ask(run: Run, check: Check) -> dict[str, str]:
    """The headers of the last answer, redirects followed by hand so that each is seen."""
    visited = [check.url]
    for _ in range(MOST_REDIRECTS + 1):
        url = visited[-1]
        try:
            status, headers, check.ms = _one_answer(run, url)
        except AgentError as error:
            check.errors.append(_told(url, error))
            return {}
        check.status, check.final_url = status, url
        target = headers.get("location", "")
        if status not in REDIRECTS or not target or not _follow(run, check, visited, target):
            return headers
    check.errors.append(f"It leads on more than {MOST_REDIRECTS} times.")
    return headers


def _follow(run: Run, check: Check, visited: list[str], target: str) -> bool:
    """Whether the redirect may be followed; its address is then the last of `visited`."""
    try:
        url = urljoin(visited[-1], target)
        host, scheme = host_of(url), urlsplit(url).scheme
    except (ValueError, UnicodeError):
        check.errors.append(f"It answers with a redirect that is no address: {target[:100]}")
        return False
    check.redirects.append(f"{check.status} {url[:MOST_SHOWN]}")
    if host != host_of(check.url):
        check.warnings.append(f"It leads to {host[:100]}, another host. Add that address to have it checked too.")
    elif scheme == "http" and visited[-1].startswith("https:"):
        check.errors.append(f"It leads from HTTPS back to plain HTTP: {url[:100]}")
    elif url in visited:
        check.errors.append(f"It leads in a circle: {url[:100]} was there before.")
    else:
        visited.append(url)
        if scheme == "https" and check.seen.trust == Seen().trust:
            _look_at_certificate(run, check, host)
        return not check.errors
    return False


def _one_answer(run: Run, url: str) -> tuple[int, dict[str, str], int]:
    """Status, headers, and milliseconds to the first bytes; the rest of a body is not waited for."""
    began = time.monotonic()
    seconds = run.input.get("timeout_seconds", 10)
    with run.http.request("GET", url, headers=AGENT, timeout=seconds, stream=True, redirects=False) as answer:
        next(answer.pieces(), b"")
        return answer.status, answer.headers, round((time.monotonic() - began) * 1000)


def _judge_answer(run: Run, check: Check, address: Address, headers: dict[str, str]) -> None:
    if check.status is not None and check.status >= 400:
        check.errors.append(f"It answers with status {check.status}.")
    slow = run.input.get("slow_ms", 3000)
    if check.ms is not None and check.ms > slow:
        check.warnings.append(f"It took {check.ms:,} ms to answer; slow begins at {slow:,}.")
    check.missing = missing_headers(headers)
    if address.scheme == "https":
        _judge_hsts(check, headers)
        _ask_plain(run, check, address)
    elif check.final_url.startswith("https:"):
        check.http_to_https = True
        _judge_hsts(check, headers)
    elif not _leads_to_https(check):
        check.http_to_https = False
        check.warnings.append("Plain HTTP is not led to HTTPS, so what is sent can be read on the way.")
    else:
        check.http_to_https = True


def _leads_to_https(check: Check) -> bool:
    """Also by a last redirect that was not followed, such as one to another host."""
    return bool(check.redirects) and check.redirects[-1].partition(" ")[2].lower().startswith("https:")


def _judge_hsts(check: Check, headers: dict[str, str]) -> None:
    seconds = hsts_seconds(headers.get("strict-transport-security", ""))
    check.hsts_days = None if seconds is None else seconds // DAY_SECONDS
    if seconds is None:
        check.warnings.append("It sends no HSTS header, so a browser's first visit may go over plain HTTP.")
    elif check.hsts_days is not None and check.hsts_days < LEAST_HSTS_DAYS:
        check.warnings.append(f"Its HSTS header holds for {_days(check.hsts_days)}; make it {LEAST_HSTS_DAYS} or more.")


def _ask_plain(run: Run, check: Check, address: Address) -> None:
    """Whether http:// of the same host leads to https://. That nothing answers there is as good."""
    try:
        status, headers, _ = _one_answer(run, address.plain_url)
        target = urljoin(address.plain_url, headers.get("location", "")) if status in REDIRECTS else ""
    except (AgentError, ValueError):
        return
    check.http_to_https = target.startswith("https:")
    if not check.http_to_https:
        check.warnings.append("Plain HTTP is not led to HTTPS, so what is sent can be read on the way.")


def _told(url: str, error: AgentError) -> str:
    return error.text if len(error.text) <= MOST_SHOWN else f"{url[:100]}: {error.text[:MOST_SHOWN]}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"
