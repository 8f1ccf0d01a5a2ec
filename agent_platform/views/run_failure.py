"""When a run did not go well: what happened, what was charged and why, what to do next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from agent_platform.models.run_records import RunEvent
from agent_platform.models.runs import FailureClass, Run, RunState
from agent_platform.views.format import count, money_short, money_text, span
from agent_platform.views.parts import LogLine
from agent_platform.views.promises import COST_ONLY
from agent_platform.views.run_words import PLATFORM_TRIES, clock_words, one_line, rows_text

LAST_LINES = 20


@dataclass(frozen=True)
class TroubleView:
    """`kind` is empty when all is well, else note, warning, error or fault; `action` is rerun, higher_cap, form or empty."""

    kind: str = ""
    title: str = ""
    charged: str = ""
    next_step: str = ""
    action: str = ""
    facts: str = ""
    log: list[LogLine] = field(default_factory=list)


def trouble_of(
    run: Run, events: Sequence[RunEvent], *, now: datetime, zone: tzinfo, log: Sequence[LogLine] = ()
) -> TroubleView:
    """`log` are the last lines, shown with a failure."""
    at = clock_words(run.finished_at, now=now, zone=zone) if run.finished_at else ""
    if run.state == RunState.CAPPED:
        return _capped(run)
    if run.state in {RunState.FAILED, RunState.TIMED_OUT}:
        kind = "fault" if run.failure_class == FailureClass.PLATFORM and not _was_suspended(run) else "error"
        return TroubleView(
            kind,
            _happened(run),
            f"{_charged(run, _refunded(events), at)} {_why(run)}".strip(),
            _next_step(run),
            _action(run),
            _facts(run),
            list(log)[-LAST_LINES:],
        )
    if run.attempt > 1 and run.finished_at is None:
        return _again(run, events)
    return TroubleView()


def _capped(run: Run) -> TroubleView:
    dropped = (
        f" {rows_text(run.dropped_count)} could not be paid and {'was' if run.dropped_count == 1 else 'were'} not kept."
        if run.dropped_count
        else ""
    )
    return TroubleView(
        "warning",
        f"Stopped at your cap of {money_short(run.cap_micro_usd)}",
        f"{rows_text(run.item_count)} stored, exactly {money_text(run.charged_micro_usd)} charged.{dropped}",
        "Everything stored is below. To get the rest, run it again with a higher cap.",
        "higher_cap",
        _facts(run),
    )


def _again(run: Run, events: Sequence[RunEvent]) -> TroubleView:
    """A new attempt is on its way; the last one is explained."""
    ended: dict[str, Any] = next((event.body for event in reversed(events) if event.kind == "run.attempt_ended"), {})
    said = one_line(str(ended.get("sentence") or "The last attempt did not end well."), 300)
    lost = ended.get("state") == "lost"
    attempt = f"Attempt {run.attempt} of {max(PLATFORM_TRIES, run.attempt)}" if lost else f"Attempt {run.attempt}"
    doing = "is running" if run.state == RunState.RUNNING else "follows by itself"
    return TroubleView(
        "fault" if lost else "warning",
        said,
        "You do not pay for the lost attempt." if lost else "Rows without a key are stored again, and paid once.",
        f"{attempt} {doing}. There is nothing to do.",
    )


def _happened(run: Run) -> str:
    if run.failure_code == "worker_lost":
        return "Our worker was lost. You pay nothing."
    if run.failure_message:
        return one_line(run.failure_message, 400)
    return (
        f"The agent did not finish within {span(run.timeout_seconds)}."
        if run.state == RunState.TIMED_OUT
        else "The run failed."
    )


def _charged(run: Run, refunded: int, at: str) -> str:
    given_back = f"{money_text(refunded)} refunded{f' at {at}' if at else ''}." if refunded else ""
    released = f"{money_text(run.cap_micro_usd - run.charged_micro_usd)} released."
    if not run.charged_micro_usd:
        return f"You pay nothing: {given_back}" if given_back else f"Nothing was charged, {released}"
    rows = f" with {rows_text(run.item_count)} stored" if run.item_count else ""
    return f"Charged {money_text(run.charged_micro_usd)}{rows}. {given_back} {released}".replace("  ", " ")


def _why(run: Run) -> str:
    price = run.price
    if _was_suspended(run):
        return "A run that never began costs nothing."
    if run.failure_class == FailureClass.PLATFORM:
        return "A fault of ours costs you nothing."
    if price["model"] in COST_ONLY:
        return "That is the sandbox time at cost." if run.charged_micro_usd else ""
    if price.get("charge_on") in {"succeeded", "valid_output"}:
        return "This price is due for success only."
    if price["model"] == "per_run" and price.get("charge_on") == "started":
        return "By this price list a run is paid when it starts."
    return WHY[price.get("refund_on_agent_failure", "full")]


def _was_suspended(run: Run) -> bool:
    """The operator took its agent away before it began: nothing that anybody got wrong."""
    return run.failure_code == "agent_suspended"


WHY = {
    "full": "By this price list everything is given back when a run fails.",
    "unused": "By this price list stored rows are paid, and charges without a row are given back.",
    "none": "By this price list what was charged stays charged when a run fails.",
}


def _next_step(run: Run) -> str:
    if run.state == RunState.TIMED_OUT:
        return f"Give it less to do at once; its limit is {span(run.timeout_seconds)}."
    return NEXT.get(run.failure_code or "", NEXT.get(run.failure_class or "", "Run it again."))


NEXT = {
    "input": "Change the input and run it again.",
    "agent": "Run it again. If it fails the same way, tell its publisher the run's id.",
    "output_invalid": "Tell its publisher the run's id; the same input will fail again.",
    "out_of_memory": "Give it a smaller input. Its creator can give it more memory; a run that is started by the API can ask for more itself.",
    "disk_full": "Give it a smaller input; its disk is full.",
    "too_many_processes": "Run it again with less to do at once. If it fails the same way, tell its publisher the run's id.",
    "upstream": "The service may answer later. Run it again then.",
    "agent_not_allowed": "Ask an admin of the workspace to put the agent on its list, then run it again.",
    "agent_suspended": "Choose another agent: this one starts no new run until that is lifted.",
    "platform": "Run it again; nothing is left to repair on your side.",
}


def _action(run: Run) -> str:
    if run.failure_code in {"agent_suspended", "agent_not_allowed"}:
        return ""
    return "form" if run.failure_class == FailureClass.INPUT or run.failure_code == "out_of_memory" else "rerun"


def _facts(run: Run) -> str:
    known = (None if _was_suspended(run) else run.failure_class, run.failure_code)
    code = ", ".join(one for one in known if one) or run.state
    attempts = f"{count(run.attempt)} attempt{'' if run.attempt == 1 else 's'}"
    return f"{code} \N{MIDDLE DOT} {attempts}"


def _refunded(events: Sequence[RunEvent]) -> int:
    return next(
        (int(event.body["refunded_micro_usd"]) for event in reversed(events) if "refunded_micro_usd" in event.body), 0
    )
