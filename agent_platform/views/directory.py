"""What the directory shows, and its whole state as an address."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from agent_platform.services import catalog
from agent_platform.views.format import count, duration_ms, percent, plain_text
from agent_platform.views.parts import AgentCardView, OptionView

CATEGORIES = {
    "data": "Data",
    "engineering": "Engineering",
    "finance": "Finance",
    "operations": "Operations",
    "research": "Research",
    "support": "Support",
    "web": "Web",
    "other": "Other",
}
PRICES = {
    "free": "Free",
    "per_run": "Per run",
    "per_event": "Per event",
    "usage": "Usage",
    "subscription": "Subscription",
}
NEEDS = {"no_model": "No model key", "no_connection": "No connection", "no_network": "No network access"}
LEVELS = {"low": "Low", "medium": "Medium", "high": "High"}
SORTS = {
    "best": "Best match",
    "used": "Most used",
    "newest": "Newest",
    "cheapest": "Cheapest typical run",
}
GROUPS = {"category": CATEGORIES, "price": PRICES, "needs": NEEDS, "level": LEVELS}


@dataclass(frozen=True)
class Asked:
    """The directory's address as values; unknown ones are left out."""

    q: str = ""
    category: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    verified: bool = False
    sort: str = "best"
    cursor: str = ""

    @classmethod
    def of(cls, query: dict[str, str]) -> "Asked":
        chosen = {
            name: tuple(value for value in query.get(name, "").split(",") if value in known)
            for name, known in GROUPS.items()
        }
        sort = query.get("sort", "best")
        return cls(
            q=query.get("q", "")[:200],
            verified=query.get("verified") == "1",
            sort=sort if sort in SORTS else "best",
            cursor=query.get("after", "")[:400],
            **chosen,
        )

    def address(self, **changed: object) -> str:
        """The address with some values changed; a change of anything else starts at the first page."""
        values = {**vars(self), "cursor": "", **changed}
        pairs = {
            "q": values["q"],
            **{name: ",".join(values[name]) for name in GROUPS},
            "verified": "1" if values["verified"] else "",
            "sort": "" if values["sort"] == "best" else values["sort"],
            "after": values["cursor"],
        }
        query = urlencode({name: value for name, value in pairs.items() if value})
        return "/agents" + (f"?{query}" if query else "")

    def toggled(self, group: str, value: str) -> str:
        chosen: tuple[str, ...] = getattr(self, group)
        kept = tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)
        return self.address(**{group: kept})

    def filters(self) -> catalog.Filters:
        return catalog.Filters(
            categories=self.category,
            price_models=self.price,
            needs=self.needs,
            levels=self.level,
            verified=self.verified,
        )


@dataclass(frozen=True)
class DirectoryView:
    cards: list[AgentCardView] = field(default_factory=list)
    found: str = ""
    guess: bool = False
    categories: list[OptionView] = field(default_factory=list)
    prices: list[OptionView] = field(default_factory=list)
    needs: list[OptionView] = field(default_factory=list)
    levels: list[OptionView] = field(default_factory=list)
    chips: list[OptionView] = field(default_factory=list)
    chosen: str = ""
    more: str = ""
    first: str = ""


def directory_view(asked: Asked, page: catalog.Page) -> DirectoryView:
    total = f"more than {count(page.total)}" if page.total_is_capped else count(page.total)
    chips = [
        OptionView(f"{group}:{value}", GROUPS[group][value], chosen=True, href=asked.toggled(group, value))
        for group in GROUPS
        for value in getattr(asked, group)
    ]
    if asked.verified:
        chips.append(OptionView("verified:1", "Verified", chosen=True, href=asked.address(verified=False)))
    return DirectoryView(
        cards=[card_view(card) for card in page.listings],
        found=f"{total} {'agent' if page.total == 1 else 'agents'}",
        guess=page.is_guess,
        categories=_options(asked, "category", page),
        prices=_options(asked, "price", page, "price_model"),
        needs=_options(asked, "needs", page),
        levels=_options(asked, "level", page),
        chips=chips,
        chosen=str(len(chips)),
        more=asked.address(cursor=page.next_cursor) if page.next_cursor else "",
        first=asked.address() if asked.cursor else "",
    )


def card_view(card: catalog.ListingCard) -> AgentCardView:
    address = f"{card.publisher}/{card.slug}"
    return AgentCardView(
        slug=card.slug,
        publisher=card.publisher,
        href=f"/agents/{address}",
        title=plain_text(card.name),
        address=address,
        promise=plain_text(card.summary),
        price=card.price_label,
        price_unit=f"/ {card.price_unit}" if card.price_unit else "",
        verified=card.is_verified,
        rating=f"{card.rating:.1f}" if card.rating else "",
        ratings=count(card.rating_count) if card.rating_count else "",
        success=percent(card.success_30d),
        users=count(card.users_30d) if card.runs_30d else "\N{EM DASH}",
        median=duration_ms(card.median_ms),
        quality=str(card.quality) if card.quality is not None else "\N{EM DASH}",
        maintenance=card.state == "maintenance",
    )


def _options(asked: Asked, group: str, page: catalog.Page, facet: str = "") -> list[OptionView]:
    counts = {one.key: one.count for one in page.facets.get(facet or group, [])}
    return [
        OptionView(f"{group}:{value}", label, count(counts.get(value, 0)), chosen=value in getattr(asked, group))
        for value, label in GROUPS[group].items()
        if counts.get(value) or value in getattr(asked, group)
    ]
