"""What a reader of the directory has ticked, as conditions."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal_column, or_, select, text
from sqlmodel import col

from agent_platform.models.catalogue import SHOWN, Listing
from agent_platform.models.trust import Suspension
from agent_platform.services.agents import CATEGORIES

PRICE_MODELS = ("free", "per_run", "per_event", "usage", "subscription")
LEVELS = ("low", "medium", "high")
NEEDS: dict[str, Any] = {
    "no_model": Listing.needs_model,
    "no_connection": Listing.needs_connection,
    "no_network": Listing.needs_network,
}
KINDS = ("job", "chat")
LARGEST_COST = 2**31 - 1
LEAST_STARS = 1.0
RATED = func.coalesce(col(Listing.rating), literal_column("0"))  # as the index of the best rated has it


@dataclass(frozen=True)
class Filters:
    """Unknown choices are ignored. `max_cost_micro_usd` is the typical cost of a run; `success` and `rating` are the least.

    `real` leaves out what was made for measuring; `standing` what a reviewer has stopped, before the catalogue has followed.
    `among` are the only ones that may be found.
    """

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
    real: bool = False
    standing: bool = False
    among: tuple[UUID, ...] | None = None

    def known_categories(self) -> list[str]:
        return [one for one in self.categories if one in CATEGORIES]

    def known_price_models(self) -> list[str]:
        return [one for one in self.price_models if one in PRICE_MODELS]

    def known_levels(self) -> list[str]:
        return [one for one in self.levels if one in LEVELS]

    def known_kinds(self) -> list[str]:
        return [self.kind] if self.kind in KINDS else []

    def unticked(self) -> "Filters":
        """What is no choice among counted ones stays: figures and the publisher."""
        return Filters(
            max_cost_micro_usd=self.max_cost_micro_usd,
            success=self.success,
            rating=self.rating,
            publisher=self.publisher,
            real=self.real,
            standing=self.standing,
            among=self.among,
        )


def conditions(filters: Filters) -> list[Any]:
    """Listed publicly, open, and as ticked."""
    found: list[Any] = [text(SHOWN)]
    chosen = (
        (Listing.category, filters.known_categories()),
        (Listing.price_model, filters.known_price_models()),
        (Listing.permission_level, filters.known_levels()),
        (Listing.kind, filters.known_kinds()),
    )
    found += [col(column).in_(names) for column, names in chosen if names]
    found += [col(NEEDS[need]).is_(False) for need in filters.needs if need in NEEDS]
    if filters.verified:
        found.append(col(Listing.is_verified).is_(True))
    if filters.real:
        found.append(col(Listing.is_synthetic).is_(False))
    if filters.publisher is not None:
        found.append(col(Listing.publisher) == filters.publisher.replace("\0", ""))
    if filters.standing:
        found.append(~select(col(Suspension.subject_id)).where(col(Suspension.subject_id) == col(Listing.id)).exists())
    if filters.among is not None:
        found.append(col(Listing.id).in_(filters.among))
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
        found.append(max(LEAST_STARS, filters.rating) <= RATED)
    return found
