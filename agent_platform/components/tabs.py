"""Tabs and segmented choices. Arrow keys move between tabs; the open one is a state var."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from agent_platform.components.badges import count_bubble
from agent_platform.components.theme import Slot, Text, each, flag, icon, when


@dataclass(frozen=True)
class Tab:
    """One tab: `value` names it, `href` makes it a link, `count` shows a bubble."""

    value: str
    label: str
    count: Text = ""
    href: Text = ""


def tab_bar(
    tabs: Sequence[Tab],
    chosen: Text,
    on_choose: Callable[[str], Any] | None = None,
    *,
    name: str,
    bare: bool = False,
    in_address: bool = False,
) -> rx.Component:
    """Tabs by state (`on_choose(value)` makes the event) or, with hrefs, links of one page per tab.

    With `in_address` the page script keeps the chosen one as `?tab=`, which the page must read when it opens.
    """
    classes = "tabs bare" if bare else "tabs"
    if on_choose is None:
        links = [
            rx.el.a(*_face(tab), href=tab.href, aria_current=_if(chosen == tab.value, "page", "false")) for tab in tabs
        ]
        return rx.el.nav(*links, class_name=classes, aria_label=name)
    drawn = [
        rx.el.button(
            *_face(tab),
            type="button",
            role="tab",
            id=f"tab-{tab.value}",
            aria_controls=f"panel-{tab.value}",
            aria_selected=flag(chosen == tab.value),
            tab_index=_if(chosen == tab.value, 0, -1),
            on_click=on_choose(tab.value),
        )
        for tab in tabs
    ]
    kept = {"data-in-address": ""} if in_address else {}
    return rx.el.div(*drawn, class_name=classes, role="tablist", aria_label=name, custom_attrs=kept)


def view_tabs(options: Any, chosen: Text, on_choose: Callable[[Any], Any], *, name: str) -> rx.Component:
    """Tabs whose names are known only in the browser: a list var of `OptionView`."""

    def one(option: Any) -> rx.Component:
        return rx.el.button(
            option.label,
            type="button",
            role="tab",
            aria_selected=flag(chosen == option.value),
            tab_index=_if(chosen == option.value, 0, -1),
            on_click=on_choose(option.value),
        )

    return rx.el.div(rx.foreach(options, one), class_name="tabs bare views", role="tablist", aria_label=name)


def tab_panel(value: str, chosen: Text, *children: Slot) -> rx.Component:
    """The content of one tab; built only while it is the chosen one."""
    panel = rx.el.div(*children, role="tabpanel", id=f"panel-{value}", aria_labelledby=f"tab-{value}")
    return rx.cond(chosen == value, panel)


def segmented(
    options: Any, chosen: Text, on_choose: Callable[[Any], Any], *, name: str, small: bool = False, fill: bool = False
) -> rx.Component:
    """Two to seven short options, one pressed: pairs (value, label) or a list of `OptionView`."""

    def one(value: Text, label: Slot) -> rx.Component:
        return rx.el.button(label, type="button", aria_pressed=flag(chosen == value), on_click=on_choose(value))

    if isinstance(options, rx.Var):
        drawn: Any = each(options, lambda option: one(option.value, option.label))
    else:
        drawn = rx.fragment(*[one(value, label) for value, label in options])
    classes = "segmented" + (" s1" if small else "") + (" fill" if fill else "")
    return rx.el.div(drawn, class_name=classes, role="group", aria_label=name)


def steps(
    items: Sequence[tuple[str, str]], current: int | rx.Var, *, href: Callable[[str], str] | None = None
) -> rx.Component:
    """The numbered steps of a wizard: pairs (value, label), `current` from 1; finished ones carry a check."""
    rows = [
        _step(number, label, current, href(value) if href else "") for number, (value, label) in enumerate(items, 1)
    ]
    return rx.el.nav(rx.el.ol(*rows, class_name="steps"), aria_label="Steps")


def _step(number: int, label: str, current: int | rx.Var, href: str) -> rx.Component:
    done = current > number
    disc = rx.el.span(rx.cond(done, icon("check", 14, label="done"), rx.fragment(str(number))), class_name="disc")
    marks = {"class_name": rx.cond(done, "done", ""), "aria_current": _if(current == number, "step", "false")}
    return rx.el.li(
        rx.el.a(disc, rx.el.span(label, class_name="word"), href=href, **marks)
        if href
        else rx.el.span(disc, rx.el.span(label, class_name="word"), **marks)
    )


def _face(tab: Tab) -> list[Slot]:
    return [tab.label, when(tab.count, count_bubble(tab.count))]


def _if(condition: Any, yes: Any, no: Any) -> Any:
    return rx.cond(condition, yes, no) if isinstance(condition, rx.Var) else (yes if condition else no)
