"""Runs of the demo consumer: real files, real sandboxes, real charges."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid5

import structlog

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import AppError
from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller
from agent_platform.services import billing, runs
from agent_platform.services.demo._bundles import AGENTS

log = structlog.get_logger()
RUNS_EACH = 21  # a quote takes its figures from twenty finished runs
AT_ONCE = 2
POLL_SECONDS = 0.2
WAIT_SECONDS = 180.0
CREDIT_SECONDS = 30.0


@dataclass(frozen=True)
class Sample:
    """One sample agent's file, cut to different lengths so that runs differ."""

    publisher: str
    slug: str
    file: str
    media_type: str

    @property
    def path(self) -> Path:
        return AGENTS / self.publisher / self.slug / "samples" / self.file


SAMPLES = (
    Sample("openworks", "data-profiler", "customers.csv", "text/csv"),
    Sample("openworks", "pii-redactor", "support-tickets.csv", "text/csv"),
    Sample("mica-tools", "log-triage", "orders.log", "text/plain"),
)


def run_history(consumer: Caller) -> None:
    """The consumer has runs of every sample agent, one of them refused by the agent for its input. Repeating adds none."""
    wait_for_credit(consumer)
    for number in range(RUNS_EACH):
        for sample in SAMPLES:
            if sample.path.exists():
                _run(consumer, sample, number)
    _wait_until_idle(consumer, most=0)


def _run(consumer: Caller, sample: Sample, number: int) -> None:
    _wait_until_idle(consumer, most=AT_ONCE - 1)
    assert consumer.tenant_id is not None
    key = str(uuid5(consumer.tenant_id, f"seed {sample.slug} {number}"))
    try:
        with tenant_session(consumer.tenant_id) as session:
            runs.start(session, _request(session, consumer, sample, number, key), caller=consumer)
    except runs.IdempotencyKeyReused:
        return
    except AppError as error:
        log.warning("seed_run_refused", agent=sample.slug, reason=error.sentence)


def _request(session: TenantSession, consumer: Caller, sample: Sample, number: int, key: str) -> runs.RunRequest:
    lines = sample.path.read_bytes().splitlines(keepends=True)
    kept = lines[: max(2, len(lines) * (number + 5) // (RUNS_EACH + 5))]
    content = b"".join(kept) if number != RUNS_EACH // 2 else b"\x00\x01\x02 not a text file \xff" * 8
    name = f"{sample.path.stem}-{number + 1:02d}{sample.path.suffix}"
    upload = runs.store_upload(session, name=name, media_type=sample.media_type, chunks=(content,), by=consumer.user_id)
    given: dict[str, Any] = {"file": shown("file", upload.id)}
    return runs.RunRequest(sample.publisher, sample.slug, given, key)


def wait_for_credit(consumer: Caller) -> None:
    """Returns once the workspace has money to run with, or has waited in vain."""
    assert consumer.tenant_id is not None
    deadline = time.monotonic() + CREDIT_SECONDS
    while time.monotonic() < deadline:
        with tenant_session(consumer.tenant_id) as session:
            if billing.balance(session).free_micro_usd:
                return
        time.sleep(POLL_SECONDS)


def _wait_until_idle(consumer: Caller, *, most: int) -> None:
    assert consumer.tenant_id is not None
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with tenant_session(consumer.tenant_id) as session:
            if sum(runs.count_open(session)) <= most:
                return
        time.sleep(POLL_SECONDS)
