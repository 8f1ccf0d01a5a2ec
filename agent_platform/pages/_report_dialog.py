"""The dialog by which anybody signed in tells reviewers what is wrong, and the button that opens it."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.dialog import close_button, form_dialog
from agent_platform.components.fields import field, select, text_area
from agent_platform.components.theme import Text
from agent_platform.state.reports import ReportDialog as State
from agent_platform.views.reports import KINDS

EFFECT = "Whoever reviews this installation reads it and decides. The publisher does not learn who sent it."


def report_button(words: str, about: Text, review: Text = "") -> rx.Component:
    """Opens the dialog; somebody who is not signed in is led there first, and back to this page."""
    press: Any = {"kind": "ghost", "size": 1, "icon_name": "shield-alert"}
    ask = button(words, on_click=State.ask(about, review), **press)
    lead = link_button(f"Sign in to {words.lower()}", href=State.shell.sign_in, leaves=True, **press)
    return rx.cond(State.shell.signed_in, ask, lead)


def report_dialog() -> rx.Component:
    kind = select("report-kind", State.kind, State.choose_kind, KINDS)
    text = text_area("report-text", State.text, State.write, rows=4)
    return form_dialog(
        field(kind, name="report-kind", label="What is wrong"),
        field(text, name="report-text", label="What happened", hint="Plain text.", required=True),
        title=rx.cond(State.review == "", "Report this agent", "Report this review"),
        effect=EFFECT,
        shown=State.shown,
        on_change=State.show,
        foot=(
            close_button("Cancel"),
            button("Send the report", kind="solid", on_click=State.send, disabled=State.text == ""),
        ),
    )
