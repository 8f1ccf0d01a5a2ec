"""How many agents each choice of a filter would leave, at most a minute old."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select, tuple_
from sqlmodel import Session, col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._facts import Facet
from agent_platform.services.catalog._filters import NEEDS, Filters
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
    """One pass over what the question leaves; a group with a tick takes a pass of its own."""
    filters = question.filters
    without = {
        "category": replace(filters, categories=()),
        "price_model": replace(filters, price_models=()),
        "needs": replace(filters, needs=()),
        "verified": replace(filters, verified=False),
    }
    shared = _pass(session, question, filters)
    return {
        group: shared[group] if loosened == filters else _pass(session, question, loosened)[group]
        for group, loosened in without.items()
    }


def _pass(session: Session, question: Question, filters: Filters) -> Facets:
    sums = [func.count().filter(col(column).is_(False)).label(need) for need, column in NEEDS.items()]
    verified = func.count().filter(col(Listing.is_verified).is_(True)).label("verified")
    category, model = col(Listing.category), col(Listing.price_model)
    rows = session.execute(
        select(category, model, func.count().label("listings"), verified, *sums)
        .where(*question.where(filters))
        .group_by(func.grouping_sets(tuple_(category), tuple_(model), tuple_()))
    ).all()
    whole = next(row for row in rows if row.category is None and row.price_model is None)
    return {
        "category": _sorted((row.category, row.listings) for row in rows if row.category is not None),
        "price_model": _sorted((row.price_model, row.listings) for row in rows if row.price_model is not None),
        "needs": [Facet(need, getattr(whole, need)) for need in NEEDS],
        "verified": [Facet("verified", whole.verified)],
    }


def _sorted(counts: Iterable[tuple[str, int]]) -> list[Facet]:
    return [Facet(key, count) for key, count in sorted(counts)]
