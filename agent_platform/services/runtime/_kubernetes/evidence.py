"""What the cluster's objects say about one sandbox, picked out of their JSON. Pure."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_platform.services.runtime._kubernetes import names
from agent_platform.services.runtime._kubernetes.pods import CONTAINER, Manifest
from agent_platform.services.runtime.port import Usage

# The cluster cuts its instants to whole seconds.
CUT_OFF = timedelta(seconds=1)
# Of a longer termination log the cluster keeps the end only (4096 bytes).
CUT_MESSAGE_BYTES = 4096


@dataclass(frozen=True, slots=True)
class LastWord:
    """What the entry of a container wrote to its termination log. An agent can write there too: nothing costly hangs on it."""

    reasons: frozenset[str] = frozenset()
    started_at: datetime | None = None
    usage: Usage | None = None
    words: str = ""
    oom: bool = False
    spoken: bool = False


@dataclass(frozen=True)
class Evidence:
    """One sandbox as read: its Job (None for a claimed warm pod), its pod (None before and after there is one)."""

    job: Manifest | None
    pod: Manifest | None
    refusals: tuple[str, ...]
    now: datetime

    @property
    def owner(self) -> Manifest:
        """The object that carries the name, the labels and what we noted."""
        return self.job or self.pod or {}

    @property
    def label(self) -> dict[str, str]:
        return self.owner["metadata"].get("labels") or {}

    @property
    def note(self) -> dict[str, str]:
        return self.owner["metadata"].get("annotations") or {}

    @property
    def handed_out_at(self) -> datetime:
        """When the sandbox was asked for: the Job's creation, the claim of a warm pod."""
        return (
            moment(self.note.get(names.CLAIMED_AT))
            or moment(self.owner["metadata"].get("creationTimestamp"))
            or self.now
        )

    def is_over(self, note: str) -> bool:
        """The number of seconds in this note have passed since the sandbox was asked for."""
        return self.now > self.handed_out_at + timedelta(seconds=float(self.note.get(note) or 60)) + CUT_OFF

    @property
    def cancelled(self) -> bool:
        return names.CANCELLED_AT in self.note

    @property
    def job_conditions(self) -> list[dict[str, Any]]:
        return conditions(self.job)

    @property
    def job_end(self) -> tuple[str, str] | None:
        """Reason and message of the Job's failure, as soon as the cluster has decided on it."""
        for one in conditions(self.job):
            if one.get("type") in {"Failed", "FailureTarget"} and one.get("status") == "True":
                return one.get("reason") or "", one.get("message") or ""
        return None

    @property
    def job_complete(self) -> bool:
        return any(one.get("type") == "Complete" and one.get("status") == "True" for one in conditions(self.job))

    @property
    def pod_status(self) -> dict[str, Any]:
        return (self.pod or {}).get("status") or {}

    @property
    def container(self) -> dict[str, Any]:
        found = [one for one in self.pod_status.get("containerStatuses") or [] if one.get("name") == CONTAINER]
        return (found[0].get("state") or {}) if found else {}

    @property
    def terminated(self) -> dict[str, Any] | None:
        return self.container.get("terminated")

    @property
    def running_since(self) -> datetime | None:
        running = self.container.get("running")
        if running is None:
            return None
        return max(moment(running.get("startedAt")) or self.now, self.claimed_at or datetime.min.replace(tzinfo=UTC))

    @property
    def claimed_at(self) -> datetime | None:
        return moment(self.note.get(names.CLAIMED_AT))

    @property
    def deleted_at(self) -> datetime | None:
        """When the pod's grace is over, if somebody deleted it."""
        return moment(((self.pod or {}).get("metadata") or {}).get("deletionTimestamp"))

    @property
    def disruption(self) -> tuple[str, str] | None:
        for one in conditions(self.pod):
            if one.get("type") == "DisruptionTarget" and one.get("status") == "True":
                return one.get("reason") or "", one.get("message") or ""
        return None

    @property
    def unschedulable(self) -> str:
        for one in conditions(self.pod):
            if one.get("type") == "PodScheduled" and one.get("status") == "False":
                return one.get("message") or one.get("reason") or "Unschedulable"
        return ""

    @property
    def last_word(self) -> LastWord:
        return last_word((self.terminated or {}).get("message") or "")


def last_word(message: str) -> LastWord:
    """The notes of `agent_platform.sdk.container`, one JSON object a line; nothing when the cluster had to cut them."""
    if len(message.encode()) >= CUT_MESSAGE_BYTES:
        return LastWord()
    notes = {note["what"]: note for line in message.splitlines() if (note := _note(line))}
    if not notes:
        return LastWord()
    ended = notes.get("exit", {})
    return LastWord(
        frozenset(notes),
        _epoch(notes.get("running", {}).get("at")),
        _usage(ended),
        str(ended.get("words") or "").strip(),
        oom=ended.get("oom") is True,
        spoken=True,
    )


def _note(line: str) -> dict[str, Any] | None:
    try:
        note = json.loads(line)
    except ValueError:
        return None
    return note if isinstance(note, dict) and isinstance(note.get("what"), str) else None


def _usage(ended: dict[str, Any]) -> Usage | None:
    try:
        return Usage(cpu_seconds=float(ended["cpu_seconds"]), peak_memory_bytes=int(ended["peak_memory_bytes"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _epoch(seconds: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def conditions(thing: Manifest | None) -> list[dict[str, Any]]:
    return ((thing or {}).get("status") or {}).get("conditions") or []


def moment(text: object) -> datetime | None:
    """An instant as the cluster writes it, or None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        # More digits than Python keeps.
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
