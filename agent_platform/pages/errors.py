"""What is shown for an address that leads nowhere, and for a page that broke in the browser."""

import reflex as rx

from agent_platform.components.buttons import link_button
from agent_platform.components.theme import icon
from agent_platform.pages._frame import public_frame
from agent_platform.state.session import Session
from agent_platform.views.site.words import NOT_FOUND, Named


def not_found() -> rx.Component:
    """The 404 page, of both kinds of hosts."""
    return public_frame(nowhere(NOT_FOUND), shell=Session.shell)


def nowhere(named: Named) -> rx.Component:
    """What stands in place of a page that is not there, and the ways on."""
    words = rx.el.div(
        icon("search", 24, class_name="good"),
        rx.el.h1(named.title),
        rx.el.p(named.description, class_name="muted"),
        rx.el.div(
            link_button("Find an agent", href="/agents", kind="solid"),
            link_button("Home", href="/", leaves=True),
            class_name="row wrap",
            margin_top="8px",
        ),
        class_name="col gap-3 nowhere",
    )
    return rx.el.div(words, class_name="plain-page")
