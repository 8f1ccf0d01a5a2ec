"""What a run may ask of the network, and the log of what it asked: each request is one row, allowed or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.live import publish_after_commit
from agent_platform.models.runs import AttemptState, RunState
from agent_platform.services.runs.errors import NotPermitted, TokenDead

MOST_REQUESTS = 10_000
MOST_BYTES = 1 << 30
TUNNEL = "CONNECT"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
LIVE_RUNS = [RunState.STARTING, RunState.RUNNING, RunState.STOPPING]
LIVE_ATTEMPTS = [AttemptState.LAUNCHING, AttemptState.RUNNING]
SPEAKING = text(
    "SELECT r.options, r.is_dry_run FROM app.runs r JOIN app.run_attempts a ON (a.tenant_id, a.run_id, a.number) = (r.tenant_id, r.id, r.attempt)"
    " WHERE r.tenant_id = :tenant AND r.id = :run AND r.attempt = :attempt AND r.state = ANY(:runs) AND a.state = ANY(:attempts)"
)
COUNT = text(
    "INSERT INTO app.run_egress_use AS u (tenant_id, run_id, requests) VALUES (:tenant, :run, 1)"
    " ON CONFLICT (tenant_id, run_id) DO UPDATE SET requests = u.requests + 1 RETURNING requests, bytes"
)
OPEN = text(
    "INSERT INTO app.run_egress (tenant_id, run_id, seq, attempt, method, host, port, path_hash, refused, ended_at)"
    " VALUES (:tenant, :run, :seq, :attempt, :method, :host, :port, :path, :refused, CASE WHEN CAST(:refused AS text) IS NULL THEN NULL ELSE now() END)"
)
CLOSE = text(
    "UPDATE app.run_egress SET status = :status, sent_bytes = :sent, received_bytes = :received, ms = :ms, refused = :refused, failed = :failed,"
    " ended_at = now() WHERE tenant_id = :tenant AND run_id = :run AND seq = :seq"
)
USED = text("UPDATE app.run_egress_use SET bytes = bytes + :bytes WHERE tenant_id = :tenant AND run_id = :run")
SENTENCES = {
    "host": "{host} is not among the hosts that this agent's manifest declares.",
    "port": "Port {port} of {host} is not among the ports that this agent's manifest declares.",
    "method": "{method} to {host} is not among the methods that this agent's manifest declares.",
    "address": "{host} does not lead to a public address.",
    "dry_run": "A dry run sends nothing but GET, HEAD and OPTIONS, and opens no tunnel.",
    "token": "The run token must not leave the platform.",
    "requests": f"A run may make {MOST_REQUESTS:,} requests; this one has made them.",
    "bytes": f"A run may move {MOST_BYTES >> 30} GiB; this one has.",
}


@dataclass(frozen=True)
class Wish:
    """One request that an agent wants to make. `path_hash` is empty for a tunnel."""

    method: str
    host: str
    port: int
    path_hash: str = ""
    carries_token: bool = False


@dataclass(frozen=True)
class Ticket:
    """An allowed request; `most_bytes` is what the run may still move."""

    seq: int
    most_bytes: int


@dataclass(frozen=True)
class Ending:
    """How an allowed request ended; `refused` when only its connection showed that it must not be made."""

    ms: int
    status: int | None = None
    sent_bytes: int = 0
    received_bytes: int = 0
    refused: str | None = None
    failed: str | None = None


def refusal_of(rules: Sequence[Mapping[str, Any]], wish: Wish) -> str | None:
    """Why the manifest's rules do not cover this request; None when they do. Nobody can read methods within a tunnel."""
    hosts = [rule for rule in rules if covers(rule["host"], wish.host)]
    if not hosts:
        return "host"
    ports = [rule for rule in hosts if wish.port in rule["ports"]]
    if not ports:
        return "port"
    return None if wish.method == TUNNEL or any(wish.method in rule["methods"] for rule in ports) else "method"


def covers(pattern: str, host: str) -> bool:
    """An exact name, `*.name` for whatever lies below it, or `*`."""
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return pattern in {"*", host}


def admit(session: TenantSession, *, run_id: UUID, attempt: int, wish: Wish) -> Ticket | NotPermitted:
    """The request has its row in the log; a refused one is returned as the error to raise once that row is committed.

    Raises: TokenDead.
    """
    who = {"tenant": session.tenant_id, "run": run_id}
    options, is_dry = _speaking(session, who, attempt)
    used = session.execute(COUNT, who).one()
    if used.requests > MOST_REQUESTS:
        return _refused("requests", wish)
    reason = _reason(options.get("network", ()), wish, used.bytes, is_dry=is_dry)
    session.execute(
        OPEN,
        who
        | {
            "seq": used.requests,
            "attempt": attempt,
            "method": wish.method,
            "host": wish.host[:253],
            "port": wish.port,
            "path": wish.path_hash,
            "refused": reason,
        },
    )
    publish_after_commit(session, f"run:{run_id}")
    return _refused(reason, wish) if reason else Ticket(used.requests, MOST_BYTES - used.bytes)


def close_request(session: TenantSession, *, run_id: UUID, seq: int, ending: Ending) -> None:
    """The row of an allowed request says how it ended, and its bytes count against the run."""
    who = {"tenant": session.tenant_id, "run": run_id}
    facts = {
        "seq": seq,
        "status": ending.status,
        "sent": ending.sent_bytes,
        "received": ending.received_bytes,
        "ms": ending.ms,
        "refused": ending.refused,
        "failed": ending.failed,
    }
    session.execute(CLOSE, who | facts)
    session.execute(USED, who | {"bytes": ending.sent_bytes + ending.received_bytes})
    publish_after_commit(session, f"run:{run_id}")


def still_speaks(session: TenantSession, *, run_id: UUID, attempt: int) -> None:
    """Returns while the attempt is the run's current one and under way. Raises: TokenDead."""
    _speaking(session, {"tenant": session.tenant_id, "run": run_id}, attempt)


def not_permitted(reason: str, wish: Wish) -> NotPermitted:
    return _refused(reason, wish)


def _speaking(session: TenantSession, who: dict[str, Any], attempt: int) -> tuple[dict[str, Any], bool]:
    """Without a lock: requests of one run must not wait for each other, nor for its rows."""
    found = session.execute(
        SPEAKING, who | {"attempt": attempt, "runs": LIVE_RUNS, "attempts": LIVE_ATTEMPTS}
    ).one_or_none()
    if found is None:
        raise TokenDead
    return found.options, found.is_dry_run


def _reason(rules: Sequence[Mapping[str, Any]], wish: Wish, used_bytes: int, *, is_dry: bool) -> str | None:
    if wish.carries_token:
        return "token"
    reason = refusal_of(rules, wish)
    if reason is None and is_dry and wish.method not in READING:
        return "dry_run"
    if reason is None and used_bytes >= MOST_BYTES:
        return "bytes"
    return reason


def _refused(reason: str, wish: Wish) -> NotPermitted:
    sentence = SENTENCES[reason].format(host=wish.host[:100], port=wish.port, method=wish.method)
    return NotPermitted(f"{sentence} Nothing was sent.", reason=reason)
