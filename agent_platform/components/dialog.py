"""Dialogs: the title asks, the body says the effect, the safe button comes first. Focus is held and given back."""

from typing import Any

import reflex as rx
from reflex_components_radix.primitives.dialog import dialog as primitive

from agent_platform.components.buttons import button
from agent_platform.components.theme import Flag, Slot, Text


def confirm_dialog(
    title: Text, effect: Text, *, shown: Flag, on_change: Any, keep: str, act: rx.Component
) -> rx.Component:
    """Asks before something that cannot be taken back; `keep` are the safe words, `act` the button that does it."""
    foot = rx.el.div(close_button(keep), act, class_name="foot")
    return _frame("dialog", title, effect, foot, open=shown, on_open_change=on_change)


def form_dialog(
    *children: Slot, title: Text, shown: Flag, on_change: Any, effect: Text = "", foot: tuple[Slot, ...] = ()
) -> rx.Component:
    """A small form in a dialog of 560 px; `foot` holds its buttons, the safe one first, unless the children bring them."""
    buttons = (rx.el.div(*foot, class_name="foot"),) if foot else ()
    body = rx.el.div(*children, *buttons, class_name="col gap-4")
    return _frame("dialog form", title, effect, body, open=shown, on_open_change=on_change)


def sheet(*children: Slot, trigger: rx.Component, title: str) -> rx.Component:
    """A panel from the bottom edge, opened by its trigger: filters on mobile."""
    content = _content("dialog sheet", title, "", rx.el.div(*children), close_words="Done")
    return primitive.root(
        primitive.trigger(trigger, as_child=True), primitive.portal(primitive.overlay(class_name="scrim"), content)
    )


def close_button(words: str) -> rx.Component:
    """The safe button of a form dialog: closes it and does nothing else."""
    return primitive.close(button(words), as_child=True)


def _frame(class_name: str, title: Text, effect: Text, body: rx.Component, **root: Any) -> rx.Component:
    return primitive.root(
        primitive.portal(primitive.overlay(class_name="scrim"), _content(class_name, title, effect, body)), **root
    )


def _content(class_name: str, title: Text, effect: Text, body: rx.Component, close_words: str = "") -> rx.Component:
    heading = primitive.title(rx.el.h2(title), as_child=True)
    says = primitive.description(effect, class_name="says") if not isinstance(effect, str) or effect else rx.fragment()
    done = rx.el.div(close_button(close_words), class_name="foot") if close_words else rx.fragment()
    return primitive.content(heading, says, body, done, class_name=class_name)
