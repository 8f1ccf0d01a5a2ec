"""Where the time of a run went, and what happened in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from agent_platform.models.run_records import RunEvent
from agent_platform.models.runs import AttemptState, Run, RunAttempt, RunState
from agent_platform.views.format import MINUTE, clock_text, duration_ms, money_text
from agent_platform.views.parts import TimelineBar
from agent_platform.views.run_words import one_line

FAULTS = frozenset({AttemptState.FAILED, AttemptState.LOST, AttemptState.TIMED_OUT})


@dataclass(frozen=True)
class HappeningView:
    """One entry of the run's stream, in words."""

    time: str
    title: str
    note: str
    kind: str


@dataclass(frozen=True)
class Stretch:
    """A part of the run on the clock; `kind` as in `TimelineBar`."""

    label: str
    start: datetime
    end: datetime
    kind: str


def bars_of(run: Run, attempts: Sequence[RunAttempt], *, now: datetime) -> list[TimelineBar]:
    """Waiting, starting and running of each attempt, on one scale from acceptance until the end or now."""
    begin, end = run.queued_at, run.finished_at or now
    whole = max((end - begin).total_seconds(), 0.001)
    bars = []
    for stretch in _stretches(run, attempts, end):
        length = max((stretch.end - stretch.start).total_seconds(), 0.0)
        start = max((stretch.start - begin).total_seconds(), 0.0) / whole
        bars.append(
            TimelineBar(
                stretch.label,
                f"{min(start, 1) * 100:.1f}%",
                f"{min(length / whole, 1 - min(start, 1)) * 100:.1f}%",
                stretch.kind,
                _short(round(length * 1000)),
            )
        )
    return bars


def total_of(run: Run, *, now: datetime) -> str:
    return duration_ms(max(0, round(((run.finished_at or now) - run.queued_at).total_seconds() * 1000)))


def happenings_of(events: Sequence[RunEvent], *, zone: tzinfo) -> list[HappeningView]:
    """The stream of state changes, oldest first."""
    return [
        HappeningView(clock_text(event.created_at, zone), title, one_line(note, 300), event.kind.partition(".")[2])
        for event in events
        for title, note in [_said(event)]
    ]


def _short(milliseconds: int) -> str:
    """One unit, for the narrow column: `900 ms`, `44.7 s`, `134 s`, `28 min`."""
    seconds = round(milliseconds / 1000)
    if seconds < MINUTE:
        return duration_ms(milliseconds)
    return f"{seconds} s" if seconds < 1_000 else f"{seconds // MINUTE:,} min"


def _stretches(run: Run, attempts: Sequence[RunAttempt], end: datetime) -> list[Stretch]:
    parts: list[Stretch] = []
    waiting_since = run.queued_at
    for attempt in attempts:
        mark = f" {attempt.number}" if len(attempts) > 1 else ""
        ended = attempt.ended_at or end
        why = "Approval" if attempt.reason == "resume" else "Queued"
        parts.append(Stretch(f"{why}{mark}", waiting_since, attempt.launched_at or ended, "wait"))
        if attempt.launched_at:
            broke = attempt.ready_at is None and attempt.state in FAULTS
            kind = "fault" if broke else "start"
            parts.append(Stretch(f"Start{mark}", attempt.launched_at, attempt.ready_at or ended, kind))
        if attempt.ready_at:
            kind = "fault" if attempt.state in FAULTS else "work"
            parts.append(Stretch(f"Run{mark}", attempt.ready_at, ended, kind))
        waiting_since = ended
    if run.state == RunState.WAITING:
        parts.append(Stretch("Approval", waiting_since, end, "wait"))
    return parts


def _said(event: RunEvent) -> tuple[str, str]:
    body: dict[str, Any] = event.body
    title, wanted = WORDS.get(event.kind, (event.kind.replace("run.", "").replace("_", " ").capitalize(), ()))
    notes = [_note(name, body[name]) for name in wanted if body.get(name) not in {None, ""}]
    return title, ", ".join(note.rstrip(".") for note in notes if note)


WORDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "run.queued": ("Queued", ("sentence", "cap_micro_usd")),
    "run.parked": ("Waits for a free place of this workspace", ()),
    "run.starting": ("Starting", ("attempt", "worker")),
    "run.running": ("Running", ("attempt",)),
    "run.asked": ("Asked a person", ("title", "role")),
    "run.waiting": ("Waiting", ("title",)),
    "run.approved": ("Approved", ("by", "title", "comment")),
    "run.rejected": ("Rejected", ("by", "title", "comment")),
    "run.expired": ("Nobody answered", ("title",)),
    "run.called": ("Called an agent", ("agent", "child", "cap_micro_usd", "answer")),
    "run.charged": ("Charged", ("amount_micro_usd",)),
    "run.stopping": ("Stopping", ("reason", "by")),
    "run.attempt_ended": ("Attempt ended", ("attempt", "state", "sentence")),
    "run.succeeded": ("Succeeded", ("charged_micro_usd", "released_micro_usd")),
    "run.capped": ("Stopped at the cap", ("charged_micro_usd",)),
    "run.failed": ("Failed", ("sentence", "charged_micro_usd", "refunded_micro_usd")),
    "run.cancelled": ("Cancelled", ("stopped_by", "charged_micro_usd", "released_micro_usd")),
    "run.timed_out": ("Timed out", ("sentence", "charged_micro_usd", "refunded_micro_usd")),
}
AMOUNTS = {
    "cap_micro_usd": "set aside",
    "amount_micro_usd": "for the run",
    "charged_micro_usd": "charged",
    "released_micro_usd": "released",
    "refunded_micro_usd": "given back",
}
NAMES = {"attempt": "attempt", "role": "for", "child": "as", "worker": "worker", "by": "by", "stopped_by": "by"}


def _note(name: str, value: Any) -> str:
    if name in AMOUNTS:
        return f"{money_text(int(value))} {AMOUNTS[name]}"
    words = str(value).replace("_", " ") if name in {"state", "reason"} else str(value)
    return f"{NAMES[name]} {words}" if name in NAMES else words
