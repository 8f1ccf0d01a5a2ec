"""What the directory shows, and its whole state as an address."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode
from uuid import UUID

from agent_platform.services import catalog
from agent_platform.views.format import count, duration_ms, money_short, percent, plain_text
from agent_platform.views.parts import AgentCardView, OptionView
from agent_platform.views.pricing import unit_words

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
MOST_MEANT = 3
MOST_WORDS = 200  # characters of them
LEVELS = {"low": "Low", "medium": "Medium", "high": "High"}
KINDS = {"job": "Job", "chat": "Chat"}
SORTS = {
    "best": "Best match",
    "used": "Most used",
    "rated": "Highest rated",
    "newest": "Newest",
    "cheapest": "Cheapest typical run",
}
GROUPS = {"category": CATEGORIES, "price": PRICES, "kind": KINDS, "needs": NEEDS, "level": LEVELS}
COSTS = ("0.001", "0.005", "0.01", "0.02", "0.05", "0.1", "0.25", "0.5", "1", "2", "5")  # dollars of a typical run
SUCCESSES = {"95": "95 %", "98": "98 %", "99": "99 %"}
LAYOUTS = ("grid", "list")
RATINGS = {"3": "3 +", "4": "4 +", "4.5": "4.5 +"}
FIGURES: dict[str, tuple[str, ...]] = {"cost": COSTS, "success": tuple(SUCCESSES), "rating": tuple(RATINGS)}


@dataclass(frozen=True)
class Asked:
    """The directory's address as values; unknown ones are left out."""

    q: str = ""
    category: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    cost: str = ""
    success: str = ""
    rating: str = ""
    verified: bool = False
    saved: bool = False
    sort: str = "best"
    layout: str = "grid"
    cursor: str = ""

    @classmethod
    def of(cls, query: dict[str, str]) -> "Asked":
        """Each tick once, however often it was asked for: no address makes a page longer than all of its choices."""
        ticks = {name: set(query.get(name, "").split(",")) for name in GROUPS}
        chosen = {name: tuple(value for value in known if value in ticks[name]) for name, known in GROUPS.items()}
        figures = {name: query.get(name, "") for name, known in FIGURES.items() if query.get(name) in known}
        sort, layout = query.get("sort", "best"), query.get("view", "grid")
        return cls(
            q=query.get("q", "")[:MOST_WORDS],
            verified=query.get("verified") == "1",
            saved=query.get("saved") == "1",
            sort=sort if sort in SORTS else "best",
            layout=layout if layout in LAYOUTS else "grid",
            cursor=query.get("after", "")[:400],
            **chosen,
            **figures,
        )

    def address(self, **changed: object) -> str:
        """The address with some values changed; a change of anything else starts at the first page."""
        values = {**vars(self), "cursor": "", **changed}
        pairs = {
            "q": values["q"],
            **{name: ",".join(values[name]) for name in GROUPS},
            **{name: values[name] for name in FIGURES},
            "verified": "1" if values["verified"] else "",
            "saved": "1" if values["saved"] else "",
            "sort": "" if values["sort"] == "best" else values["sort"],
            "view": "" if values["layout"] == "grid" else values["layout"],
            "after": values["cursor"],
        }
        query = urlencode({name: value for name, value in pairs.items() if value})
        return "/agents" + (f"?{query}" if query else "")

    def toggled(self, group: str, value: str) -> str:
        """The address after a choice was ticked, or the tick taken away; of a figure, only one value holds."""
        if group == "verified":
            return self.address(verified=not self.verified)
        if group == "saved":
            return self.address(saved=not self.saved)
        if group in FIGURES:
            known = value in FIGURES[group] and value != getattr(self, group)
            return self.address(**{group: value if known else ""})
        if group not in GROUPS:
            return self.address()
        chosen: tuple[str, ...] = getattr(self, group)
        kept = tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)
        return self.address(**{group: kept})

    def cleared(self) -> str:
        """The address without filters; what was typed, the order and the layout stay."""
        return Asked(q=self.q, sort=self.sort, layout=self.layout).address()

    def filters(self, among: tuple[UUID, ...] = ()) -> catalog.Filters:
        """`among` are those that the reader has saved; they count if the address asks for saved ones."""
        return catalog.Filters(
            categories=self.category,
            price_models=self.price,
            needs=self.needs,
            levels=self.level,
            kind=self.kind[0] if len(self.kind) == 1 else None,
            verified=self.verified,
            max_cost_micro_usd=round(float(self.cost) * 1_000_000) if self.cost else None,
            success=float(self.success) / 100 if self.success else None,
            rating=float(self.rating) if self.rating else None,
            among=among if self.saved else None,
        )


