"""Log Triage: what kinds of lines a log holds, which of them rose and when, and where to look first."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO

from triage.events import read_events
from triage.findings import Triage, iso, judge
from triage.incident import write_incident
from triage.lines import Lines, NotALog
from triage.templates import Miner
from triage.timestamps import Clock

from agent_platform.sdk import InputError, Run, agent

TELL_EVERY = 10_000


@agent
def triage(run: Run) -> dict[str, Any]:
    """One row per template, the worst first, and incident.md."""
    miner = Miner()
    events = 0
    with _open_input(run) as stream:
        lines = Lines(stream)
        try:
            for event in read_events(lines, Clock(datetime.now(UTC))):
                miner.add(event)
                events += 1
                if events % TELL_EVERY == 0:
                    run.progress(lines.count, None, f"Read {lines.count:,} lines")
        except NotALog as error:
            raise InputError("file", str(error)) from error
    if not events:
        raise InputError("file", "The log holds no lines. Give a log with text in it.")
    found = judge(miner.templates, run.input.get("window", 5))
    shown = found.findings[: run.input.get("top", 20)]
    run.emit_many([one.item(found.span) for one in shown], keys=[f"rank:{one.rank}" for one in shown])
    run.files.put("incident.md", write_incident(found, lines=lines.count, events=events), "text/markdown")
    run.progress(lines.count, lines.count, f"{len(found.findings):,} templates")
    return _result(found, lines.count, events)


@contextmanager
def _open_input(run: Run) -> Iterator[BinaryIO]:
    if file_id := run.input.get("file"):
        with run.files.open(file_id) as stream:
            yield stream
    elif text := run.input.get("text", "").strip():
        yield io.BytesIO(text.encode("utf-8", "replace"))
    else:
        raise InputError("file", "Give a log file, or paste lines into Text.")


def _result(found: Triage, lines: int, events: int) -> dict[str, Any]:
    templates = [one.template for one in found.findings]
    moments = [at for one in templates for at in (one.first_at, one.last_at) if at is not None]
    return {
        "lines": lines,
        "entries": events,
        "templates": len(templates),
        "errors": sum(one.count for one in templates if one.level in {"fatal", "error"}),
        "warnings": sum(one.count for one in templates if one.level == "warn"),
        "spikes": len(found.spikes),
        "began_at": iso(found.began_at),
        "first_at": iso(min(moments, default=None)),
        "last_at": iso(max(moments, default=None)),
        "window_minutes": found.span.size if found.span else None,
    }
