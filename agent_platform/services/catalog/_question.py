"""A question to the directory: words, words that mean the same, and filters, as SQL understands them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, any_, case, cast, func, literal, literal_column
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._words import any_of, tags_of, widened, words_of

ENGLISH = literal_column("'english'::regconfig")
WIDENED_WEIGHT, TAG_WEIGHT = 0.5, 0.4
NEUTRAL_QUALITY = 50


@dataclass(frozen=True)
class Question:
    """`also` holds, for each of the `words`, those that mean the same."""

    words: tuple[str, ...]
    also: tuple[tuple[str, ...], ...]
    filters: Filters

    @classmethod
    def asked(cls, session: Session, q: str, filters: Filters) -> "Question":
        words = words_of(q)
        also = widened(session, words)
        return cls(tuple(words), tuple(tuple(also[word]) for word in words), filters)

    def where(self, filters: Filters | None = None) -> list[Any]:
        """Conditions of the question, with other filters where given. Any of the words is enough."""
        found = conditions(filters or self.filters)
        if self.words:
            found.append(col(Listing.tsv).op("@@")(_any_of([*self.words, *self._synonyms()])))
        return found

    def score(self) -> Any:
        """Text match x words matched x quality x popularity.

        A word counts as matched by its synonyms too, so two meant words outweigh one literal one. Tags carry no position in the
        index, so a shared one counts by itself.
        """
        match: Any = func.ts_rank_cd(col(Listing.tsv), _english(self.words))
        if synonyms := self._synonyms():
            match += WIDENED_WEIGHT * func.ts_rank_cd(col(Listing.tsv), _english(synonyms))
        for tag in tags_of(list(self.words)):
            match += case((literal(tag) == any_(col(Listing.tags)), TAG_WEIGHT), else_=0.0)
        matched: Any = literal(1)
        for word, also in zip(self.words, self.also, strict=True):
            matched += case((col(Listing.tsv).op("@@")(_any_of([word, *also])), 1), else_=0)
        quality = 0.5 + func.coalesce(col(Listing.quality), NEUTRAL_QUALITY) / 200.0
        popularity = 1 + func.ln(1 + col(Listing.runs_30d)) / 20.0
        return cast(match * matched * quality * popularity, Float(53))

    def _synonyms(self) -> list[str]:
        return list(dict.fromkeys(word for also in self.also for word in also if word not in self.words))


def _any_of(words: Sequence[str]) -> Any:
    """As English words, and as tags, which lie in the index as they were written. Both hold letters, digits and hyphens only."""
    tags = cast(" | ".join(f"'{tag}'" for tag in tags_of(list(words))), TSQUERY())
    return _english(words).op("||", return_type=TSQUERY())(tags)


def _english(words: Sequence[str]) -> Any:
    return func.to_tsquery(ENGLISH, any_of(list(words)), type_=TSQUERY())
