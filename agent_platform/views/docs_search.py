"""Search in the documents: every part under a heading is found by its words, the best first, with the words marked."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from urllib.parse import quote

from agent_platform.views.docs import TAG, Document, read_changelog, read_documents

MOST_QUERY = 200
MOST_TERMS = 8
MOST_HITS = 20
MOST_COUNTED = 4  # a word that stands there ten times says no more than one that stands there four times
EXCERPT = 220  # characters
BEFORE = 60
MOST_LOOKED = 100  # words of a part that may begin its excerpt
SHORTEST_BEGINNING = 3
CLOSE = 0.8  # how alike a word must be to stand for one that nothing has
NOTHING_FOUND = "No document has “{}”. Try fewer or other words, or read through the list."
PLACED_HEADING = re.compile(r'<h[23] id="[^"]*">.*?</h[23]>', re.DOTALL)
INLINE = re.compile(r"</?(?:a|code|em|strong)\b[^>]*>")
WORD = re.compile(r"[^\W_]+")
TITLE, HEADED, EXACT, BEGINS = 6.0, 8.0, 2.0, 1.0


@dataclass(frozen=True)
class PartView:
    """A piece of an excerpt; `found` is set for what was searched."""

    text: str
    found: bool = False


@dataclass(frozen=True)
class HitView:
    """A part of a document, with where it begins and what it says around the words."""

    title: str
    document: str
    href: str
    parts: list[PartView] = field(default_factory=list)


@dataclass(frozen=True)
class DocsSearchView:
    """`meant` is what was searched in place of words that stand nowhere, or empty."""

    q: str = ""
    found: str = ""
    meant: str = ""
    hits: list[HitView] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    document: str
    heading: str
    href: str
    text: str
    words: tuple[str, ...]


def search_documents(q: str) -> DocsSearchView:
    """Parts with all of the words; where there are none, those with any."""
    asked = " ".join(q.split())[:MOST_QUERY]
    terms = _terms(asked)
    meant = [_known(term) for term in terms]
    hits = _ranked([term for term in meant if term])
    return DocsSearchView(
        q=asked,
        found=_found(len(hits)) if terms else "",
        meant=" ".join(term for term in meant if term) if hits and meant != terms else "",
        hits=[_hit(one, [term for term in meant if term]) for one in hits[:MOST_HITS]],
    )


def search_path(q: str) -> str:
    return f"/docs?q={quote(q)}"


def _terms(asked: str) -> list[str]:
    return list(dict.fromkeys(WORD.findall(asked.casefold())))[:MOST_TERMS]


def _known(term: str) -> str:
    """The word itself if one begins so, else the one that looks most like it, else nothing."""
    vocabulary = _vocabulary()
    if _stands_in(vocabulary, term):
        return term
    return next(iter(difflib.get_close_matches(term, vocabulary, 1, CLOSE)), "")


def _ranked(terms: list[str]) -> list[Section]:
    scored = [(_matched(one, terms), _score(one, terms), -place, one) for place, one in enumerate(_sections())]
    most = max((matched for matched, *_ in scored), default=0)
    wanted = len(terms) if most == len(terms) else 1
    found = [row for row in scored if terms and row[0] >= wanted]
    return [row[3] for row in sorted(found, key=lambda row: row[:3], reverse=True)]


def _matched(section: Section, terms: list[str]) -> int:
    return sum(_stands_in(section.words, term) for term in terms)


def _score(section: Section, terms: list[str]) -> float:
    """A title and a heading say what a part is about; in a short part a word weighs more than in a long one."""
    titles, heading = _words(section.document), _words(section.heading)
    total = 0.0
    for term in terms:
        exact = min(section.words.count(term), MOST_COUNTED)
        begun = min(sum(_fits(word, term) for word in section.words), MOST_COUNTED) - exact
        total += exact * EXACT + max(begun, 0) * BEGINS
        total += HEADED * _stands_in(heading, term)
        total += TITLE * _stands_in(titles, term)
    return total / (1 + len(section.words) / 400)


def _hit(section: Section, terms: list[str]) -> HitView:
    title = section.heading or section.document
    return HitView(title, section.document if section.heading else "", section.href, _excerpt(section.text, terms))


def _excerpt(text: str, terms: list[str]) -> list[PartView]:
    """What stands around the words, where most of them stand together."""
    found = [match for match in WORD.finditer(text) if any(_fits(match[0].casefold(), term) for term in terms)]
    begin = max(0, _richest(found, terms) - BEFORE)
    begin = text.find(" ", begin) + 1 if begin else 0
    end = len(text) if len(text) - begin <= EXCERPT else max(text.rfind(" ", begin, begin + EXCERPT), begin + 1)
    parts, at = [PartView("… ")] if begin else [], begin
    for match in found:
        if match.start() >= at and match.end() <= end:
            parts += [PartView(text[at : match.start()]), PartView(match[0], found=True)]
            at = match.end()
    parts.append(PartView(f"{text[at:end]}{' …' if end < len(text) else ''}"))
    return [part for part in parts if part.text]


def _richest(found: list[re.Match[str]], terms: list[str]) -> int:
    """Where an excerpt has the most different words; 0 without any."""

    def different(first: re.Match[str]) -> int:
        until = first.start() + EXCERPT - BEFORE
        within = {match[0].casefold() for match in found if first.start() <= match.start() and match.end() <= until}
        return sum(_stands_in(within, term) for term in terms)

    return max(found[:MOST_LOOKED], key=different).start() if found else 0


def _stands_in(words: Iterable[str], term: str) -> bool:
    return any(_fits(word, term) for word in words)


def _fits(word: str, term: str) -> bool:
    """A word that begins so is meant too, unless almost every word would be."""
    return word == term or (len(term) >= SHORTEST_BEGINNING and word.startswith(term))


def _found(number: int) -> str:
    if number > MOST_HITS:
        return f"The best {MOST_HITS} of {number} places"
    return {0: "Nothing", 1: "One place"}.get(number, f"{number} places")


def _words(text: str) -> tuple[str, ...]:
    return tuple(WORD.findall(text.casefold()))


@lru_cache(maxsize=1)
def _sections() -> tuple[Section, ...]:
    return tuple(part for document in (*read_documents(), read_changelog()) for part in _parts(document))


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    return frozenset(word for section in _sections() for word in section.words)


def _parts(document: Document) -> Iterable[Section]:
    path = document.path
    pieces: Sequence[str] = PLACED_HEADING.split(document.html)
    yield _section(document.title, "", path, pieces[0] or document.summary)
    for heading, text in zip(document.headings, pieces[1:], strict=True):
        yield _section(document.title, heading.text, f"{path}#{heading.id}", text)


def _section(document: str, heading: str, href: str, html: str) -> Section:
    text = " ".join(unescape(TAG.sub(" ", INLINE.sub("", html))).split())
    return Section(document, heading, href, text, _words(f"{document} {heading} {text}"))
