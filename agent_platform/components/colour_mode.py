"""Light, dark, or as the system has it."""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex.style import color_mode, set_color_mode

from agent_platform.components.theme import flag, icon

MODES = (("light", "sun", "Light"), ("dark", "moon", "Dark"), ("system", "monitor", "As the system"))


def colour_mode_choice(on_choose: Callable[[str], Any]) -> rx.Component:
    """Three pressed-or-not buttons for menus: the browser changes at once, `on_choose(mode)` makes the event that keeps it."""
    choices = [
        rx.el.button(
            icon(shown, 14, label=words),
            type="button",
            title=words,
            aria_pressed=flag(color_mode == mode),
            on_click=[set_color_mode(mode), on_choose(mode)],
        )
        for mode, shown, words in MODES
    ]
    group = rx.el.div(*choices, class_name="segmented s1", role="group", aria_label="Colour mode")
    return rx.el.div(rx.el.span("Colour mode", class_name="grow"), group, class_name="row", padding="4px 8px")
