"""From how a sandbox ended to what a person should read and do."""

from dataclasses import dataclass
from typing import Literal

from agent_platform.services.runtime.port import Reason, Status

NOBODY_LISTENS = 75
FILE_TOO_LARGE = 128 + 25  # SIGXFSZ: the file would have been larger than the disk of the sandbox


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform itself knows of an attempt: whether its broker handed it the input, and was out near the attempt's end."""

    had_input: bool
    broker_was_out: bool = False

    @property
    def may_be_ours(self) -> bool:
        """Whether a sandbox that blames the platform can be right."""
        return self.broker_was_out or not self.had_input


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`failure_class` decides who bears the costs; `sentence` says what happened, `resolution` what to do next."""

    failure_class: Literal["agent", "platform"]
    code: str
    sentence: str
    resolution: str


TOO_MANY_PROCESSES = Diagnosis(
    "agent",
    "too_many_processes",
    "The agent wanted more processes and threads than it may have, and ended without a result.",
    "The creator must start fewer at once.",
)
DISK_FULL = Diagnosis(
    "agent",
    "disk_full",
    "The agent wanted to write more than its disk holds, and ended without a result.",
    "Try a smaller input, or ask the creator to raise disk_mb in the manifest.",
)
HEARD_ALL_THE_TIME = Diagnosis(
    "agent",
    "agent_exit",
    "The agent's process ended with exit code 75 without giving a result. It stands for a broker that does not answer, but by the"
    " platform's own records the broker answered all the time.",
    "Read the end of the log; the creator must fix what ended the process.",
)
_TABLE: dict[Reason | None, Diagnosis] = {
    Reason.OOM: Diagnosis(
        "agent",
        "out_of_memory",
        "The agent used more memory than it declared and was stopped.",
        "Try a smaller input, or ask the creator to raise memory_mb in the manifest.",
    ),
    Reason.TIMEOUT: Diagnosis(
        "agent",
        "timed_out",
        "The agent did not finish within its time limit and was stopped.",
        "Try a smaller input, or ask the creator to raise timeout_seconds in the manifest.",
    ),
    Reason.START_TIMEOUT: Diagnosis(
        "platform",
        "launch_failed",
        "The sandbox did not get ready in time, so the agent never ran.",
        "Nothing to change: start the run again.",
    ),
    Reason.IMAGE: Diagnosis(
        "platform",
        "image_missing",
        "The agent's image could not be fetched, so the agent never ran.",
        "Start the run again in a moment; if this stays, the operator must look at the registry.",
    ),
    Reason.QUOTA: Diagnosis(
        "platform",
        "launch_failed",
        "The cluster had no room for this run within the limits of its workspace, so the agent never ran.",
        "Start the run again when others have finished.",
    ),
    Reason.EVICTED: Diagnosis(
        "platform",
        "worker_lost",
        "The machine that ran the agent needed its room for others.",
        "Nothing to change: start the run again.",
    ),
    Reason.NODE_LOST: Diagnosis(
        "platform",
        "worker_lost",
        "The machine that ran the agent stopped answering.",
        "Nothing to change: start the run again.",
    ),
    Reason.CANCELLED: Diagnosis(
        "platform",
        "cancelled",
        "The run was stopped on request before the agent finished.",
        "Start the run again when you want its result.",
    ),
    Reason.LOST: Diagnosis(
        "platform",
        "worker_lost",
        "The machine or process that ran the agent went away.",
        "Nothing to change: start the run again.",
    ),
}


# They say that the agent never ran.
NEVER_RAN = frozenset({Reason.START_TIMEOUT, Reason.IMAGE, Reason.QUOTA})


def rests_on_its_word(status: Status) -> bool:
    """Whether this end is the platform's fault by nothing but what came out of the sandbox: an exit code, or a note that is missing."""
    if status.reason in _TABLE:
        return status.reason in NEVER_RAN
    return status.started_at is None or status.exit_code == NOBODY_LISTENS


def diagnose(status: Status, seen: Seen) -> Diagnosis:
    """Why this sandbox gave no result. Pure; asked only when none came over the broker, whatever the exit code.

    `seen` decides where the sandbox's word alone would blame the platform.
    """
    if (known := _TABLE.get(status.reason)) and (seen.may_be_ours or status.reason not in NEVER_RAN):
        return known
    if status.started_at is None and seen.may_be_ours:
        return _TABLE[Reason.START_TIMEOUT]
    if status.exit_code == NOBODY_LISTENS:
        return _TABLE[Reason.LOST] if seen.may_be_ours else HEARD_ALL_THE_TIME
    if status.exit_code == FILE_TOO_LARGE:
        return DISK_FULL
    if "pids" in status.limits_met:
        return TOO_MANY_PROCESSES
    return Diagnosis(
        "agent",
        "agent_exit",
        f"The agent's process ended {_manner(status.exit_code)} without giving a result.",
        "Read the end of the log; the creator must fix what ended the process.",
    )


def _manner(exit_code: int | None) -> str:
    if exit_code is not None and exit_code > 128:
        return f"by signal {exit_code - 128}"
    return f"with exit code {exit_code}"
