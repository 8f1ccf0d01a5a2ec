"""The Examples tab of an agent's page, and what its form says when it holds the input of one."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, text_link
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot
from agent_platform.components.feedback import empty, loading_text
from agent_platform.components.tables import each
from agent_platform.state.agent import AgentState
from agent_platform.state.examples import ExamplesTab as State


def examples_tab() -> rx.Component:
    return rx.match(State.showing, ("loading", card(card_body(loading_text(4)))), listed())


def listed() -> rx.Component:
    none = empty(
        "No examples yet",
        rx.cond(
            AgentState.agent.own,
            "Publish the agent, then save a finished run of it as an example, from the page of that run.",
            "Its publisher has not saved a run of it for everybody to read.",
        ),
        icon_name="file-text",
    )
    foot = card_foot("Real runs of the publisher, kept with their input and output as they were.")
    shown = card(rx.el.ul(each(State.rows, one), class_name="examples"), foot)
    return rx.cond(State.rows.length() > 0, shown, none)


def one(view: Any) -> rx.Component:
    title = rx.el.h2(text_link(view.title, href=view.href), class_name="title")
    return rx.el.li(title, rx.el.p(view.line), rx.el.p(view.about, class_name="muted meta"), class_name="col gap-1")


def filled_note() -> rx.Component:
    """Above the form: whose input stands in it, if not the usual one."""
    view = AgentState.filled
    link = text_link(view.title, href=view.href)
    words = rx.el.p("Filled with the input of the example ", link, ".", class_name="meta")
    gone = callout(
        "This example is not there any more", "The form begins with its usual input instead.", kind="warning"
    )
    otherwise = rx.cond(view.gone, card_body(gone), rx.cond(view.title != "", card_body(words)))
    return rx.cond(AgentState.comes_back, kept_note(), otherwise)


def kept_note() -> rx.Component:
    """The form was opened again after the run that it started."""
    words = rx.el.p("Kept from your last run in this tab.", class_name="meta grow")
    anew = button("Begin anew", size=1, on_click=AgentState.begin_anew)
    return card_body(rx.el.div(words, anew, class_name="row gap-3 wrap"))
