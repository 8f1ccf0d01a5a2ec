"""The card with the workspace's logo: the storefront and the workspace's own settings show the same one."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.cards import titled_card
from agent_platform.components.fields import file_input
from agent_platform.components.theme import Text

NOTE = "PNG, JPEG or WebP, at most 1 MiB. It is drawn anew before it is shown."


def logo_card(logo: Text, upload: Any, *, on_take: Any, on_remove: Any) -> rx.Component:
    """`logo` is the path of the present one, or empty; `upload` carries the file that was sent."""
    picker = file_input("logo", upload, on_take, accept="image/png,image/jpeg,image/webp", note=NOTE)
    shown = rx.el.div(
        present_logo(logo), button("Remove", kind="danger", size=1, on_click=on_remove), class_name="row gap-3"
    )
    none = rx.el.p("None: the first letter of the name stands in its place.", class_name="muted")
    where = rx.el.p("Shown at the top left of every page here, and on the storefront.", class_name="muted meta")
    return titled_card("Logo", rx.cond(logo != "", shown, none), where, picker)


def present_logo(logo: Text) -> rx.Component:
    return rx.el.img(src=logo, alt="The present logo", class_name="logo")
