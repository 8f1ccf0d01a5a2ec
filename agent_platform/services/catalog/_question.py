"""A question to the directory: words, words that mean the same, and filters, as SQL understands them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, any_, case, cast, func, literal, literal_column
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._words import any_of, tags_of, widened, words_of

ENGLISH = literal_column("'english'::regconfig")
WIDENED_WEIGHT, TAG_WEIGHT = 0.3, 0.4
NEUTRAL_QUALITY = 50


@dataclass(frozen=True)
class Question:
    words: tuple[str, ...]
    also: tuple[str, ...]
    filters: Filters

    @classmethod
    def asked(cls, session: Session, q: str, filters: Filters) -> "Question":
        words = words_of(q)
        return cls(tuple(words), tuple(widened(session, words)), filters)

    def where(self, filters: Filters | None = None) -> list[Any]:
        """Conditions of the question, with other filters where given. Any of the words is enough."""
        found = conditions(filters or self.filters)
        if self.words:
            found.append(col(Listing.tsv).op("@@")(self._any_word()))
        return found

    def score(self) -> Any:
        """Text match x quality x popularity; tags carry no position in the index, so a shared one counts by itself."""
        match: Any = func.ts_rank_cd(col(Listing.tsv), self._original())
        if self.also:
            match += WIDENED_WEIGHT * func.ts_rank_cd(col(Listing.tsv), self._also())
        for tag in tags_of(list(self.words)):
            match += case((literal(tag) == any_(col(Listing.tags)), TAG_WEIGHT), else_=0.0)
        quality = 0.5 + func.coalesce(col(Listing.quality), NEUTRAL_QUALITY) / 200.0
        popularity = 1 + func.ln(1 + col(Listing.runs_30d)) / 20.0
        return cast(match * quality * popularity, Float(53))

    def _any_word(self) -> Any:
        either = self._original().op("||", return_type=TSQUERY())(_exactly(tags_of([*self.words, *self.also])))
        return either.op("||", return_type=TSQUERY())(self._also()) if self.also else either

    def _original(self) -> Any:
        return func.to_tsquery(ENGLISH, any_of(list(self.words)), type_=TSQUERY())

    def _also(self) -> Any:
        return func.to_tsquery(ENGLISH, any_of(list(self.also), prefixes=False), type_=TSQUERY())


def _exactly(tags: list[str]) -> Any:
    """Tags lie in the index as they were written, not as English words. They hold letters, digits and hyphens only."""
    return cast(" | ".join(f"'{tag}'" for tag in tags), TSQUERY())
