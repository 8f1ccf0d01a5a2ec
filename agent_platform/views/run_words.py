"""A run's state in one sentence, and the small words all its views share."""

from datetime import datetime, tzinfo

from agent_platform.models.runs import Run, RunState, StopReason
from agent_platform.views.format import count, day_text, plain_text, span

PLATFORM_TRIES = 3


def one_line(text: str, most: int = 160) -> str:
    """Text of an agent or a person on one line, with nothing in it that moves or hides letters."""
    flat = " ".join(plain_text(text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def clock_words(at: datetime, *, now: datetime, zone: tzinfo) -> str:
    """`06:14:09 UTC`, with the day when it is not today."""
    local = at.astimezone(zone)
    day = "" if local.date() == now.astimezone(zone).date() else f"{day_text(at, now, zone)}, "
    return f"{day}{local:%H:%M:%S} {local.tzname()}"


def rows_text(number: int) -> str:
    return f"{count(number)} row{'' if number == 1 else 's'}"


def message_of(run: Run, *, place: int, now: datetime, zone: tzinfo) -> str:
    """What a run is doing, or how it ended; the agent's own words while it runs."""
    said = one_line(run.progress_message or "")
    words = {
        RunState.QUEUED: _queued(run, place),
        RunState.STARTING: "Starting the sandbox",
        RunState.RUNNING: _counted(run, said or "Running"),
        RunState.STOPPING: _stopping(run, now=now, zone=zone),
        RunState.SUCCEEDED: f"{rows_text(run.item_count)} stored" if run.item_count else "Finished",
        RunState.CAPPED: f"{rows_text(run.item_count)} kept, {count(run.dropped_count)} not kept",
        RunState.FAILED: CAUSES.get(run.failure_code or "", CAUSES.get(run.failure_class or "", "It failed")),
        RunState.CANCELLED: _cancelled(run, now=now, zone=zone),
        RunState.TIMED_OUT: f"Stopped at its limit of {span(run.timeout_seconds)}",
        RunState.HELD: "A budget has to allow this run",
        RunState.WAITING: "Somebody has to answer a question; nothing is charged meanwhile",
    }
    return words[RunState(run.state)]


CAUSES = {
    "input": "The input was at fault",
    "agent": "The agent was at fault",
    "upstream": "An outside service was at fault",
    "platform": "We were at fault",
    "agent_suspended": "Its agent was suspended before it began",
    "agent_not_allowed": "Its agent was taken off the workspace's list before it began",
}


def _queued(run: Run, place: int) -> str:
    if run.stop_reason:
        return "Leaving the queue"
    if run.attempt > 1:
        return f"Waiting for attempt {run.attempt} of {max(PLATFORM_TRIES, run.attempt)}"
    return f"{_ordinal(place)} in line" if place > 1 else "Next in line"


def _stopping(run: Run, *, now: datetime, zone: tzinfo) -> str:
    why = (
        {
            StopReason.CANCELLED: f"Stopped by {one_line(run.stopped_by or 'somebody')}",
            StopReason.CAPPED: "The cap is reached",
            StopReason.TIMED_OUT: "The time limit is reached",
        }.get(StopReason(run.stop_reason), "")
        if run.stop_reason
        else ""
    )
    if run.stop_deadline_at is None:
        return why
    return f"{why}, ends by {clock_words(run.stop_deadline_at, now=now, zone=zone)}"


def _cancelled(run: Run, *, now: datetime, zone: tzinfo) -> str:
    at = f" at {clock_words(run.finished_at, now=now, zone=zone)}" if run.finished_at else ""
    return f"Stopped by {one_line(run.stopped_by or 'somebody')}{at}"


def _counted(run: Run, said: str) -> str:
    if run.progress_done is None:
        return said
    done = count(int(run.progress_done))
    return f"{said}, {done} of {count(int(run.progress_total))}" if run.progress_total else f"{said}, {done}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{count(number)}{ending}"
