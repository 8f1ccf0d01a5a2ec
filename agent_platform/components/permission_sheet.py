"""What an agent may do, one row per permission, in sentences."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.cards import card, card_foot, card_head
from agent_platform.components.theme import Text, each, icon, when

LEVELS = {
    "low": ("grass", "shield-check", "Low"),
    "medium": ("amber", "shield-alert", "Medium"),
    "high": ("tomato", "shield-alert", "High"),
}
PROMISE = "Enforced by the sandbox and logged per run. A new version that asks for more waits for your yes."


def permission_sheet(
    items: Any, *, level: Text = "", title: str = "What it may do", foot: Text = PROMISE
) -> rx.Component:
    """A card of `PermissionView` rows; `level` low, medium or high is shown in the head."""
    head = card_head(title, level_badge(level)) if not isinstance(level, str) or level else card_head(title)
    return card(head, rx.el.ul(each(items, permission_row)), card_foot(foot))


def permission_row(view: Any) -> rx.Component:
    """One permission; new and removed ones are marked in words."""
    change = view.change
    mark = rx.fragment(
        when(_is(change, "new"), badge("new", colour="amber")),
        when(_is(change, "removed"), badge("removed", outlined=True)),
        when(view.mark, rx.el.span(view.mark, class_name="meta muted")),
    )
    head = rx.el.div(
        rx.el.span(view.title, class_name="medium"), rx.el.span(mark, class_name="row"), class_name="row between"
    )
    words = rx.el.div(head, rx.el.p(view.sentence, class_name="sentence"), class_name="grow")
    classes = rx.cond(_is(change, "removed"), "permission removed", "permission")
    return rx.el.li(icon(view.icon), words, class_name=classes)


def level_badge(level: Text) -> rx.Component:
    drawn = [(name, badge(word, colour=colour, icon_name=shown)) for name, (colour, shown, word) in LEVELS.items()]
    return rx.match(level, *drawn, rx.fragment())


def _is(value: Text, word: str) -> Any:
    return value == word
