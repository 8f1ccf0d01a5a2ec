"""Directory: search, filters, agents. The address holds all of it."""

import reflex as rx

from agent_platform.components.agent_card import agent_grid
from agent_platform.components.buttons import button, link_button
from agent_platform.components.callouts import callout
from agent_platform.components.feedback import empty, loading_cards
from agent_platform.components.fields import checkbox, search_input, select
from agent_platform.components.filters import (
    chips,
    filter_group,
    filter_groups,
    filter_layout,
    filter_section,
    filter_sheet,
)
from agent_platform.pages._frame import either_frame
from agent_platform.state.directory import DirectoryState as State
from agent_platform.views.directory import SORTS


def directory() -> rx.Component:
    return either_frame("Agents", title(), body(), shell=State.shell, current="agents")


def title() -> rx.Component:
    find = search_input("q", State.q, State.search, label="Search agents by task, name or publisher", size=3)
    order = select("sort", State.sort, State.choose_sort, list(SORTS.items()), aria_label="Order")
    bar = rx.el.div(
        rx.el.div(find, class_name="grow"), rx.el.div(order, class_name="order"), class_name="row gap-3 wrap"
    )
    return rx.el.div(rx.el.div(rx.el.h1("Agents"), bar, class_name="public col gap-3"), class_name="public-title")


def body() -> rx.Component:
    shown = rx.match(
        State.showing,
        ("loading", loading_cards(6)),
        ("empty", nothing()),
        rx.el.div(guess(), agent_grid(State.directory.cards), pages(), class_name="col gap-4"),
    )
    return rx.el.div(filter_layout(groups(), in_force(), shown), class_name="public", padding_top="24px")


def groups() -> rx.Component:
    view = State.directory
    return filter_groups(
        rx.cond(view.categories.length() > 0, filter_group("Category", view.categories, State.toggle)),
        rx.cond(view.prices.length() > 0, filter_group("Price", view.prices, State.toggle)),
        rx.cond(view.needs.length() > 0, filter_group("Needs", view.needs, State.toggle)),
        rx.cond(view.levels.length() > 0, filter_group("Permissions", view.levels, State.toggle)),
        filter_section("Publisher", checkbox("Verified only", State.verified, State.toggle("verified:1"), small=True)),
    )


def in_force() -> rx.Component:
    return rx.el.div(
        rx.el.b(State.directory.found, class_name="num", aria_live="polite"),
        filter_sheet(groups(), State.directory.chosen),
        chips(State.directory.chips, State.toggle, on_clear=State.clear),
        class_name="row wrap gap-3",
        margin_bottom="16px",
        min_height="32px",
    )


def guess() -> rx.Component:
    said = callout("Nothing has exactly these words", "These names look alike.", kind="note")
    return rx.cond(State.directory.guess, said)


def pages() -> rx.Component:
    first = rx.cond(State.directory.first != "", link_button("First page", href=State.directory.first))
    more = rx.cond(State.directory.more != "", link_button("More agents", href=State.directory.more))
    return rx.el.div(first, more, class_name="row", margin_top="16px")


def nothing() -> rx.Component:
    return empty(
        "No agent fits",
        "Try other words or fewer filters. If nobody has built it yet, you can: an agent is a folder with a manifest.",
        button("Clear all filters", on_click=State.clear),
        icon_name="search",
    )
