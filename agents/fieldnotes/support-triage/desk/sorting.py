"""Class and urgency of a ticket by rules, with the words that decided: the same ticket is always sorted in the same way."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from desk.rules import BY_CLASS, CALM, CLASSES, ENGLISH, GERMAN, ORDER, URGENT
from desk.tickets import Ticket

WORD = re.compile(r"[a-z0-9]+")
LEAST_SCORE = 3
LEVELS = ((5, "critical"), (3, "high"), (1, "normal"))
MOST_REASONS = 6
LEAST_SHOUTED = 12
MOST_READ = 6_000


@dataclass(frozen=True)
class Sorted:
    """`kind` is the class; `reasons` the words that decided."""

    ticket: Ticket
    kind: str
    urgency: str
    language: str
    reasons: list[str] = field(default_factory=list)

    def item(self) -> dict[str, Any]:
        return {
            "kind": "ticket",
            "ticket": self.ticket.id,
            "class": self.kind,
            "urgency": self.urgency,
            "reasons": self.reasons,
            "language": self.language,
            "subject": self.ticket.subject,
            "to": self.ticket.address,
        }


def sort_ticket(ticket: Ticket) -> Sorted:
    subject, body = _words(ticket.subject), _words(ticket.body[:MOST_READ])
    kind, spoke = _class(subject, body)
    urgency, pressed = _urgency(ticket, subject + body, kind)
    reasons = list(dict.fromkeys([*spoke, *pressed]))[:MOST_REASONS]
    return Sorted(ticket, kind, urgency, _language(subject + body), reasons)


def _class(subject: str, body: str) -> tuple[str, list[str]]:
    """The class with the most weight; words of the subject count twice. Too little is `other`."""
    scores: dict[str, int] = {}
    spoke: dict[str, list[str]] = {}
    for kind, phrases in CLASSES.items():
        found = {_shown(phrase): weight * (1 + _stands(phrase, subject)) for phrase, weight in phrases.items() if _stands(phrase, subject + body)}
        scores[kind] = sum(found.values())
        spoke[kind] = sorted(found, key=lambda phrase: -found[phrase])
    best = max(ORDER, key=lambda kind: scores[kind])
    return (best, spoke[best][:3]) if scores[best] >= LEAST_SCORE else ("other", [])


def _urgency(ticket: Ticket, text: str, kind: str) -> tuple[str, list[str]]:
    pressing = [phrase for phrase in URGENT if _stands(phrase, text)]
    calming = [phrase for phrase in CALM if _stands(phrase, text)]
    score = 1 + BY_CLASS.get(kind, 0) + sum(URGENT[one] for one in pressing) - sum(CALM[one] for one in calming)
    if "!!" in ticket.subject + ticket.body:
        score, pressing = score + 1, [*pressing, "!!"]
    if _is_shouted(ticket.subject):
        score, pressing = score + 1, [*pressing, "capitals"]
    level = next((name for least, name in LEVELS if score >= least), "low")
    return level, [_shown(phrase) for phrase in (*pressing, *calming)]


def _stands(phrase: str, text: str) -> bool:
    """From a word's beginning to a word's end; with a star the last word may go on."""
    return f" {phrase[:-1]}" in text if phrase.endswith("*") else f" {phrase} " in text


def _shown(phrase: str) -> str:
    return phrase.removesuffix("*")


def _is_shouted(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= LEAST_SHOUTED and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)


def _language(text: str) -> str:
    words = text.split()
    german, english = sum(word in GERMAN for word in words), sum(word in ENGLISH for word in words)
    return "de" if german > english else "en"


def _words(text: str) -> str:
    """Lower case without accents, one space before and between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " " + " ".join(WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))) + " "
