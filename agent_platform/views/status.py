"""What the status page says, formatted. Parts of the platform have names here that people outside of it understand."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent_platform.services import outages
from agent_platform.services.outages import Answer
from agent_platform.views.format import date_text, span

# name: what people call it, what it does
PARTS = {
    "web": ("Website", "Pages, sign-in, downloads"),
    "database": ("Database", "Everything that is kept"),
    "queue": ("Queue", "Wakes whoever has work to do"),
    "broker": ("Broker", "Hears what running agents say"),
    "runs": ("Starting of runs", "Brings agents into their sandboxes"),
    "builds": ("Building of agents", "Makes what creators upload ready to run"),
    "maintenance": ("Upkeep", "Brings news into the directory"),
    "watch": ("Settling of runs", "Charges what has ended"),
    "beat": ("Clock", "Figures, daily tests, what was left undone"),
}
WORDS = {Answer.YES: "Answers", Answer.NO: "Does not answer", Answer.UNKNOWN: "Not known"}
ASKED, NOT_ASKED = "It was asked and did not answer.", "Nobody was there to ask, as while the machine is off."
NO_OUTAGE = f"None was recorded in the last {outages.SHOWN_DAYS} days."
NOT_READ = "The record cannot be read now, because the database does not answer."
NOT_YET = "Nothing is known yet: the parts are being asked just now. Ask again in a moment."
RECORD_NOT_YET = "The record is not read yet."
RECORDED = (
    "Only the broker is asked all the time, so only its silences are on record. An agent that says the platform failed it is believed"
    " where this record agrees."
)


@dataclass(frozen=True)
class StatusPartView:
    """`state` is yes, no or unknown."""

    name: str
    does: str
    state: str
    words: str


@dataclass(frozen=True)
class OutageView:
    part: str
    began: str
    lasted: str
    note: str


@dataclass(frozen=True)
class StatusView:
    """`kind` is that of a callout; `no_outages` stands in place of the list where it is empty."""

    taken: str = ""
    summary: str = ""
    kind: str = "note"
    parts: list[StatusPartView] = field(default_factory=list)
    outages: list[OutageView] = field(default_factory=list)
    no_outages: str = ""


def status_view(facts: outages.StatusFacts) -> StatusView:
    return StatusView(
        taken=f"{facts.taken_at.astimezone(UTC):%H:%M:%S} UTC on {date_text(facts.taken_at, facts.taken_at).partition(',')[0]}",
        summary=_summary(facts.parts) if facts.is_asked else NOT_YET,
        kind=_kind(facts.parts),
        parts=[StatusPartView(*PARTS[name], answer.value, WORDS[answer]) for name, answer in facts.parts.items()],
        outages=[_outage(one, facts.taken_at) for one in facts.outages or []],
        no_outages=_no_outages(facts),
    )


def _summary(parts: dict[str, Answer]) -> str:
    silent, unknown = _named(parts, Answer.NO), _named(parts, Answer.UNKNOWN)
    if silent:
        return f"{len(silent)} of {len(parts)} parts {'does' if len(silent) == 1 else 'do'} not answer: {', '.join(silent)}."
    if unknown:
        return f"What could be asked answers. Not known: {', '.join(unknown)}."
    return f"All {len(parts)} parts answer."


def _named(parts: dict[str, Answer], answer: Answer) -> list[str]:
    return [PARTS[name][0] for name, found in parts.items() if found == answer]


def _kind(parts: dict[str, Answer]) -> str:
    found = set(parts.values())
    return "error" if Answer.NO in found else "warning" if Answer.UNKNOWN in found else "note"


def _no_outages(facts: outages.StatusFacts) -> str:
    if facts.outages is None:
        return NOT_READ if facts.is_asked else RECORD_NOT_YET
    return "" if facts.outages else NO_OUTAGE


def _outage(one: outages.OutageFacts, now: datetime) -> OutageView:
    seconds = max(1, round((one.ended_at - one.began_at).total_seconds()))
    return OutageView(
        PARTS[one.component][0] if one.component in PARTS else one.component,
        date_text(one.began_at, now),
        span(seconds),
        ASKED if one.was_asked else NOT_ASKED,
    )
