"""Asks every question of the fixed directory and counts where the meant agent stands."""

from dataclasses import dataclass

from agent_platform.core.db.tenant import public_session
from agent_platform.services import catalog
from tests.relevance.agents import MORE
from tests.relevance.questions import QUESTIONS
from tests.services.catalog.shelf import fill

FACTS = ("slug", "name", "summary", "category", "tags", "price_model", "runs_30d")


@dataclass(frozen=True)
class Answer:
    """`place` is that of the meant agent, from 1; 0 if it is not on the first page."""

    kind: str
    asked: str
    meant: str
    place: int
    first: str


def fill_directory() -> int:
    """The fixed directory is listed; how many agents it has."""
    catalog.ensure_synonyms()
    return len(fill(**{facts[0].replace("-", "_"): dict(zip(FACTS, facts, strict=True)) for facts in MORE}))


def ask_all() -> list[Answer]:
    return [_ask(kind, asked, meant) for kind, questions in QUESTIONS.items() for asked, meant in questions.items()]


def share(answers: list[Answer], within: int) -> float:
    """Of the questions whose agent stands within the first so many."""
    return sum(0 < one.place <= within for one in answers) / len(answers)


def _ask(kind: str, asked: str, meant: str) -> Answer:
    with public_session() as session:
        found = [card.slug for card in catalog.search(session, q=asked).listings]
    return Answer(kind, asked, meant, found.index(meant) + 1 if meant in found else 0, found[0] if found else "nothing")
