"""A publisher's page, as everybody may read it."""

from agent_platform.services import catalog
from agent_platform.views.parts import FactView
from agent_platform.views.publisher import PublisherView, publisher_path
from agent_platform.views.site import data
from agent_platform.views.site.blocks import Block, Cards, Facts, Heading, Link, Links, Picture, SitePage, Trail, Words
from agent_platform.views.site.doors import missing_page
from agent_platform.views.site.words import NAME, NO_PUBLISHER


def publisher_page(view: PublisherView, facts: catalog.PublisherFacts, base_url: str, *, cursor: str = "") -> SitePage:
    """The same facts as the visible page. Search engines list the first page of it, and none that was made for measuring."""
    path = publisher_path(view.handle)
    trail = [Link("Home", "/"), Link("Agents", "/agents"), Link(view.name, path)]
    address = publisher_path(view.handle, cursor)
    return SitePage(
        path=address,
        title=view.name,
        description=described(view),
        picture=Picture(view.name, text=described(view), figures=_drawn(view)),
        picture_path=f"/og{path}.png",
        twin=address.replace(path, f"{path}.md", 1),
        indexed=not cursor and not facts.is_synthetic,
        status=404 if cursor and not view.cards else 200,
        current="agents",
        kind="profile",
        data=[
            data.publisher(view, path, base_url),
            data.item_list(view.cards, f"Agents of {view.name}", base_url),
            data.breadcrumbs(trail, base_url),
        ],
        blocks=_blocks(view, trail),
    )


def missing_publisher() -> SitePage:
    return missing_page(NO_PUBLISHER)


def described(view: PublisherView) -> str:
    agents = view.figures[0].value
    mark = ", a verified publisher" if view.verified else ""
    return f"{view.name}{mark}: {agents} {'agent' if agents == '1' else 'agents'} on {NAME}, publishing since {view.since}."


def _drawn(view: PublisherView) -> tuple[tuple[str, str], ...]:
    return tuple((one.label.partition(",")[0].lower(), one.value) for one in view.figures)


def _blocks(view: PublisherView, trail: list[Link]) -> list[Block]:
    who = f"{view.handle}{', verified publisher' if view.verified else ''}. Publishing since {view.since}."
    facts = [
        FactView(one.label, " ".join(part for part in (one.value, one.unit) if part), one.note) for one in view.figures
    ]
    ways = (("First page", view.first), ("More agents", view.more))
    return [
        Trail(trail),
        Heading(view.name, 1),
        Words(who),
        Facts(facts),
        Cards(view.cards),
        Links([Link(words, href) for words, href in ways if href], "Pages", buttons=True),
    ]
