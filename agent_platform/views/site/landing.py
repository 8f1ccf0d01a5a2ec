"""The first page, as everybody may read it."""

from collections.abc import Sequence

from agent_platform.services import catalog
from agent_platform.views.landing import LandingView, cards_of
from agent_platform.views.parts import AgentCardView, FactView
from agent_platform.views.site import data
from agent_platform.views.site.blocks import Block, Cards, Facts, Heading, Link, Links, Picture, Search, SitePage, Words
from agent_platform.views.site.words import LANDING, LEAD, NAME

AMOUNT = "Before a run: a quote from runs that really finished. During it: a hard cap. After it: a signed receipt."
SITE_PICTURE = Picture(LANDING.title, text=LANDING.description)


def landing_page(view: LandingView, collections: Sequence[catalog.Collection], base_url: str) -> SitePage:
    cards = cards_of(collections, "")
    return SitePage(
        path="/",
        title=LANDING.title,
        description=LANDING.description,
        picture=SITE_PICTURE,
        twin="/index.md",
        data=[data.organization(base_url), data.website(base_url), *_listed(cards, collections, base_url)],
        blocks=[
            Heading(f"{LANDING.title}.", 1),
            Words(LEAD, lead=True),
            Search(),
            Links(
                [
                    Link(view.browse, "/agents"),
                    *([Link(f"Try {view.demo.name} without an account", view.demo.href)] if view.demo.href else []),
                    Link("Publish an agent", "/docs/first-agent"),
                ],
                "First steps",
                buttons=True,
            ),
            Facts([FactView(one.label, one.value) for one in view.figures]),
            *_shelf(cards, collections),
            *_example(view),
            Heading("Host it yourself"),
            Words(
                "Apache-2.0 with nothing held back. Python and make are enough; no Docker and no keys for the first run."
            ),
            Links([Link(f"How to run {NAME}", "/docs/self-hosting")], "Self-hosting"),
        ],
    )


def _listed(
    cards: Sequence[AgentCardView], collections: Sequence[catalog.Collection], base_url: str
) -> list[data.Object]:
    return [data.item_list(cards, collections[0].title, base_url)] if cards else []


def _shelf(cards: Sequence[AgentCardView], collections: Sequence[catalog.Collection]) -> list[Block]:
    if not cards:
        return [Words("No agent is listed here yet. The first one can be yours: a folder with a manifest.")]
    return [Heading(f"Ready to run: {collections[0].title.lower()}"), Cards(cards, level=3)]


def _example(view: LandingView) -> list[Block]:
    """A receipt worked out by the functions that quote and charge real runs."""
    example = view.example
    lines = [FactView(line.label, f"{line.amount.lead}{line.amount.tail}", line.note) for line in example.lines]
    return [
        Heading("The amount is never a surprise"),
        Words(AMOUNT),
        Words(f"An example: {example.name}, with a cap of {example.cap}."),
        Facts(lines),
    ]
