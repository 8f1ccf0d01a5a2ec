"""The directory, as everybody may read it: one page of agents, every filter a plain link."""

from agent_platform.views.directory import CATEGORIES, COSTS, GROUPS, RATINGS, SORTS, SUCCESSES, Asked, DirectoryView
from agent_platform.views.format import money_short
from agent_platform.views.parts import OptionView
from agent_platform.views.site import data
from agent_platform.views.site.blocks import (
    Block,
    Cards,
    Heading,
    Link,
    Links,
    Picture,
    Search,
    SitePage,
    Trail,
    Words,
)
from agent_platform.views.site.landing import SITE_PICTURE
from agent_platform.views.site.words import DIRECTORY

NAMES = {
    "category": "Category",
    "price": "Price",
    "kind": "Kind",
    "needs": "Needs",
    "level": "Permissions",
    "cost": "Typical cost up to",
    "success": "Success",
    "rating": "Rating",
}
FIGURES = {
    "cost": {value: money_short(round(float(value) * 1_000_000)) for value in COSTS},
    "success": SUCCESSES,
    "rating": RATINGS,
}
ROOT = (Link("Home", "/"), Link("Agents", "/agents"))


def directory_page(asked: Asked, view: DirectoryView, base_url: str) -> SitePage:
    """Search engines list the whole directory and each category; what else is asked for leads on, but is no page of its own."""
    category = only_category(asked)
    title = directory_title(asked)
    address = asked.address(cursor=asked.cursor)
    described = (
        f"{view.found} for {CATEGORIES[category].lower()}. {DIRECTORY.description}"
        if category
        else DIRECTORY.description
    )
    trail = category_trail(category)
    listed = address == "/agents" or bool(category)
    picture = Picture(title, text=DIRECTORY.description, figures=(("listed", view.found),))
    return SitePage(
        path=address,
        title=title,
        description=described,
        picture=picture if listed else SITE_PICTURE,
        picture_path=address.replace("/agents", "/og/agents.png", 1) if listed else "/og/site.png",
        twin=address.replace("/agents", "/agents.md", 1),
        indexed=listed,
        status=404 if asked.cursor and not view.cards else 200,
        current="agents",
        data=[data.item_list(view.cards, title, base_url), data.breadcrumbs(trail, base_url)],
        blocks=_blocks(asked, view, title),
    )


def directory_title(asked: Asked) -> str:
    """`Data agents` where one category is all that is asked for."""
    category = only_category(asked)
    return f"{CATEGORIES[category]} agents" if category else DIRECTORY.title


def only_category(asked: Asked) -> str:
    """The one category that is asked for, if nothing else is."""
    return asked.category[0] if len(asked.category) == 1 and asked == Asked(category=asked.category) else ""


def category_trail(category: str) -> list[Link]:
    """The way from the first page to a category, or to the directory for an empty one."""
    return [*ROOT, Link(CATEGORIES[category], Asked(category=(category,)).address())] if category else list(ROOT)


def _blocks(asked: Asked, view: DirectoryView, title: str) -> list[Block]:
    shown: list[Block] = [Words(view.found)]
    if view.guess:
        shown.append(Words("Nothing has exactly these words; these agents have words that look alike."))
    if not view.cards:
        shown.append(Words("No agent fits. Try other words or fewer filters."))
    options = {
        "category": view.categories,
        "price": view.prices,
        "kind": view.kinds,
        "needs": view.needs,
        "level": view.levels,
    }
    groups = [_choices(asked, group, listed) for group, listed in options.items()]
    groups += [_figures(asked, group, known) for group, known in FIGURES.items()]
    return [
        Trail(category_trail(only_category(asked))),
        Heading(title, 1),
        Search(asked.q),
        *groups,
        Links([Link("Verified only", asked.toggled("verified", "1"), view.verified, asked.verified)], "Publisher"),
        _orders(asked),
        *shown,
        Cards(view.cards),
        _pages(view),
    ]


def _choices(asked: Asked, group: str, options: list[OptionView]) -> Links:
    """Following a choice ticks it, following a chosen one takes the tick away."""
    links = []
    for option in options:
        value = option.value.partition(":")[2]
        links.append(Link(GROUPS[group][value], asked.toggled(group, value), option.count, option.chosen))
    return Links(links, NAMES[group])


def _figures(asked: Asked, group: str, known: dict[str, str]) -> Links:
    """Of a figure only one value holds."""
    ticked = getattr(asked, group)
    links = [Link(words, asked.toggled(group, value), current=ticked == value) for value, words in known.items()]
    return Links(links, NAMES[group])


def _orders(asked: Asked) -> Links:
    links = [Link(words, asked.address(sort=sort), current=asked.sort == sort) for sort, words in SORTS.items()]
    return Links(links, "Order")


def _pages(view: DirectoryView) -> Links:
    ways = (("First page", view.first), ("More agents", view.more))
    return Links([Link(words, href) for words, href in ways if href], "Pages", buttons=True)
