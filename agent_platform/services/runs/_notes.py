"""What the log tells whoever wrote the agent, beside the agent's own words; in runs of their own workspace only.

Consumers learn type and sentence of a failure. Where it lies in the code is the creator's business.
"""

from collections.abc import Sequence
from typing import Any

from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.runs import Run, RunAttempt
from agent_platform.services import agents, billing
from agent_platform.services.runs._events import MOST_LINE_CHARACTERS, Event

Line = list[Any]  # when, level, text, fields
MOST_NAMES = 20


def notes_of(session: TenantSession, run: Run, attempt: RunAttempt, events: Sequence[Event]) -> list[Line]:
    """Each event's note, each unknown name once in an attempt."""
    if run.own_version_id is None:
        return []
    return [*_unknown_names(session, run, attempt, events), *_traces(events)]


def _traces(events: Sequence[Event]) -> list[Line]:
    found = [(event.at, event.error.get("traceback")) for event in events if event.type == "error"]
    return [[at, "error", trace.rstrip()[-MOST_LINE_CHARACTERS:], {}] for at, trace in found if trace]


def _unknown_names(session: TenantSession, run: Run, attempt: RunAttempt, events: Sequence[Event]) -> list[Line]:
    """An own agent has no prices here, so nothing would say that elsewhere these names fail the run."""
    seen: list[str] = attempt.outcomes.get("event_names", [])
    named = {event.event: event.at for event in reversed(events) if event.event is not None}
    fresh = [name for name in named if name not in seen][: MOST_NAMES - len(seen)]
    if not fresh:
        return []
    attempt.outcomes = {**attempt.outcomes, "event_names": [*seen, *fresh]}
    price = agents.manifest_of(agents.get_version(session, version_id=run.own_version_id)).price  # pyright: ignore[reportArgumentType]
    if price["model"] == "free":
        return []  # names are free there too
    known = {} if price["model"] == "per_run" else price.get("events", {})
    return [[named[name], "warn", _sentence(name, known), {}] for name in fresh if name not in known]


def _sentence(name: str, known: dict[str, Any]) -> str:
    if name == billing.RUN_EVENT and not known:
        return "The price of the run is taken by the platform: emit rows without an event. In other workspaces this run fails."
    return (
        f"The price list has no event {name!r}; it has {', '.join(known) or 'none'}. It costs nothing here, because the"
        " agent is your own; in other workspaces this run fails."
    )
