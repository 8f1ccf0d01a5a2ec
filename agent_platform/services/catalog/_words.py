"""From what somebody typed to words the directory can be asked for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Text, column, func, literal_column, or_, select, values
from sqlmodel import Session, col

from agent_platform.models.catalogue import Synonym

MOST_WORDS = 8
MOST_CHARACTERS = 200
MOST_SYNONYMS = 60
PREFIX_FROM = 4
WORD = re.compile(r"[^\W_]+")
ENGLISH = literal_column("'english_stem'::regdictionary")


@dataclass(frozen=True)
class Word:
    """One word and how it lies in the index: its stem, empty for one that says nothing, and as a tag, as it was written."""

    text: str
    stem: str

    def terms(self) -> set[str]:
        """Each is a term of a tsquery; a longer word also stands for what begins like it."""
        return {one for one in (_term(self.stem), f"'{self.text}'" if self.text else "") if one}


def _term(stem: str) -> str:
    return f"'{stem}':*" if len(stem) >= PREFIX_FROM else f"'{stem}'" if stem else ""


def words_of(text: str) -> list[str]:
    """Lower-case words in the order they were typed, each once, at most eight."""
    return list(dict.fromkeys(WORD.findall(text[:MOST_CHARACTERS].lower())))[:MOST_WORDS]


def widened(session: Session, words: list[str]) -> dict[Word, list[Word]]:
    """For each word those that mean the same: the others of its groups."""
    if not words:
        return {}
    asked = values(column("word", Text), name="asked").data([(word,) for word in words])
    head = (
        select(asked.c.word.label("asked"), col(Synonym.word).label("head"))
        .join(Synonym, or_(col(Synonym.word) == asked.c.word, col(Synonym.also) == asked.c.word))
        .distinct()
        .subquery()
    )
    same = (
        select(head.c.asked, col(Synonym.also).label("other"))
        .join(Synonym, col(Synonym.word) == head.c.head)
        .union(select(head.c.asked, head.c.head), select(asked.c.word, asked.c.word))
        .subquery()
    )
    rows = session.execute(
        select(same.c.asked, same.c.other, func.ts_lexize(ENGLISH, same.c.other)).limit(MOST_WORDS * MOST_SYNONYMS)
    ).all()
    made = {other: Word(other, stems[0] if stems else "") for _, other, stems in rows}
    also = {word: [made[other] for asked_word, other, _ in rows if asked_word == word != other] for word in words}
    return {made[word]: also[word][:MOST_SYNONYMS] for word in words}


def any_of(words: Iterable[Word], *, tags: Iterable[str] = ()) -> str:
    """A tsquery that is true for any of the words or tags. What a shorter term stands for already is left out."""
    terms = set().union(*(word.terms() for word in words), (f"'{tag}'" for tag in tags))
    begins = tuple(term.removesuffix(":*").removesuffix("'") for term in terms if term.endswith(":*"))
    kept = [term for term in terms if not any(_covers(start, term) for start in begins)]
    return " | ".join(sorted(kept))


def _covers(start: str, term: str) -> bool:
    return term.startswith(start) and term != f"{start}':*"


def tags_of(words: list[str]) -> list[str]:
    """How these words would be written as tags: alone, and neighbours joined by a hyphen."""
    return [*words, *(f"{first}-{second}" for first, second in pairwise(words))]