@dataclass(frozen=True)
class DirectoryView:
    """`meant` holds names that look like what was typed, each as a search of its own."""

    cards: list[AgentCardView] = field(default_factory=list)
    found: str = ""
    guess: bool = False
    meant: list[OptionView] = field(default_factory=list)
    chips: list[OptionView] = field(default_factory=list)
    chosen: str = ""
    more: str = ""
    first: str = ""
    categories: list[OptionView] = field(default_factory=list)
    prices: list[OptionView] = field(default_factory=list)
    kinds: list[OptionView] = field(default_factory=list)
    needs: list[OptionView] = field(default_factory=list)
    levels: list[OptionView] = field(default_factory=list)
    verified: str = ""


def directory_view(asked: Asked, page: catalog.Page, facets: catalog.Facets | None = None) -> DirectoryView:
    """Without facets every choice of a filter is offered, and none has a count."""
    chips = _chips(asked)
    view = DirectoryView(
        cards=[card_view(card) for card in page.listings],
        found="No agent" if page.is_guess else f"{_capped(page)} {'agent' if page.total == 1 else 'agents'}",
        guess=page.is_guess,
        meant=_meant(asked, page) if page.is_guess else [],
        chips=chips,
        chosen=str(len(chips) or ""),
        more=asked.address(cursor=page.next_cursor) if page.next_cursor else "",
        first=asked.address() if asked.cursor else "",
    )
    return with_counts(view, asked, facets)


def invitation(agents: int) -> str:
    """What stands in the empty search field."""
    named = f"{_number(agents)} {'agent' if agents == 1 else 'agents'}" if agents else "agents"
    return f"Search {named} by task, name or publisher"


def with_counts(view: DirectoryView, asked: Asked, facets: catalog.Facets | None) -> DirectoryView:
    """The same page with these counts behind the choices."""
    counts = {group: {one.key: one.count for one in choices} for group, choices in (facets or {}).items()}
    return replace(
        view,
        categories=_options(asked, "category", counts.get("category")),
        prices=_options(asked, "price", counts.get("price_model")),
        kinds=_options(asked, "kind", counts.get("kind")),
        needs=_options(asked, "needs", counts.get("needs")),
        levels=_options(asked, "level", counts.get("level")),
        verified=_number(counts["verified"].get("verified", 0)) if counts else "",
    )


def cost_at(place: object) -> str:
    """The value of this place of the slider; empty for its end and for whatever a browser may send besides."""
    return COSTS[place] if isinstance(place, int) and 0 <= place < len(COSTS) else ""


def cost_words(value: str) -> str:
    """Of the slider: `up to $0.25`, or Any."""
    return f"up to {money_short(round(float(value) * 1_000_000))}" if value else "Any"


def _chips(asked: Asked) -> list[OptionView]:
    """Every filter in force, removed by its own address."""
    labels = [
        *((group, value, GROUPS[group][value]) for group in GROUPS for value in getattr(asked, group)),
        *([("cost", asked.cost, cost_words(asked.cost))] if asked.cost else []),
        *([("success", asked.success, f"{SUCCESSES[asked.success]} success")] if asked.success else []),
        *([("rating", asked.rating, f"{asked.rating} stars and more")] if asked.rating else []),
        *([("verified", "1", "Verified")] if asked.verified else []),
        *([("saved", "1", "Saved")] if asked.saved else []),
    ]
    return [
        OptionView(f"{group}:{value}", label, chosen=True, href=asked.toggled(group, value))
        for group, value, label in labels
    ]


def _meant(asked: Asked, page: catalog.Page) -> list[OptionView]:
    names = list(dict.fromkeys(plain_text(card.name) for card in page.listings))[:MOST_MEANT]
    return [OptionView(name, name, href=asked.address(q=name)) for name in names]


def _capped(page: catalog.Page) -> str:
    return f"{count(page.total)}+" if page.total_is_capped else count(page.total)


def _number(agents: int) -> str:
    return f"{count(catalog.MOST_COUNTED)}+" if agents > catalog.MOST_COUNTED else count(agents)


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
        price_unit=unit_words(card.price_model, card.price_unit),
        verified=card.is_verified,
        rating=f"{card.rating:.1f}" if card.rating else "",
        ratings=count(card.rating_count) if card.rating_count else "",
        success=percent(card.success_30d),
        users=count(card.users_30d) if card.runs_30d else "\N{EM DASH}",
        median=duration_ms(card.median_ms),
        quality=str(card.quality) if card.quality is not None else "\N{EM DASH}",
        maintenance=card.state == "maintenance",
    )


def _options(asked: Asked, group: str, counts: dict[str, int] | None) -> list[OptionView]:
    """A choice that would leave nothing is left out, unless it is ticked."""
    ticked = getattr(asked, group)
    return [
        OptionView(
            f"{group}:{value}",
            label,
            _number(counts.get(value, 0)) if counts is not None else "",
            chosen=value in ticked,
        )
        for value, label in GROUPS[group].items()
        if counts is None or counts.get(value) or value in ticked
    ]
