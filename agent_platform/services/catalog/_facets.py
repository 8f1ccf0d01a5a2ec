"""How many agents each choice of a filter would leave, at most a minute old.

The agents of a question are counted once by everything that can be ticked; each combination of ticks is a sum of those counts.
"""

import threading
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from agent_platform.core.db.tenant import PublicSession
from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._facts import Facet
from agent_platform.services.catalog._filters import NEEDS, Filters
from agent_platform.services.catalog._question import Question, where

CACHE_SECONDS = 60.0
MOST_CACHED = 200
VERIFIED = "verified"
GROUPS = ("category", "price_model", "level", "kind", VERIFIED, *NEEDS)
COLUMNS: tuple[Any, ...] = (
    Listing.category,
    Listing.price_model,
    Listing.permission_level,
    Listing.kind,
    Listing.is_verified,
    *NEEDS.values(),
)
Facets = dict[str, list[Facet]]


@dataclass(frozen=True)
class Cell:
    """How many agents have these values, in the order of GROUPS."""

    values: tuple[Any, ...]
    agents: int


_cache: OrderedDict[Question, tuple[float, list[Cell]]] = OrderedDict()
_lock = threading.Lock()


def facets(session: PublicSession, *, q: str = "", filters: Filters | None = None) -> Facets:
    """category, price_model, level, kind, needs and verified, each as if nothing in its own group were ticked."""
    question = Question.asked(session, q, filters or Filters())
    counted = _counted(_cells(session, question), question.filters)
    found = {group: [Facet(key, number) for key, number in sorted(counted[group].items())] for group in GROUPS[:4]}
    found["needs"] = [Facet(need, counted[need][False]) for need in NEEDS]
    found[VERIFIED] = [Facet(VERIFIED, counted[VERIFIED][True])]
    return found


def count_agents(session: PublicSession) -> int:
    """How many agents the directory has, whatever is asked of it."""
    return sum(cell.agents for cell in _cells(session, Question.asked(session, "", Filters())))


def forget_facets() -> None:
    """The next question counts anew."""
    with _lock:
        _cache.clear()


def _counted(cells: list[Cell], filters: Filters) -> dict[str, Counter[Any]]:
    """By group and value. A cell that only its own group's ticks rule out counts there and nowhere else."""
    wanted = _wanted(filters)
    counted: dict[str, Counter[Any]] = {group: Counter() for group in GROUPS}
    for cell in cells:
        out = [place for place, allowed in wanted if cell.values[place] not in allowed]
        if not out:
            for group, value in zip(GROUPS, cell.values, strict=True):
                counted[group][value] += cell.agents
        elif len(out) == 1:
            counted[GROUPS[out[0]]][cell.values[out[0]]] += cell.agents
    return counted


def _wanted(filters: Filters) -> list[tuple[int, frozenset[Any]]]:
    """Which values are allowed at which place of a cell; a place without a tick is left out."""
    ticked: dict[str, Any] = {
        "category": filters.known_categories(),
        "price_model": filters.known_price_models(),
        "level": filters.known_levels(),
        "kind": filters.known_kinds(),
        VERIFIED: (True,) if filters.verified else (),
        **{need: (False,) for need in NEEDS if need in filters.needs},
    }
    return [(GROUPS.index(group), frozenset(values)) for group, values in ticked.items() if values]


def _cells(session: Session, question: Question) -> list[Cell]:
    unticked = replace(question, filters=question.filters.unticked())
    with _lock:
        cached = _cache.get(unticked)
    if cached and cached[0] > time.monotonic():
        return cached[1]
    having = where(unticked.filters, has_words=bool(unticked.words))
    counted = select(*COLUMNS, func.count()).where(*having).group_by(*map(col, COLUMNS))
    rows = [] if unticked.finds_nothing else session.execute(counted, unticked.terms())
    fresh = [Cell(tuple(row[:-1]), row[-1]) for row in rows]
    with _lock:
        _cache[unticked] = (time.monotonic() + CACHE_SECONDS, fresh)
        _cache.move_to_end(unticked)
        while len(_cache) > MOST_CACHED:
            _cache.popitem(last=False)
    return fresh
