"""Which passages fit a question. Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from answers.passages import Passage
from answers.words import WORD, asks_for_a_number, folded, stem, words_of

K1, B = 1.4, 0.75
MOST_QUOTE = 2_000
MOST_INDEXED = 20_000  # only a line without spaces is longer


@dataclass(frozen=True)
class Question:
    """`words` have their weight; `absent` are those that no document has, as they were typed."""

    text: str
    words: dict[str, float]
    absent: list[str]
    wants_number: bool


@dataclass(frozen=True)
class Ranked:
    """`coverage`: the share of the question's weight that the passage has."""

    passage: Passage
    score: float
    coverage: float
    matched: frozenset[str] = field(default_factory=frozenset)

    def item(self, rank: int, *, cited: bool) -> dict[str, Any]:
        passage = self.passage
        return {
            "rank": rank,
            "document": passage.document,
            "place": passage.place,
            "first": passage.first,
            "last": passage.last,
            "heading": passage.heading,
            "quote": passage.text[:MOST_QUOTE],
            "score": round(self.score, 3),
            "coverage": round(self.coverage, 2),
            "cited": cited,
        }


class Index:
    """Words to passages, built once."""

    def __init__(self, passages: list[Passage]) -> None:
        self._passages = passages
        self._found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths: list[int] = []
        for number, passage in enumerate(passages):
            words = words_of(passage.indexed[:MOST_INDEXED])
            self._lengths.append(len(words))
            for word, count in Counter(words).items():
                self._found[word].append((number, count))
        self._average = max(1.0, sum(self._lengths) / max(1, len(self._lengths)))

    def question(self, text: str) -> Question:
        words = dict.fromkeys(words_of(text))
        typed = {stem(word): word for word in WORD.findall(folded(text))}
        absent = [typed.get(word, word) for word in words if word not in self._found]
        return Question(text, {word: self._weight(word) for word in words}, absent, asks_for_a_number(text))

    def rank(self, question: Question, *, most: int) -> list[Ranked]:
        """The best first; passages without any word of the question are none."""
        scores: dict[int, float] = defaultdict(float)
        matched: dict[int, set[str]] = defaultdict(set)
        for word, weight in question.words.items():
            for number, count in self._found.get(word, ()):
                length = 1 - B + B * self._lengths[number] / self._average
                scores[number] += weight * count * (K1 + 1) / (count + K1 * length)
                matched[number].add(word)
        best = sorted(scores, key=lambda number: (-scores[number], number))[:most]
        total = self._whole(question)
        return [
            Ranked(
                self._passages[number],
                scores[number],
                sum(question.words[word] for word in matched[number]) / total,
                frozenset(matched[number]),
            )
            for number in best
        ]

    def _whole(self, question: Question) -> float:
        """What covers the question. A word that no passage has weighs no more than the rarest that one has: of few passages it says little."""
        present = [weight for word, weight in question.words.items() if word in self._found]
        absent = [weight for word, weight in question.words.items() if word not in self._found]
        return sum(present) + sum(min(weight, max(present, default=weight)) for weight in absent)

    def _weight(self, word: str) -> float:
        known = len(self._found.get(word, ()))
        return math.log(1 + (len(self._passages) - known + 0.5) / (known + 0.5))
