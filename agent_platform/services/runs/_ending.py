"""Pure: what an ended attempt means for its run. The order of the rules is the order of reading."""

from dataclasses import dataclass
from typing import Any

from agent_platform.models.runs import AttemptState, FailureClass, Run, RunAttempt, RunState, StopReason
from agent_platform.services import runtime
from agent_platform.services.billing import consumer_pays_compute
from agent_platform.services.runs._limits import PIDS

RETRY_SECONDS = 5
LONGEST_WAIT_SECONDS = 300
PLATFORM_SENTENCE = "Our worker was lost."


@dataclass(frozen=True)
class Ending:
    """`run_state` is QUEUED for another attempt, WAITING for a person, else final."""

    run_state: RunState
    attempt_state: AttemptState
    failure_class: FailureClass | None = None
    code: str | None = None
    sentence: str | None = None
    retry_in_seconds: int = 0
    uses_platform_retry: bool = False


def ending_of(
    run: Run, attempt: RunAttempt, status: runtime.Status, *, seen: runtime.Seen, invalid: str | None
) -> Ending:
    """How this attempt ended its run. `invalid` names the first part of the output that does not fit its schema."""
    if run.stop_reason == StopReason.CAPPED and invalid is not None and run.price.get("charge_on") == "valid_output":
        return _invalid_at_cap(invalid)
    if run.stop_reason in {StopReason.CANCELLED, StopReason.CAPPED}:
        return _stopped(StopReason(run.stop_reason))
    if status.reason == runtime.Reason.TIMEOUT or run.stop_reason == StopReason.TIMED_OUT:
        return _timed_out(run, status)
    spoken = attempt.spoken or {}
    if status.phase == runtime.Phase.SUCCEEDED and spoken.keys() & {"result", "approval"}:
        return _output(run, invalid) if "result" in spoken else Ending(RunState.WAITING, AttemptState.SUSPENDED)
    if "error" in spoken:
        return _said_error(run, spoken["error"], status)
    return _diagnosed(run, status, seen)


def _stopped(reason: StopReason) -> Ending:
    if reason == StopReason.CAPPED:
        return Ending(RunState.CAPPED, AttemptState.KILLED, FailureClass.CAP, "cap_reached", "Stopped at the cap.")
    return Ending(RunState.CANCELLED, AttemptState.KILLED)


def _invalid_at_cap(invalid: str) -> Ending:
    sentence = f"Stopped at the cap, and the agent's output does not fit its own schema: {invalid}."
    return Ending(RunState.CAPPED, AttemptState.KILLED, FailureClass.CAP, "output_invalid", sentence)


def _timed_out(run: Run, status: runtime.Status) -> Ending:
    sentence = f"The agent did not finish within its limit of {run.timeout_seconds:,} s."
    if "pids" in status.limits_met:
        sentence += f" It had reached its limit of {PIDS} processes and threads."
    return Ending(RunState.TIMED_OUT, AttemptState.TIMED_OUT, FailureClass.AGENT, "timed_out", sentence)


def _output(run: Run, invalid: str | None) -> Ending:
    if invalid is None:
        return Ending(RunState.SUCCEEDED, AttemptState.SUCCEEDED)
    sentence = f"The agent's output does not fit its own schema: {invalid}."
    return _agent_fault(run, FailureClass.AGENT, "output_invalid", sentence, retryable=True)


def _said_error(run: Run, error: dict[str, Any], status: runtime.Status) -> Ending:
    failure = {"input": FailureClass.INPUT, "upstream": FailureClass.UPSTREAM}.get(error["class"], FailureClass.AGENT)
    retryable = failure != FailureClass.INPUT and error["retryable"]
    code, sentence = _limit_met(run, error, status)
    return _agent_fault(run, failure, code, sentence, retryable=retryable)


def _limit_met(run: Run, error: dict[str, Any], status: runtime.Status) -> tuple[str, str]:
    """Code and sentence; an error that speaks of a limit says which. The same number means a busy socket too, so the host must agree."""
    code, message = error["code"], error["message"]
    if code == "too_many_processes" and "pids" not in status.limits_met:
        return "agent_error", message
    limits = {
        "disk_full": f"The agent filled its disk of {run.disk_mb:,} MiB. ({message})",
        "out_of_memory": f"The agent needed more than its memory of {run.memory_mb:,} MiB. ({message})",
        "too_many_processes": f"The agent reached its limit of {PIDS} processes and threads. ({message})",
    }
    return code, limits.get(code) or message


def _diagnosed(run: Run, status: runtime.Status, seen: runtime.Seen) -> Ending:
    diagnosis = runtime.diagnose(status, seen)
    if diagnosis.failure_class == FailureClass.PLATFORM:
        lost = AttemptState.LOST if status.phase == runtime.Phase.LOST else AttemptState.FAILED
        if run.platform_retries_left > 0:
            return Ending(
                RunState.QUEUED,
                lost,
                FailureClass.PLATFORM,
                diagnosis.code,
                diagnosis.sentence,
                uses_platform_retry=True,
            )
        return Ending(RunState.FAILED, lost, FailureClass.PLATFORM, diagnosis.code, diagnosis.sentence)
    return _agent_fault(run, FailureClass.AGENT, diagnosis.code, diagnosis.sentence, retryable=True)


def _agent_fault(run: Run, failure: FailureClass, code: str, sentence: str, *, retryable: bool) -> Ending:
    if retryable and run.retries_left > 0:
        wait = min(RETRY_SECONDS * 2 ** min(run.attempt - 1, 10), LONGEST_WAIT_SECONDS)
        return Ending(RunState.QUEUED, AttemptState.FAILED, failure, code, sentence, retry_in_seconds=wait)
    return Ending(RunState.FAILED, AttemptState.FAILED, failure, code, sentence)


def refund_of(price: dict[str, Any], ending: Ending) -> str:
    """What of the charges is given back at settlement: `all`, `unused` or `none`. Source: product specification, section 10."""
    if ending.failure_class == FailureClass.PLATFORM:
        return "all"
    good = ending.run_state in {RunState.SUCCEEDED, RunState.CAPPED} and ending.code != "output_invalid"
    condition = price.get("charge_on", "stored")
    if price["model"] == "per_run" and condition == "started":
        good = True
    if good or (ending.run_state == RunState.CANCELLED and condition == "stored"):
        return "none"
    if condition in {"succeeded", "valid_output"}:
        return "all"
    if ending.run_state == RunState.CANCELLED:
        return "none"
    return {"full": "all", "unused": "unused"}.get(price.get("refund_on_agent_failure", "full"), "none")


def compute_payable(price: dict[str, Any], ending: Ending, *, compute_micro_usd: int, room_micro_usd: int) -> int:
    """Sandbox time that the consumer pays: never above the cap, never for a fault of the platform."""
    if ending.failure_class == FailureClass.PLATFORM or not consumer_pays_compute(price):
        return 0
    return max(0, min(compute_micro_usd, room_micro_usd))
