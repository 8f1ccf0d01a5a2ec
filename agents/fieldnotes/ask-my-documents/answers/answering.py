"""An answer made of exact sentences of the best passages, or the plain statement that there is none."""

import re
from dataclasses import dataclass, field

from answers.ranking import MOST_INDEXED, Question, Ranked
from answers.words import words_of

LEAST_COVERAGE = 0.5
LEAST_SHARE_OF_BEST = 0.6
MOST_QUOTES = 3
MOST_CHARACTERS = 400
FIGURE_BONUS = 0.35
SENTENCE = re.compile(r"(?<=[.!?])[\"'\u201d)]?\s+(?=[\"'\u201c(]?\w)|\n(?=\s*(?:[-*\u2022|]|\d{1,3}[.)])\s)|\n\s*\n")
NO_ANSWER = "Your documents do not answer this."


@dataclass
class Answer:
    """`text` is quotes with numbers, or why there is none; `sources` stand by these numbers."""

    text: str
    is_one: bool = False
    coverage: float = 0.0
    sources: list[str] = field(default_factory=list)
    quotes: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    cited: list[Ranked] = field(default_factory=list)


def answer_from(question: Question, ranked: list[Ranked]) -> Answer:
    """Quotes only where a passage has at least half of what the question asks about, and two of its words if it has two."""
    best = max(ranked, key=lambda one: one.coverage, default=None)
    enough = best is not None and best.coverage >= LEAST_COVERAGE and len(best.matched) >= min(2, len(question.words))
    if best is None or not enough:
        return Answer(_why_not(question, best), coverage=best.coverage if best else 0.0, absent=question.absent)
    answer = Answer("", is_one=True, coverage=best.coverage, absent=question.absent)
    for one in sorted(ranked, key=lambda one: -one.coverage):
        if one.coverage >= LEAST_SHARE_OF_BEST * best.coverage and one.coverage >= LEAST_COVERAGE and len(answer.quotes) < MOST_QUOTES:
            quote, line = _best_sentence(question, one)
            if quote and quote not in answer.quotes:
                answer.quotes.append(quote)
                answer.cited.append(one)
                answer.sources.append(f"{one.passage.document}, {one.passage.unit} {line}")
    answer.text = " ".join(f"\u201c{quote}\u201d [{number}]" for number, quote in enumerate(answer.quotes, start=1))
    return answer


def _why_not(question: Question, best: Ranked | None) -> str:
    if question.absent:
        words = ", ".join(f"\u201c{word}\u201d" for word in question.absent[:5])
        return f"{NO_ANSWER} None of them has the words {words}." if len(question.absent) > 1 else f"{NO_ANSWER} None of them has the word {words}."
    if best is None:
        return f"{NO_ANSWER} None of them has a word of the question."
    return f"{NO_ANSWER} Its words stand in them, but never close together; the passages that come nearest are listed."


def _best_sentence(question: Question, one: Ranked) -> tuple[str, int]:
    """The sentence that has most of the question, and the line on which it begins."""
    text = one.passage.text[:MOST_INDEXED]
    spans = _sentences(text)
    start, end = max(spans, key=lambda span: (_fit(question, text[span[0] : span[1]]), -span[0]))
    line = one.passage.first + (text.count("\n", 0, start) if one.passage.last > one.passage.first else 0)
    quote = " ".join(text[start:end].split())
    return (quote if len(quote) <= MOST_CHARACTERS else quote[: MOST_CHARACTERS - 1] + "\u2026"), line


def _sentences(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for found in SENTENCE.finditer(text):
        spans.append((at, found.start()))
        at = found.end()
    spans.append((at, len(text)))
    return [(start + len(text[start:end]) - len(text[start:end].lstrip()), end) for start, end in spans if text[start:end].strip()] or [(0, len(text))]


def _fit(question: Question, sentence: str) -> float:
    found = set(words_of(sentence)) & set(question.words)
    fit = sum(question.words[word] for word in found)
    has_figure = question.wants_number and any(letter.isdigit() for letter in sentence)
    return fit * (1 + FIGURE_BONUS) if has_figure else fit
