"""A page of the directory as a statement: made once for each shape of question, asked with its terms, its place and its size."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Float, Uuid, bindparam, func, literal_column, select, tuple_
from sqlmodel import col

from agent_platform.models.catalogue import Listing
from agent_platform.services.catalog._cursor import Cursor
from agent_platform.services.catalog._facts import ListingCard
from agent_platform.services.catalog._filters import RATED, Filters
from agent_platform.services.catalog._question import Question, where
from agent_platform.services.catalog._ranking import MOST_COUNTED, MOST_RANKED, ranked

MOST_SHAPES = 100


@dataclass(frozen=True)
class Shape:
    """What a statement depends on. `follows` a place, in an order of which only the cheapest come lowest first."""

    filters: Filters
    order: str
    has_words: bool
    has_several: bool
    follows: bool


def read(question: Question, order: str, place: Cursor | None, size: int) -> tuple[Any, dict[str, Any]]:
    """(the statement, what it is asked with). Its rows are cards, each with its key and the number of all."""
    shape = Shape(question.filters, order, bool(question.words), question.has_several, place is not None)
    asked = question.terms()
    if place is not None:
        asked |= {"seen_key": place.key, "seen_id": place.id}
    enough = 1 + (MOST_RANKED if question.is_guess else MOST_COUNTED)
    return _statement(shape), {**asked, "size": size, "enough": enough}


@lru_cache(MOST_SHAPES)
def _statement(shape: Shape) -> Any:
    few = (_ranked(shape) if shape.order == "best" and shape.has_words else _sorted(shape)).subquery()
    cards = [getattr(Listing, name) for name in ListingCard.names()]
    found = select(*cards, few.c.key, few.c.total).join(few, few.c.id == col(Listing.id))
    return found.order_by(*_order(shape, few.c.key, few.c.id))


def _ranked(shape: Shape) -> Any:
    scored, counted = ranked(shape.filters, several=shape.has_several)
    return _part(select(scored.c.id, scored.c.key, _number_of(counted)), shape, scored.c.key, scored.c.id)


def _sorted(shape: Shape) -> Any:
    """Read from the index of the order alone: it holds what the filters and the words ask for."""
    found = where(shape.filters, has_words=shape.has_words)
    key = _sort_key(shape.order)
    counted = select(col(Listing.id)).where(*found).limit(MOST_COUNTED + 1).subquery()
    query = select(col(Listing.id), key.label("key"), _number_of(counted)).where(*found)
    return _part(query, shape, key, col(Listing.id))


def _sort_key(order: str) -> Any:
    """Written as in the indexes beside the model."""
    keys: dict[str, Any] = {
        "rated": RATED,
        "newest": col(Listing.published_at),
        "cheapest": func.coalesce(col(Listing.cost_p50_micro_usd), literal_column("2147483647")),
    }
    return keys.get(order, col(Listing.runs_30d))


def _number_of(counted: Any) -> Any:
    return select(func.count()).select_from(counted).scalar_subquery().label("total")


def _part(query: Any, shape: Shape, key: Any, listing_id: Any) -> Any:
    """As many as are asked for, in order of the key and the id, from behind the place."""
    if shape.follows:
        floats = Float(53) if shape.order in {"best", "rated"} else None
        seen = tuple_(bindparam("seen_key", type_=floats), bindparam("seen_id", type_=Uuid))
        here = tuple_(key, listing_id)
        query = query.where(here > seen if shape.order == "cheapest" else here < seen)
    return query.order_by(*_order(shape, key, listing_id)).limit(bindparam("size"))


def _order(shape: Shape, key: Any, listing_id: Any) -> tuple[Any, Any]:
    return (key, listing_id) if shape.order == "cheapest" else (key.desc(), listing_id.desc())
