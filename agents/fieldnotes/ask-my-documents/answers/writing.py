"""The answer in Markdown. Text of documents is escaped, so that none of it becomes formatting."""

import re

from answers.answering import Answer
from answers.ranking import Ranked

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~=+-])")
NUMBER = re.compile(r"^(\d{1,9})([.)])")
ESCAPED_NUMBER = r"\1\\\2"  # else it would begin a list
MOST_QUOTE = 2_000


def write_answer(question: str, answer: Answer, ranked: list[Ranked], note: str) -> str:
    parts = [f"# {_plain(question)}", ""]
    if answer.is_one:
        parts += [f"> {_plain(quote)} \\[{number}\\]\n" for number, quote in enumerate(answer.quotes, start=1)]
        parts += ["", "## Sources", ""]
        parts += [f"{number}. {_plain(source)}" for number, source in enumerate(answer.sources, start=1)]
        if answer.absent:
            parts += ["", f"No document has: {_plain(', '.join(answer.absent[:10]))}. What is asked about these words is not answered."]
    else:
        parts += [_plain(answer.text)]
    parts += ["", "## Passages", ""]
    if not ranked:
        parts += ["None has a word of the question.", ""]
    for rank, one in enumerate(ranked, start=1):
        head = f"{one.passage.document}, {one.passage.place}"
        under = f" under {one.passage.heading}" if one.passage.heading else ""
        parts += [f"**{rank}. {_plain(head)}**{_plain(under)}", "", *_quoted(one.passage.text[:MOST_QUOTE]), ""]
    return "\n".join([*parts, f"*{note}*"]) + "\n"


def _quoted(text: str) -> list[str]:
    """Line by line, as it stands in the document."""
    return [f"> {NUMBER.sub(ESCAPED_NUMBER, _plain(line.strip()))}  " for line in text.splitlines()]


def _plain(text: str) -> str:
    """One line in which no character is markup; a space before it stays."""
    lead = " " if text.startswith(" ") else ""
    return lead + MARKUP.sub(r"\\\1", " ".join(text.split()))
