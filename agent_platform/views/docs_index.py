"""Which words stand where in the documents: made once, because the documents change only with the program."""

import difflib
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from agent_platform.views.docs import TAG, Document, read_changelog, read_documents

SHORTEST_BEGINNING = 3
LONGEST_GUESSED = 30  # characters
CLOSE = 0.8  # how alike a word must be to stand for one that nothing has
AS_LONG = 2  # characters by which such words may differ in length
BEHIND_ALL = "\U0010ffff"
PLACED_HEADING = re.compile(r'<h[23] id="[^"]*">.*?</h[23]>', re.DOTALL)
INLINE = re.compile(r"</?(?:a|code|em|strong)\b[^>]*>")
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Section:
    """What stands under one heading. `length` is its number of words, those of title and heading included."""

    document: str
    heading: str
    href: str
    text: str
    length: int


@dataclass(frozen=True, slots=True)
class Place:
    """A word in the part of this number: how often, and where it begins in the part's text."""

    word: str
    section: int
    times: int
    begins: tuple[int, ...]
    in_heading: bool
    in_title: bool


class Index:
    """Looks words up; never goes through the texts."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.sections: list[Section] = []
        self._places: dict[str, list[Place]] = {}
        for document in documents:
            for heading, href, html in _parts(document):
                self._add(document.title, heading, href, _plain(html))
        self._vocabulary = sorted(self._places)

    def fitting(self, term: str) -> list[str]:
        """The word itself and those that begin so, unless almost every word would."""
        if len(term) >= SHORTEST_BEGINNING:
            return self._beginning(term)
        return [term] if term in self._places else []

    def places(self, term: str) -> Iterator[Place]:
        """Of every word that fits."""
        for word in self.fitting(term):
            yield from self._places[word]

    def meant(self, term: str) -> str:
        """The word itself if one begins so, else one much like it that begins with the same character, else nothing."""
        if self.fitting(term):
            return term
        if not SHORTEST_BEGINNING <= len(term) <= LONGEST_GUESSED:
            return ""
        alike = [word for word in self._beginning(term[0]) if abs(len(word) - len(term)) <= AS_LONG]
        return next(iter(difflib.get_close_matches(term, alike, 1, CLOSE)), "")

    def _beginning(self, start: str) -> list[str]:
        first = bisect_left(self._vocabulary, start)
        return self._vocabulary[first : bisect_left(self._vocabulary, start + BEHIND_ALL, lo=first)]

    def _add(self, title: str, heading: str, href: str, text: str) -> None:
        titled, headed = words_of(title), words_of(heading)
        begins: dict[str, list[int]] = {word: [] for word in (*titled, *headed)}
        for found in WORD.finditer(text):
            begins.setdefault(found[0].casefold(), []).append(found.start())
        length = 0
        for word, places in begins.items():
            times = len(places) + titled.count(word) + headed.count(word)
            place = Place(word, len(self.sections), times, tuple(places), word in headed, word in titled)
            self._places.setdefault(word, []).append(place)
            length += times
        self.sections.append(Section(title, heading, href, text, length))


@lru_cache(maxsize=1)
def read_index() -> Index:
    """Of all documents and the changelog."""
    return Index([*read_documents(), read_changelog()])


def words_of(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]


def _parts(document: Document) -> Iterator[tuple[str, str, str]]:
    """Heading, address and HTML of each; the first has no heading."""
    pieces: Sequence[str] = PLACED_HEADING.split(document.html)
    yield "", document.path, pieces[0] or document.summary
    for heading, html in zip(document.headings, pieces[1:], strict=True):
        yield heading.text, f"{document.path}#{heading.id}", html


def _plain(html: str) -> str:
    return " ".join(unescape(TAG.sub(" ", INLINE.sub("", html))).split())
