"""How many agents each choice of a filter would leave, at most a minute old."""

import threading
import time
from collections import OrderedDict
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._facts import Facet
from agent_platform.services.catalog._filters import NEEDS
from agent_platform.services.catalog._question import Question

CACHE_SECONDS = 60.0
MOST_CACHED = 500
Facets = dict[str, list[Facet]]
_cache: OrderedDict[Question, tuple[float, Facets]] = OrderedDict()
_lock = threading.Lock()


def facets_of(session: Session, question: Question) -> Facets:
    """category, price_model, needs and verified. A group is counted as if nothing in it were ticked."""
    with _lock:
        cached = _cache.get(question)
    if cached and cached[0] > time.monotonic():
        return cached[1]
    fresh = _counted(session, question)
    with _lock:
        _cache[question] = (time.monotonic() + CACHE_SECONDS, fresh)
        _cache.move_to_end(question)
        while len(_cache) > MOST_CACHED:
            _cache.popitem(last=False)
    return fresh


def forget_facets() -> None:
    """The next question counts anew."""
    with _lock:
        _cache.clear()


def _counted(session: Session, question: Question) -> Facets:
    filters = question.filters
    return {
        "category": _grouped(session, Listing.category, question.where(replace(filters, categories=()))),
        "price_model": _grouped(session, Listing.price_model, question.where(replace(filters, price_models=()))),
        "needs": _needs(session, question.where(replace(filters, needs=()))),
        "verified": _verified(session, question.where(replace(filters, verified=False))),
    }


def _grouped(session: Session, column: Any, where: list[Any]) -> list[Facet]:
    rows = session.execute(select(col(column), func.count()).where(*where).group_by(col(column)).order_by(col(column)))
    return [Facet(key, count) for key, count in rows]


def _needs(session: Session, where: list[Any]) -> list[Facet]:
    counts = [func.count().filter(col(column).is_(False)) for column in NEEDS.values()]
    row = session.execute(select(*counts).where(*where)).one()
    return [Facet(key, count) for key, count in zip(NEEDS, row, strict=True)]


def _verified(session: Session, where: list[Any]) -> list[Facet]:
    count = session.execute(select(func.count()).where(*where, col(Listing.is_verified).is_(True))).scalar_one()
    return [Facet("verified", count)]
