"""Directory: search, filters, agents. The address holds all of it."""

import reflex as rx

from agent_platform.components.agent_card import agent_grid
from agent_platform.components.buttons import button, link_button, text_link
from agent_platform.components.callouts import callout
from agent_platform.components.dialog import close_button, form_dialog
from agent_platform.components.feedback import empty, loading_cards
from agent_platform.components.fields import checkbox, field, search_input, select, slider, text_area
from agent_platform.components.filters import (
    chips,
    filter_group,
    filter_groups,
    filter_layout,
    filter_section,
    filter_sheet,
)
from agent_platform.components.page_title import page_title
from agent_platform.components.tabs import segmented
from agent_platform.components.theme import each, icon
from agent_platform.pages._frame import either_frame
from agent_platform.state.directory import DirectoryState as State
from agent_platform.state.wishes import AgentRequestForm as Request
from agent_platform.views.directory import COSTS, MOST_WORDS, RATINGS, SORTS, SUCCESSES


def directory() -> rx.Component:
    return either_frame("Agents", page_title(State.title), title(), body(), shell=State.shell, current="agents")


def title() -> rx.Component:
    words = "Search agents by task, name or publisher"
    box = {"placeholder": State.invitation, "size": 3, "max_length": MOST_WORDS}
    find = search_input("q", State.q, State.search, label=words, key=True, **box)
    order = select("sort", State.sort, State.choose_sort, list(SORTS.items()), aria_label="Order", size=3)
    bar = rx.el.div(
        rx.el.div(find, class_name="grow"), rx.el.div(order, class_name="order"), class_name="row gap-3 wrap"
    )
    return rx.el.div(rx.el.div(rx.el.h1(State.title), bar, class_name="public col gap-3"), class_name="public-title")


def body() -> rx.Component:
    shown = rx.match(
        State.showing,
        ("loading", loading_cards(6)),
        ("empty", nothing()),
        ("guess", rx.el.div(guess(), agents(), class_name="col gap-4")),
        rx.el.div(agents(), pages(), class_name="col gap-4"),
    )
    return rx.el.div(
        filter_layout(groups(), in_force(), shown, ask(), request()), class_name="public", padding_top="24px"
    )


def agents() -> rx.Component:
    return agent_grid(State.directory.cards, layout=State.layout)


def groups() -> rx.Component:
    view = State.directory
    return filter_groups(
        rx.cond(view.categories.length() > 0, filter_group("Category", view.categories, State.toggle)),
        rx.cond(view.prices.length() > 0, filter_group("Price", view.prices, State.toggle)),
        filter_section("Typical cost per run", cost()),
        rx.cond(view.needs.length() > 0, filter_group("Needs", view.needs, State.toggle)),
        filter_section("Success rate, 30 days", figure("success", State.success, SUCCESSES, "Success rate")),
        filter_section("Rating", figure("rating", State.rating, RATINGS, "Rating")),
        rx.cond(view.levels.length() > 0, filter_group("Permissions", view.levels, State.toggle)),
        rx.cond(view.kinds.length() > 1, filter_group("Kind", view.kinds, State.toggle)),
        filter_section(
            "Publisher",
            checkbox("Verified only", State.verified, State.toggle("verified:1"), note=view.verified, small=True),
        ),
        rx.cond(
            State.shell.signed_in,
            filter_section("Yours", checkbox("Saved", State.saved, State.toggle("saved:1"), small=True)),
        ),
    )


def cost() -> rx.Component:
    ends = ("$0.001", "$5.00")
    words = {"label": "Typical cost per run", "words": State.cost_words, "ends": ends}
    return slider("cost", State.cost, State.slide, last=len(COSTS), **words)


def figure(group: str, chosen: rx.Var, known: dict[str, str], name: str) -> rx.Component:
    options = [("", "Any"), *known.items()]
    return segmented(options, chosen, lambda value: State.toggle(f"{group}:{value}"), name=name, small=True, fill=True)


def in_force() -> rx.Component:
    return rx.el.div(
        filter_sheet(groups(), State.directory.chosen),
        rx.el.b(State.directory.found, class_name="num", aria_live="polite"),
        chips(State.directory.chips, State.toggle, on_clear=State.clear),
        rx.el.span(class_name="grow"),
        rx.cond(State.sort == "best", rank()),
        layouts(),
        class_name="row wrap gap-3",
        margin_bottom="16px",
        min_height="32px",
    )


def layouts() -> rx.Component:
    shapes = [("grid", icon("layout-grid", 14, label="Grid")), ("list", icon("list", 14, label="List"))]
    choice = segmented(shapes, State.layout, State.choose_layout, name="Layout", small=True)
    return rx.el.span(choice, class_name="only-wide")


def rank() -> rx.Component:
    words = "Rank = text match \N{MULTIPLICATION SIGN} quality score \N{MULTIPLICATION SIGN} use"
    formula = text_link("Formula", href="/quality", small=True)
    return rx.el.span(icon("info", 14), words, formula, class_name="row gap-1 meta muted only-wide rank")


def guess() -> rx.Component:
    meant = each(State.directory.meant, lambda one: text_link(one.label, href=one.href, small=True))
    return callout(
        "Nothing has these words", rx.el.p("Did you mean ", meant, class_name="meta muted row wrap"), kind="note"
    )


def pages() -> rx.Component:
    first = rx.cond(State.directory.first != "", link_button("First page", href=State.directory.first))
    more = rx.cond(State.directory.more != "", link_button("More agents", href=State.directory.more))
    return rx.el.div(first, more, class_name="row")


def ask() -> rx.Component:
    """Under every list, the empty one too."""
    words = rx.el.span("Nothing fits? Describe the task and we tell creators what people look for.", class_name="grow")
    call = button("Request an agent", size=1, on_click=Request.show(True))
    return rx.cond(State.showing != "loading", rx.el.div(icon("plus"), words, call, class_name="callout ask"))


def request() -> rx.Component:
    area = text_area("task", Request.task, Request.write, rows=5, max_length=1000)
    task = field(
        area,
        name="task",
        label="The task",
        hint="What goes in and what should come out. Creators read it; leave out names and secrets.",
    )
    send = button("Send", kind="solid", on_click=Request.send, submit=True)
    return form_dialog(
        task,
        title="Request an agent",
        effect="A reviewer reads it, then the creators of all workspaces see it. Nobody is told who asked.",
        shown=Request.shown,
        on_change=Request.show,
        foot=(close_button("Cancel"), send),
    )


def nothing() -> rx.Component:
    filtered = State.directory.chips.length() > 0
    clear = rx.cond(
        filtered, button("Clear all filters", on_click=State.clear), link_button("All agents", href="/agents")
    )
    fits = empty("No agent fits", "Try other words or fewer filters.", clear, icon_name="search")
    words = "Press Save in the head of an agent's page, and it is here on every host."
    none = empty("Nothing of this is saved", words, clear, icon_name="bookmark")
    door = link_button("Sign in", href="/sign-in?next=/agents?saved=1")
    asks = empty("Sign in to see what you have saved", "The list is yours alone.", door, icon_name="bookmark")
    return rx.cond(State.saved, rx.cond(State.shell.signed_in, none, asks), fits)
