"""All findings of the wanted kinds, none overlapping another."""

from collections.abc import Callable, Iterable

from redactor.candidate import Candidate, Detector, Near
from redactor.contact import find_births, find_emails, find_ipv4, find_ipv6, find_phones
from redactor.identity import DETECTORS as IDENTITY
from redactor.money import find_cards, find_ibans
from redactor.secret import find_api_keys, find_url_credentials

DETECTORS: dict[str, list[Detector]] = {
    "email": [find_emails],
    "phone": [find_phones],
    "iban": [find_ibans],
    "card": [find_cards],
    "ipv4": [find_ipv4],
    "ipv6": [find_ipv6],
    **IDENTITY,
    "date_of_birth": [find_births],
    "url_credentials": [find_url_credentials],
    "api_key": [find_api_keys],
}
KINDS = tuple(DETECTORS)


def find_all(
    text: str,
    kinds: Iterable[str],
    near: Near,
    *,
    accept: Callable[[Candidate], bool] = lambda _: True,
    tell: Callable[[int, str], None] = lambda *_: None,
) -> list[Candidate]:
    """Findings in the order of the text. Where two overlap, the surer one stays, then the longer one."""
    found: list[Candidate] = []
    for number, kind in enumerate(kinds, start=1):
        for detector in DETECTORS[kind]:
            found.extend(filter(accept, detector(text, near)))
        tell(number, kind)
    return without_overlaps(found)


def without_overlaps(found: list[Candidate]) -> list[Candidate]:
    """The candidates that remain when the surer of two overlapping ones wins."""
    kept: list[Candidate] = []
    for candidate in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or kept[-1].end <= candidate.start:
            kept.append(candidate)
        elif _weight(candidate) > _weight(kept[-1]):
            # What the loser covered alone must not stay readable: the winner takes the whole stretch.
            start, end = kept[-1].start, max(kept[-1].end, candidate.end)
            kept[-1] = candidate._replace(start=start, end=end)
        elif candidate.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=candidate.end)
    return kept


def _weight(candidate: Candidate) -> tuple[float, int]:
    return candidate.confidence, candidate.end - candidate.start
