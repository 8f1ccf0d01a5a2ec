"""From what somebody typed to words the directory can be asked for."""

import re
from itertools import pairwise

from sqlalchemy import or_, select
from sqlmodel import Session, col

from agent_platform.models.catalogue import Synonym

MOST_WORDS = 8
MOST_CHARACTERS = 200
MOST_SYNONYMS = 40
PREFIX_FROM = 4
WORD = re.compile(r"[^\W_]+")


def words_of(text: str) -> list[str]:
    """Lower-case words in the order they were typed, each once, at most eight."""
    return list(dict.fromkeys(WORD.findall(text[:MOST_CHARACTERS].lower())))[:MOST_WORDS]


def widened(session: Session, words: list[str]) -> dict[str, list[str]]:
    """For each word those that mean the same."""
    if not words:
        return {}
    rows = session.execute(
        select(col(Synonym.word), col(Synonym.also))
        .where(or_(col(Synonym.word).in_(words), col(Synonym.also).in_(words)))
        .order_by(col(Synonym.word), col(Synonym.also))
        .limit(MOST_SYNONYMS)
    ).all()
    return {
        asked: [other for word, also in rows if asked in {word, also} for other in (word, also) if other != asked]
        for asked in words
    }


def any_of(words: list[str]) -> str:
    """A tsquery text that is true for any of the words, or what begins like a longer one."""
    return " | ".join(f"{word}:*" if len(word) >= PREFIX_FROM else word for word in words)


def tags_of(words: list[str]) -> list[str]:
    """How these words would be written as tags: alone, and neighbours joined by a hyphen."""
    return [*words, *(f"{first}-{second}" for first, second in pairwise(words))]
