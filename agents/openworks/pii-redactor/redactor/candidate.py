"""One place in the text that looks like personal data."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

Near = Callable[[int], str]  # offset -> lower-case words before it: the column's name, the text on the same line
NOT_BARE = re.compile(r"[\W_]")


class Candidate(NamedTuple):
    start: int
    end: int
    kind: str
    confidence: float


Detector = Callable[[str, Near], Iterator[Candidate]]


def bare(text: str) -> str:
    """Letters and digits only, in capitals."""
    return NOT_BARE.sub("", text).upper()


def by_pattern(
    kind: str,
    pattern: str,
    check: Callable[[str], bool],
    *,
    confidence: float,
    words: str = "",
    needs_words: bool = False,
) -> Detector:
    """A detector for a pattern with a rule; `words` before it raise the confidence to 0.97, or are needed at all."""
    compiled = re.compile(pattern)
    spoken = re.compile(rf"(?<![a-z])(?:{words})") if words else None

    def find(text: str, near: Near) -> Iterator[Candidate]:
        for found in compiled.finditer(text):
            if not check(bare(found.group())):
                continue
            said = bool(spoken and spoken.search(near(found.start())))
            if said or not needs_words:
                yield Candidate(found.start(), found.end(), kind, 0.97 if said else confidence)

    return find
