"""What a reader of the directory has ticked, as conditions."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, text
from sqlmodel import col

from agent_platform.models.catalogue import SHOWN, Listing
from agent_platform.services.agents import CATEGORIES

PRICE_MODELS = ("free", "per_run", "per_event", "usage", "subscription")
LEVELS = ("low", "medium", "high")
NEEDS: dict[str, Any] = {
    "no_model": Listing.needs_model,
    "no_connection": Listing.needs_connection,
    "no_network": Listing.needs_network,
}
LARGEST_COST = 2**31 - 1


@dataclass(frozen=True)
class Filters:
    """Unknown choices are ignored. `max_cost_micro_usd` is the typical cost of a run; `success` and `rating` are the least."""

    categories: tuple[str, ...] = ()
    price_models: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    kind: str | None = None
    verified: bool = False
    max_cost_micro_usd: int | None = None
    success: float | None = None
    rating: float | None = None
    publisher: str | None = None


def conditions(filters: Filters) -> list[Any]:
    """Listed publicly, open, and as ticked."""
    found: list[Any] = [text(SHOWN)]
    chosen = (
        (Listing.category, filters.categories, CATEGORIES),
        (Listing.price_model, filters.price_models, PRICE_MODELS),
        (Listing.permission_level, filters.levels, LEVELS),
    )
    for column, wanted, known in chosen:
        if names := [name for name in wanted if name in known]:
            found.append(col(column).in_(names))
    found += [col(NEEDS[need]).is_(False) for need in filters.needs if need in NEEDS]
    if filters.kind in {"job", "chat"}:
        found.append(col(Listing.kind) == filters.kind)
    if filters.verified:
        found.append(col(Listing.is_verified).is_(True))
    if filters.publisher is not None:
        found.append(col(Listing.publisher) == filters.publisher.replace("\0", ""))
    return [*found, *_figures(filters)]


def _figures(filters: Filters) -> list[Any]:
    found: list[Any] = []
    if filters.max_cost_micro_usd is not None:
        typical = col(Listing.cost_p50_micro_usd)
        unknown_but_free = typical.is_(None) & (col(Listing.price_model) == "free")
        found.append(or_(typical <= max(0, min(filters.max_cost_micro_usd, LARGEST_COST)), unknown_but_free))
    if filters.success is not None:
        found.append(col(Listing.success_30d) >= filters.success)
    if filters.rating is not None:
        found.append(col(Listing.rating) >= filters.rating)
    return found
