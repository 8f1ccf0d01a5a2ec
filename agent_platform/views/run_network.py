"""Whom a run asked on the network: by host, and request by request; a refusal is shown as plainly as an answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from agent_platform.models.egress import RunEgress
from agent_platform.models.runs import Run
from agent_platform.services.runs import HostTotal
from agent_platform.views.format import bytes_text, clock_text, count, duration_ms
from agent_platform.views.run_words import one_line

FEW = 5
REASONS = {
    "host": "not in its manifest",
    "port": "port not in its manifest",
    "method": "method not in its manifest",
    "address": "not a public address",
    "dry_run": "not sent in a dry run",
    "token": "held the run token",
    "bytes": "over the bytes of a run",
}
FAILURES = {
    "timeout": "no answer in time",
    "unreachable": "could not be reached",
    "broken": "broke off",
    "too_large": "too large, cut off",
    "attempt_over": "cut with its attempt",
}


@dataclass(frozen=True)
class HostView:
    """`word` is allowed, refused or both; `note` says why."""

    host: str
    requests: str
    bytes: str
    word: str
    note: str = ""
    bad: bool = False


@dataclass(frozen=True)
class RequestView:
    time: str
    what: str
    where: str
    result: str
    bytes: str
    took: str
    bad: bool = False


@dataclass(frozen=True)
class NetworkView:
    """`allowed` names the hosts the run may reach; `more` is how many requests are not listed."""

    allowed: str = "none"
    total: str = ""
    hosts: list[HostView] = field(default_factory=list)
    few: list[HostView] = field(default_factory=list)
    requests: list[RequestView] = field(default_factory=list)
    listed: str = ""


def network_of(
    run: Run, total: int, hosts: Sequence[HostTotal], requests: Sequence[RunEgress], *, zone: tzinfo
) -> NetworkView:
    """`requests` are the newest, newest first."""
    shown = [_host(one) for one in hosts]
    listed = f"the last {count(len(requests))} of {count(total)}" if len(requests) < total else ""
    return NetworkView(
        allowed=allowed_words(run),
        total=count(total) if total else "",
        hosts=shown,
        few=shown[:FEW],
        requests=[_request(one, zone) for one in requests],
        listed=listed,
    )


def allowed_words(run: Run) -> str:
    """Which hosts this run may reach: `docs.example.com`, `any public host`, `none`."""
    names = list(dict.fromkeys(str(rule["host"]) for rule in run.options.get("network", ())))
    if "*" in names:
        return "any public host"
    if len(names) > 2:
        return f"{count(len(names))} hosts"
    return one_line(", ".join(names), 80) or "none"


def _host(total: HostTotal) -> HostView:
    word = "allowed" if not total.refused else "refused" if not total.allowed else f"{count(total.refused)} refused"
    return HostView(
        host=one_line(total.host, 80),
        requests=count(total.allowed + total.refused),
        bytes=bytes_text(total.bytes),
        word=word,
        note=REASONS.get(total.reason or "", total.reason or ""),
        bad=bool(total.refused),
    )


def _request(one: RunEgress, zone: tzinfo) -> RequestView:
    tunnel = one.method == "CONNECT"
    return RequestView(
        time=clock_text(one.created_at, zone),
        what="tunnel" if tunnel else one.method,
        where=one_line(f"{one.host}:{one.port}", 90),
        result=_result(one, tunnel=tunnel),
        bytes=bytes_text(one.sent_bytes + one.received_bytes) if not one.refused else "\N{EM DASH}",
        took=duration_ms(one.ms) if one.ended_at and not one.refused else "\N{EM DASH}",
        bad=bool(one.refused or one.failed),
    )


def _result(one: RunEgress, *, tunnel: bool) -> str:
    if one.refused:
        return f"refused: {REASONS.get(one.refused, one.refused)}"
    if one.failed:
        return FAILURES.get(one.failed, one.failed)
    if one.ended_at is None:
        return "under way"
    return "closed" if tunnel else str(one.status or "")
