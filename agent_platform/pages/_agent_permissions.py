"""What an agent may do, against what this workspace has accepted."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout
from agent_platform.components.permission_sheet import PROMISE, permission_sheet
from agent_platform.components.theme import each
from agent_platform.state.agent import AgentState as State

ASK = "Ask an admin of this workspace to accept it."


def sheet() -> rx.Component:
    view = State.agent
    return permission_sheet(
        view.permissions, level=view.level, foot=rx.cond(view.compared != "", view.compared, PROMISE)
    )


def waiting_version() -> rx.Component:
    """A version that asks for more than was accepted: what would be new, what it means for runs here, and the way to say yes.

    The sheet says the same, but lies far below on narrow windows.
    """
    view = State.agent
    added = rx.el.ul(each(view.permissions, _if_new), class_name="rules meta")
    title = rx.fragment("Version ", view.waiting, " asks for more")
    yes = rx.cond(view.may_accept, button("Accept ", view.waiting, on_click=State.accept_newest), rx.el.span(ASK))
    said = rx.el.p("What would be new is marked on the sheet. ", view.compared, class_name="meta muted")
    return rx.cond(view.waiting != "", callout(title, rx.fragment(added, said), yes, kind="warning"))


def _if_new(one: Any) -> rx.Component:
    return rx.cond(one.change == "new", rx.el.li(rx.el.span(one.title, class_name="medium"), ". ", one.sentence))
