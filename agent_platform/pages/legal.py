"""Terms, privacy and cookies."""

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.consent import consent_choice
from agent_platform.components.feedback import loading_text
from agent_platform.components.markdown import prose
from agent_platform.pages._frame import public_frame
from agent_platform.state.legal import LegalState as State


def legal() -> rx.Component:
    """Of whichever of the three the address names."""
    text = rx.el.article(rx.el.h1(State.title), prose(State.text), class_name="document")
    shown = rx.match(of_here(State.address, "ready"), ("loading", loading_text(8)), text)
    return public_frame(_page(shown), shell=State.shell)


def cookies() -> rx.Component:
    """With the way to change one's mind, where there is something to choose."""
    text = rx.el.article(rx.el.h1(State.title), prose(State.text), class_name="document")
    shown = rx.match(of_here(State.address, "ready"), ("loading", loading_text(8)), text)
    return public_frame(_page(shown, consent_choice()), shell=State.shell)


def _page(*children: rx.Component) -> rx.Component:
    return rx.el.div(*children, class_name="public col gap-4", padding_top="32px", padding_bottom="48px")
