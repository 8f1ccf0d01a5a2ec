"""A question to the directory: words, words that mean the same, and filters, as SQL understands them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, any_, case, cast, func, literal
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._words import Word, any_of, tags_of, widened, words_of

WIDENED_WEIGHT, TAG_WEIGHT = 0.5, 0.4
NEUTRAL_QUALITY = 50


@dataclass(frozen=True)
class Question:
    """`also` holds, for each of the `words`, those that mean the same."""

    words: tuple[Word, ...]
    also: tuple[tuple[Word, ...], ...]
    filters: Filters

    @classmethod
    def asked(cls, session: Session, q: str, filters: Filters) -> "Question":
        found = widened(session, words_of(q))
        return cls(tuple(found), tuple(tuple(also) for also in found.values()), filters)

    def where(self, filters: Filters | None = None) -> list[Any]:
        """Conditions of the question, with other filters where given. Any of the words is enough."""
        found = conditions(filters or self.filters)
        if self.words:
            found.append(col(Listing.tsv).op("@@")(self._any()))
        return found

    def where_all(self) -> list[Any]:
        """As `where`, but each of the words must be there, or one that means the same."""
        return [*conditions(self.filters), *(col(Listing.tsv).op("@@")(one) for one in self._each())]

    def score(self) -> Any:
        """Text match x words matched x quality x popularity.

        A word counts as matched by its synonyms too, so two meant words outweigh one literal one. Tags carry no position in the
        index, so a shared one counts by itself.
        """
        match: Any = func.ts_rank_cd(col(Listing.tsv), _query(any_of(self.words)))
        if synonyms := self._synonyms():
            match += WIDENED_WEIGHT * func.ts_rank_cd(col(Listing.tsv), _query(any_of(synonyms)))
        for tag in self._tags():
            match += case((literal(tag) == any_(col(Listing.tags)), TAG_WEIGHT), else_=0.0)
        matched: Any = literal(1)
        for one in self._each():
            matched += case((col(Listing.tsv).op("@@")(one), 1), else_=0)
        quality = 0.5 + func.coalesce(col(Listing.quality), NEUTRAL_QUALITY) / 200.0
        popularity = 1 + func.ln(1 + col(Listing.runs_30d)) / 20.0
        return cast(match * matched * quality * popularity, Float(53))

    def _any(self) -> Any:
        return _query(any_of([*self.words, *self._synonyms()], tags=self._tags()))

    def _each(self) -> list[Any]:
        """One query per word that says something; `the` and `of` are in everything and nothing."""
        pairs = zip(self.words, self.also, strict=True)
        return [_query(any_of([word, *also])) for word, also in pairs if word.stem or also]

    def _tags(self) -> list[str]:
        return tags_of([word.text for word in self.words])

    def _synonyms(self) -> list[Word]:
        return list(dict.fromkeys(word for also in self.also for word in also if word not in self.words))


def _query(terms: str) -> Any:
    """Terms hold letters, digits and hyphens in quotes only, so that any of them is a tsquery."""
    return cast(terms, TSQUERY())
