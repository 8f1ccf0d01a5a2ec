"""The filter rail of a list: groups of choices with counts, removable chips, a sheet on mobile."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from agent_platform.components.badges import count_bubble
from agent_platform.components.buttons import button
from agent_platform.components.dialog import sheet
from agent_platform.components.fields import checkbox
from agent_platform.components.theme import Slot, Text, each, icon, when


def filter_layout(groups: rx.Component, *content: Slot) -> rx.Component:
    """Filters of 232 px at the left, content at the right; filters go under 721 px (use `filter_sheet`)."""
    rail = rx.el.aside(groups, class_name="only-wide", aria_label="Filters")
    return rx.el.div(rail, rx.el.div(*content, min_width="0"), class_name="filter-layout")


def filter_groups(*groups: rx.Component) -> rx.Component:
    return rx.el.div(*groups, class_name="filters")


def filter_group(title: str, options: Any, on_toggle: Callable[[Any], Any]) -> rx.Component:
    """Checkboxes of `OptionView` with their counts; `on_toggle(value)` makes the event."""
    return filter_section(
        title,
        each(options, lambda one: checkbox(one.label, one.chosen, on_toggle(one.value), note=one.count, small=True)),
    )


def filter_section(title: str, *content: Slot) -> rx.Component:
    return rx.el.section(rx.el.h2(title), *content)


def chips(items: Any, on_remove: Callable[[Any], Any], *, on_clear: Any = None) -> rx.Component:
    """The filters in force, each removable: a list of `OptionView`, and Clear all."""
    clear = (
        rx.el.button("Clear all", type="button", class_name="link meta", on_click=on_clear)
        if on_clear is not None
        else rx.fragment()
    )
    some = rx.cond(items.length() > 0, clear) if isinstance(items, rx.Var) else when(bool(items), clear)
    return rx.el.div(each(items, lambda one: chip(one.label, on_remove(one.value))), some, class_name="row wrap")


def chip(label: Text, on_remove: Any) -> rx.Component:
    cross = rx.el.button(icon("x", 12), type="button", aria_label=f"Remove {label}", on_click=on_remove)
    return rx.el.span(label, cross, class_name="badge chip")


def filter_sheet(groups: rx.Component, number: Text) -> rx.Component:
    """The same groups behind a button with a count, if there is one, for narrow screens."""
    bubble = when(number, count_bubble(number))
    trigger = button("Filters", bubble, icon_name="sliders-horizontal", class_name="only-narrow")
    return sheet(groups, trigger=trigger, title="Filters")
