"""What went into a run and under which terms it ran."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from agent_platform.core.ids import shown
from agent_platform.models.runs import Origin, Run, RunAttempt
from agent_platform.views.format import bytes_text, count, date_text, money_short, span
from agent_platform.views.parts import FactView
from agent_platform.views.run import ORIGINS
from agent_platform.views.run_cells import cell_text, pretty_json
from agent_platform.views.run_words import one_line

MEBIBYTE = 1_048_576


def input_facts(run: Run, schema: Mapping[str, Any], names: Mapping[str, str]) -> list[FactView]:
    """The input in the words of its form; `names` are the names of uploads by id."""
    known = schema.get("properties") or {}
    return [
        FactView(
            one_line(str(known.get(name, {}).get("title") or name), 80),
            "\N{BULLET}\N{BULLET}\N{BULLET}" if known.get(name, {}).get("secret") else _value(value, names),
            one_line(str(known.get(name, {}).get("unit") or ""), 20),
        )
        for name, value in run.input.items()
    ]


def input_json(run: Run, schema: Mapping[str, Any]) -> str:
    known = schema.get("properties") or {}
    return pretty_json(
        {name: "***" if known.get(name, {}).get("secret") else value for name, value in run.input.items()}
    )


def details_of(run: Run, attempts: Sequence[RunAttempt], *, now: datetime, zone: tzinfo) -> list[FactView]:
    digest = next((attempt.spec["digest"] for attempt in reversed(attempts) if attempt.spec.get("digest")), "")
    lines = [
        FactView("Run", shown("run", run.id)),
        FactView("Agent", run.agent_ref),
        FactView("Version", run.version),
        FactView("Bundle, SHA-256", digest or "\N{EM DASH}"),
        FactView("Started by", one_line(run.started_by_name or "\N{EM DASH}"), ORIGINS[Origin(run.origin)]),
        FactView("Accepted", date_text(run.queued_at, now, zone)),
        FactView("Started", date_text(run.started_at, now, zone)),
        FactView("Ended", date_text(run.finished_at, now, zone)),
        FactView("Maximum cost", money_short(run.cap_micro_usd)),
        FactView("Price", str(run.price["model"]).replace("_", " ")),
        FactView("Memory", f"{count(run.memory_mb)} MB"),
        FactView("CPU", f"{run.cpu:g} cores"),
        FactView("Disk", f"{count(run.disk_mb)} MB"),
        FactView("Time limit", span(run.timeout_seconds), "per attempt"),
        FactView("Log", bytes_text(run.log_bytes), "at most 10 MB are kept"),
    ]
    lines += [_attempt(attempt) for attempt in attempts]
    return [*lines, FactView("Repeats", shown("run", run.rerun_of))] if run.rerun_of else lines


def _attempt(attempt: RunAttempt) -> FactView:
    diagnosis = attempt.diagnosis or {}
    exit_words = f"exit {attempt.exit_code}" if attempt.exit_code is not None else str(diagnosis.get("detail") or "")
    return FactView(f"Attempt {attempt.number}", attempt.state.replace("_", " "), one_line(exit_words, 120))


def _value(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, str) and value in names:
        return one_line(names[value], 200)
    return cell_text(value)
