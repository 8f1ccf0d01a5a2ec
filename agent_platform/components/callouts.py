"""Notes, warnings, errors and platform faults: what happened, what was charged, what to do next."""

import reflex as rx

from agent_platform.components.theme import Slot, Text, icon, when

KINDS = {
    "note": ("teal", "info"),
    "warning": ("amber", "triangle-alert"),
    "error": ("tomato", "circle-x"),
    "fault": ("plum", "unplug"),
}


def callout(
    title: Slot, sentence: Slot = "", *actions: Slot, kind: str = "note", icon_name: str = "", urgent: bool = False
) -> rx.Component:
    """`kind` note, warning, error or fault; a title, one sentence, at most two buttons.

    `urgent=True` is read out at once: failures and approvals that appear while somebody watches.
    """
    colour, shown = KINDS[kind]
    body = rx.el.div(
        rx.el.b(title),
        sentence if isinstance(sentence, rx.Component) else when(sentence, rx.el.p(sentence, class_name="meta muted")),
        rx.el.div(*actions, class_name="row wrap") if actions else rx.fragment(),
        class_name="grow",
    )
    role = {"role": "alert"} if urgent else {}
    return rx.el.div(icon(icon_name or shown), body, class_name=f"callout {colour}", **role)


def callout_of(kind: Text, title: Text, sentence: Text) -> rx.Component:
    """A callout whose kind is a var."""
    return rx.match(kind, *[(name, callout(title, sentence, kind=name)) for name in KINDS], callout(title, sentence))
