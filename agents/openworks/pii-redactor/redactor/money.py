"""Detectors for account and card numbers."""

import re
from collections.abc import Iterator

from redactor import checks
from redactor.candidate import Candidate, Near, bare
from redactor.countries import IBAN_LENGTHS

IBAN_START = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})\d{2}(?=[ \u00a0-]?[A-Za-z0-9])")
GROUP_MARKS = " \u00a0-"
CARD = re.compile(
    r"(?<![\w.])(?<!\w-)(?:\d{4}(?P<a>[ -])\d{4}(?P=a)\d{4}(?P=a)\d{4}(?:(?P=a)\d{3})?|\d{4}(?P<b>[ -])\d{6}(?P=b)\d{4,5}|\d{13,19})"
    r"(?!\w|-\w|\.\d)"
)
CARD_WORDS = re.compile(r"(?<![a-z])(?:card|credit|debit|visa|master|amex|pan|kreditkarte|karte|carte|tarjeta|cc)")


def find_ibans(text: str, _near: Near) -> Iterator[Candidate]:
    for found in IBAN_START.finditer(text):
        length = IBAN_LENGTHS.get(found[1].upper())
        end = _walk(text, found.start(), length) if length else None
        if end and checks.iban(bare(text[found.start() : end])):
            yield Candidate(found.start(), end, "iban", 0.99)


def find_cards(text: str, near: Near) -> Iterator[Candidate]:
    for found in CARD.finditer(text):
        for end in _card_ends(found):
            if checks.card(bare(text[found.start() : end])):
                grouped = found["a"] or found["b"]
                said = CARD_WORDS.search(near(found.start()))
                yield Candidate(found.start(), end, "card", 0.98 if said else 0.95 if grouped else 0.6)
                break


def _card_ends(found: re.Match[str]) -> list[int]:
    # Three digits after four groups may belong to a 19-digit card, or be the security code beside a 16-digit one.
    return [found.end(), found.end() - 4] if found["a"] and len(found.group()) == 23 else [found.end()]


def _walk(text: str, start: int, length: int) -> int | None:
    """The end of `length` letters and digits from `start`, single blanks or hyphens between them; None if there is none."""
    count, place = 0, start
    while place < len(text) and count < length:
        letter = text[place]
        if letter.isascii() and letter.isalnum():
            count += 1
        elif letter not in GROUP_MARKS or text[place - 1] in GROUP_MARKS:
            return None
        place += 1
    whole = count == length and not (place < len(text) and text[place].isalnum())
    return place if whole else None
