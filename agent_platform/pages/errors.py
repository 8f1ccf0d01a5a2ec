"""What is shown for an address that leads nowhere, and for a page that broke in the browser."""

import reflex as rx

from agent_platform.components.buttons import link_button
from agent_platform.components.feedback import empty
from agent_platform.pages._frame import public_frame
from agent_platform.state.session import Session


def not_found() -> rx.Component:
    """The 404 page."""
    return public_frame(
        rx.el.div(
            empty(
                "There is no page at this address",
                "The link may be old, or the page belongs to another workspace.",
                link_button("Find an agent", href="/agents", kind="solid"),
                icon_name="search",
            ),
            class_name="public",
        ),
        shell=Session.shell,
    )
