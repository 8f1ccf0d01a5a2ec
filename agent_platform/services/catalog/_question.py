"""A question to the directory: words, words that mean the same, and filters, as SQL understands them."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, cast
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._alike import alike
from agent_platform.services.catalog._filters import Filters, conditions
from agent_platform.services.catalog._words import Word, any_of, tags_of, widened, words_of


@dataclass(frozen=True)
class Question:
    """`also` holds, for each of the `words`, those that mean the same; `tags` what the words may be written as.

    What a guess finds is counted no further than its ranking needs.
    """

    words: tuple[Word, ...]
    also: tuple[tuple[Word, ...], ...]
    tags: tuple[str, ...]
    filters: Filters
    is_guess: bool = False

    @classmethod
    def asked(cls, session: Session, q: str, filters: Filters) -> "Question":
        return cls._of(*widened(session, words_of(q)), filters)

    @classmethod
    def _of(cls, words: dict[Word, list[Word]], tags: list[str], filters: Filters) -> "Question":
        return cls(tuple(words), tuple(tuple(also) for also in words.values()), tuple(tags), filters)

    def corrected(self, session: Session) -> "Question":
        """The same with words of the directory that look like these; without words if there are none."""
        words = alike(session, [word.stem for word in self.words if word.stem])
        meant = self._of(words, tags_of([word.text for word in words]), self.filters)
        return replace(meant, is_guess=True)

    @property
    def finds_nothing(self) -> bool:
        """The directory has none of the words."""
        return bool(self.words) and not self.terms()["any_word"]

    @property
    def has_several(self) -> bool:
        """An agent may have all of several words."""
        each = self._each()
        return len(each) > 1 and all(each)

    def terms(self) -> dict[str, Any]:
        """As tsqueries, and tags as they are written."""
        synonyms = list(dict.fromkeys(word for also in self.also for word in also if word not in self.words))
        each = [one for one in self._each() if one]
        return {
            "any_word": any_of([*self.words, *synonyms], tags=self.tags),
            "all_words": " & ".join(f"({one})" for one in each),
            "each": each,
            "words": any_of(self.words) or None,
            "synonyms": any_of(synonyms) or None,
            "tags": list(self.tags),
        }

    def _each(self) -> list[str]:
        """One query per word that says something; `the` and `of` are in everything and nothing."""
        pairs = zip(self.words, self.also, strict=True)
        return [any_of([word, *also]) for word, also in pairs if word.stem or also]


def where(filters: Filters, *, has_words: bool) -> list[Any]:
    """Conditions of a question; any of its words is enough."""
    found = conditions(filters)
    return [*found, matches(col(Listing.tsv), "any_word")] if has_words else found


def matches(tsv: Any, term: str) -> Any:
    """Whether the words of a listing match the term of this name."""
    return tsv.op("@@")(cast(bindparam(term), TSQUERY()))
