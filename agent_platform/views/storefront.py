"""What a storefront shows, and what its settings say of it, formatted."""

from dataclasses import dataclass, field

from agent_platform.services import catalog
from agent_platform.views.accent import AccentView, accent_view
from agent_platform.views.directory import card_view
from agent_platform.views.format import plain_text
from agent_platform.views.parts import AgentCardView


@dataclass(frozen=True)
class StorefrontView:
    """`logo` is the path of the picture, or empty."""

    name: str = ""
    slug: str = ""
    headline: str = ""
    welcome: str = ""
    logo: str = ""
    public: bool = False
    accent: AccentView = AccentView()
    cards: list[AgentCardView] = field(default_factory=list)


@dataclass(frozen=True)
class ChosenView:
    """An agent that an admin has put on a list; `note` says why it is not shown or run now, if it is not."""

    id: str
    title: str
    address: str
    note: str = ""


def storefront_view(facts: catalog.StorefrontFacts) -> StorefrontView:
    return StorefrontView(
        name=plain_text(facts.workspace),
        slug=facts.slug,
        headline=plain_text(facts.headline) or f"Agents of {plain_text(facts.workspace)}",
        welcome=plain_text(facts.welcome),
        logo=logo_path(facts.logo_key),
        public=facts.audience == "public",
        accent=accent_view(facts.accent),
        cards=[card_view(card) for card in facts.agents],
    )


def logo_path(key: str | None) -> str:
    """Where the workspace's logo is, another path for another picture; empty without one."""
    return f"/storefront/logo?v={key[:16]}" if key else ""


def chosen_views(facts: catalog.StorefrontFacts) -> list[ChosenView]:
    """Those that were chosen, in their order; one that the directory shows no more is named as what it is."""
    shown = {card.id: card for card in facts.agents}
    return [
        ChosenView(str(one), plain_text(shown[one].name), f"{shown[one].publisher}/{shown[one].slug}")
        if one in shown
        else ChosenView(
            str(one), "Not in the directory any more", "", "It is not shown. Take it away, or wait until it is back."
        )
        for one in facts.chosen
    ]
