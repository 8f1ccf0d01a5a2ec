"""Words that look like what was typed, for a question without an answer."""

from collections import Counter

from sqlalchemy import text
from sqlmodel import Session

from agent_platform.services.catalog._words import Word

MOST_COMPARED = 50
MOST_ALIKE = 3
ALIKE = text("""
    SELECT asked, ARRAY(
        SELECT word FROM catalogue.words WHERE word % asked ORDER BY similarity(word, asked) DESC, word LIMIT :most
    ) FROM unnest(CAST(:asked AS text[])) AS asked
""")


def alike(session: Session, stems: list[str]) -> dict[Word, list[Word]]:
    """For each stem the closest word of the directory, with others that are as close; stems that nothing is close to are left out.

    How close is looked at is a setting of the search.
    """
    if not stems:
        return {}
    rows = session.execute(ALIKE, {"asked": stems, "most": MOST_COMPARED})
    closest = [_closest(stem, similar) for stem, similar in rows]
    return {words[0]: words[1:] for words in closest if words}


def _closest(stem: str, similar: list[str]) -> list[Word]:
    """Those that differ by the fewest letters, wherever these stand: most errors swap neighbours."""
    apart = {word: _letters_apart(stem, word) for word in similar}
    least = min(apart.values(), default=0)
    if least > 1 + len(stem) // 3:
        return []
    return [Word(word, word, (word,)) for word in similar if apart[word] == least][:MOST_ALIKE]


def _letters_apart(one: str, other: str) -> int:
    here, there = Counter(one), Counter(other)
    return (here - there).total() + (there - here).total()
