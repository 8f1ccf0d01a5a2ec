"""Save and Share: what a person keeps of a page, and the address they pass on."""

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.theme import flag
from agent_platform.state.saved import SavedState as State


def keep_and_share() -> rx.Component:
    """Nothing for an agent without a page on the base domain. Only a person who is signed in has a list to save to; others sign in and come back."""
    words = rx.cond(State.saved, "Saved", "Save")
    save = button(
        words,
        icon_name="bookmark",
        on_click=State.keep(~State.saved),
        aria_pressed=flag(State.saved),
        class_name="keep",
    )
    share = button(
        rx.el.span("Share"),
        icon_name="link",
        title=State.share,
        custom_attrs={"data-copy": State.share, "data-copied": "Copied"},
    )
    first = link_button("Save", href=State.shell.sign_in, icon_name="bookmark", title="Sign in to save it")
    return rx.cond(State.share != "", rx.fragment(rx.cond(State.shell.signed_in, save, first), share))
