"""From what somebody typed to words the directory can be asked for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

MOST_WORDS = 8
MOST_CHARACTERS = 200
MOST_SYNONYMS = 60
PREFIX_FROM = 4
MOST_BEGINNINGS = 16  # that many terms are found faster one by one than all that begin alike
WORD = re.compile(r"[^\W_]+")
MEANT = text("""
    WITH heads AS (
        SELECT DISTINCT asked.word AS asked, s.word AS head
        FROM unnest(CAST(:words AS text[])) AS asked (word) JOIN catalogue.synonyms s ON asked.word IN (s.word, s.also)
    ), same AS (
        SELECT asked, also AS other FROM heads JOIN catalogue.synonyms ON word = head
        UNION SELECT asked, head FROM heads
        UNION SELECT word, word FROM unnest(CAST(:words AS text[])) AS asked (word)
    )
    SELECT asked, other, stem, ARRAY(
        SELECT word FROM catalogue.words WHERE word IN (stem, other)
        UNION (SELECT word FROM catalogue.words
            WHERE length(stem) >= :prefix_from AND word >= stem AND word < stem || chr(1114111) LIMIT :beginnings)
    ) FROM same, LATERAL (SELECT coalesce((ts_lexize('english_stem', other))[1], '') AS stem) AS stemmed
    ORDER BY asked <> other LIMIT :most
""")

# Suspended and deprecated listings may come back as they were, and nothing would note their words again.
MAY_BE_LISTED = "visibility = 'public' AND state <> 'withdrawn'"
HOLD = text("LOCK TABLE catalogue.words IN SHARE ROW EXCLUSIVE MODE")
FORGET = text(f"""
    DELETE FROM catalogue.words WHERE word NOT IN (
        SELECT unnest(tsvector_to_array(tsv)) FROM catalogue.listings WHERE {MAY_BE_LISTED}
    )
""")
TERMS = text(f"SELECT unnest(tsvector_to_array(tsv)) FROM catalogue.listings WHERE id = :listing AND {MAY_BE_LISTED}")
FORGET_THESE = text(f"""
    DELETE FROM catalogue.words USING unnest(CAST(:terms AS text[]), CAST(:queries AS text[])) AS gone (term, query)
    WHERE word = term
        AND NOT EXISTS (SELECT FROM catalogue.listings WHERE tsv @@ CAST(query AS tsquery) AND {MAY_BE_LISTED})
""")


@dataclass(frozen=True)
class Word:
    """One word, its stem, empty for one that says nothing, and the terms of the directory that are it or begin like it."""

    text: str
    stem: str
    found: tuple[str, ...]

    def terms(self) -> set[str]:
        """As a tsquery writes them; of too many that begin alike one term stands for all."""
        if len(self.found) > MOST_BEGINNINGS:
            return {f"{_quoted(self.stem)}:*", _quoted(self.text)}
        return {_quoted(one) for one in self.found}


def words_of(asked: str) -> list[str]:
    """Lower-case words in the order they were typed, each once, at most eight."""
    return list(dict.fromkeys(WORD.findall(asked[:MOST_CHARACTERS].lower())))[:MOST_WORDS]


def widened(session: Session, words: list[str]) -> tuple[dict[Word, list[Word]], list[str]]:
    """(for each word those that mean the same and are in the directory, the tags that the words may be written as)."""
    if not words:
        return {}, []
    limits = {"prefix_from": PREFIX_FROM, "beginnings": MOST_BEGINNINGS + 1, "most": MOST_WORDS * MOST_SYNONYMS}
    rows = session.execute(MEANT, {"words": tags_of(words), **limits}).all()
    made = {other: Word(other, stem, tuple(found)) for _, other, stem, found in rows}
    also: dict[str, list[Word]] = {word: [] for word in tags_of(words)}
    for asked, other, _, found in rows:
        if found and asked != other:
            also[asked].append(made[other])
    return {made[word]: also[word][:MOST_SYNONYMS] for word in words}, [tag for tag in also if tag in made[tag].found]


def any_of(words: Iterable[Word], *, tags: Iterable[str] = ()) -> str:
    """A tsquery that is true for any of the words or tags; empty if the directory has none of them."""
    terms = set().union(*(word.terms() for word in words), map(_quoted, tags))
    return " | ".join(sorted(terms))


def forget_words(session: Session) -> None:
    """The dictionary has no words but those of listings that are public or may be again. Whoever publishes meanwhile waits."""
    hold_words(session)
    session.execute(FORGET)


def hold_words(session: Session) -> None:
    """Until commit nobody else adds or forgets words: one that is forgotten here could be what somebody publishes meanwhile."""
    session.execute(HOLD)


def terms_of(session: Session, listing_id: UUID) -> set[str]:
    """What the listing adds to the dictionary: nothing while it is not public, and once it is withdrawn."""
    return set(session.execute(TERMS, {"listing": listing_id}).scalars())


def forget_terms(session: Session, terms: set[str]) -> None:
    """Those that no listing has any more are gone from the dictionary, which is held: each is looked up in the index of terms."""
    if terms:
        ordered = sorted(terms)
        session.execute(FORGET_THESE, {"terms": ordered, "queries": [_quoted(term) for term in ordered]})


def tags_of(words: list[str]) -> list[str]:
    """How these words would be written as tags: alone, and neighbours joined by a hyphen."""
    return [*words, *(f"{first}-{second}" for first, second in pairwise(words))]


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
