"""Search in the documents: every part under a heading is found by its words, the best first, with the words marked."""

from dataclasses import dataclass, field
from urllib.parse import quote

from agent_platform.views.docs_index import SHORTEST_BEGINNING, WORD, Index, Place, Section, read_index, words_of

MOST_QUERY = 100  # characters
MOST_TERMS = 4
MOST_HITS = 20
MOST_COUNTED = 4  # a word that stands there ten times says no more than one that stands there four times
EXCERPT = 220  # characters
BEFORE = 60
MOST_LOOKED = 100  # words of a part that may begin its excerpt
NOTHING_FOUND = "No document has “{}”. Try fewer or other words, or read through the list."
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
class Match:
    """A part that has some of the terms, and for each term the words there that fit it."""

    section: Section
    places: list[list[Place]]

    @property
    def has(self) -> int:
        return sum(map(bool, self.places))


def search_documents(q: str) -> DocsSearchView:
    """Parts with all of the words; where there are none, those with any. Of many words the most telling ones count."""
    asked, index = " ".join(q.split())[:MOST_QUERY].strip(), read_index()
    terms = _telling(index, list(dict.fromkeys(words_of(asked))))
    meant = [index.meant(term) for term in terms]
    known = [term for term in meant if term]
    hits = _ranked(index, known)
    return DocsSearchView(
        q=asked,
        found=_found(len(hits)) if terms else "",
        meant=" ".join(known) if hits and meant != terms else "",
        hits=[_hit(one) for one in hits[:MOST_HITS]],
    )


def search_path(q: str) -> str:
    return f"/docs?q={quote(q)}"


def _telling(index: Index, terms: list[str]) -> list[str]:
    """Those that stand in the fewest parts, in the order they were typed."""
    if len(terms) <= MOST_TERMS:
        return terms
    stand = {term: len({place.section for place in index.places(term)}) for term in terms}
    known = [term for term in terms if stand[term] or len(term) >= SHORTEST_BEGINNING]
    rarest = sorted(known, key=lambda term: stand[term])[:MOST_TERMS]
    return [term for term in terms if term in rarest]


def _ranked(index: Index, terms: list[str]) -> list[Match]:
    found: dict[int, list[list[Place]]] = {}
    for number, term in enumerate(terms):
        for place in index.places(term):
            found.setdefault(place.section, [[] for _ in terms])[number].append(place)
    matches = [Match(index.sections[section], places) for section, places in sorted(found.items())]
    most = max((match.has for match in matches), default=0)
    wanted = [match for match in matches if most < len(terms) or match.has == most]
    return sorted(wanted, key=lambda match: (match.has, _score(match, terms)), reverse=True)


def _score(match: Match, terms: list[str]) -> float:
    """A title and a heading say what a part is about; in a short part a word weighs more than in a long one."""
    total = 0.0
    for term, places in zip(terms, match.places, strict=True):
        exact = min(sum(place.times for place in places if place.word == term), MOST_COUNTED)
        total += exact * EXACT + (min(sum(place.times for place in places), MOST_COUNTED) - exact) * BEGINS
        total += HEADED * any(place.in_heading for place in places)
        total += TITLE * any(place.in_title for place in places)
    return total / (1 + match.section.length / 400)


def _hit(match: Match) -> HitView:
    section = match.section
    title = section.heading or section.document
    return HitView(title, section.document if section.heading else "", section.href, _excerpt(section.text, match))


def _excerpt(text: str, match: Match) -> list[PartView]:
    """What stands around the words, where most of them stand together."""
    found = sorted({(at, term) for term, places in enumerate(match.places) for place in places for at in place.begins})
    begin = max(0, _richest(found, match.has) - BEFORE)
    begin = text.find(" ", begin) + 1 if begin else 0
    end = len(text) if len(text) - begin <= EXCERPT else max(text.rfind(" ", begin, begin + EXCERPT), begin + 1)
    parts, at = [PartView("… ")] if begin else [], begin
    for start in dict.fromkeys(start for start, _ in found if begin <= start < end):
        if (word := WORD.match(text, start, end)) and start >= at:
            parts += [PartView(text[at:start]), PartView(word[0], found=True)]
            at = word.end()
    parts.append(PartView(f"{text[at:end]}{' …' if end < len(text) else ''}"))
    return [part for part in parts if part.text]


def _richest(found: list[tuple[int, int]], most: int) -> int:
    """Where an excerpt has the most different words; 0 without any."""
    best, begin = 0, 0
    for place, (start, _) in enumerate(found[:MOST_LOOKED]):
        within: set[int] = set()
        for at, term in found[place:]:
            if at >= start + EXCERPT - BEFORE or len(within) == most:
                break
            within.add(term)
        if len(within) > best:
            best, begin = len(within), start
    return begin


def _found(number: int) -> str:
    if number > MOST_HITS:
        return f"The best {MOST_HITS} of {number} places"
    return {0: "Nothing", 1: "One place"}.get(number, f"{number} places")
