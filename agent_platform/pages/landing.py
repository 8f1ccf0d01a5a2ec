"""The first page, until it is written."""

import reflex as rx

from agent_platform.pages._frame import public_frame
from agent_platform.state.session import Session


def landing() -> rx.Component:
    return public_frame(rx.el.div(rx.el.h1("Agent Platform"), class_name="public"), shell=Session.shell)
