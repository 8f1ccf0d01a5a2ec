"""Which agents of others this workspace runs: all public ones, only listed ones, or none."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, titled_card
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import field, radio_card, text_input
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.pages._frame import settings_frame
from agent_platform.state.allowed import AllowedState as State

RULES = (
    ("all", "All public agents", "Members run any agent of the directory, within what the workspace accepts."),
    (
        "listed",
        "Only listed ones",
        "Own agents and those on the list below. Agents that call others are held to it too.",
    ),
    ("own", "Own agents only", "No agent of another publisher starts here."),
)


def allowed() -> rx.Component:
    body = rx.el.div(rules(), listed(), class_name="col gap-4")
    return settings_frame(
        "Allowed agents",
        rx.cond(State.showing == "ready", body, card(card_body(loading_text(5)))),
        shell=State.shell,
        current="agents",
    )


def may_edit() -> Any:
    return (State.shell.role == "admin") | (State.shell.role == "owner")


def rules() -> rx.Component:
    cards = [
        radio_card(title, sentence, group="allowed", value=value, chosen=State.rule, on_choose=State.choose)
        for value, title, sentence in RULES
    ]
    said = rx.match(State.rule, *[(value, title) for value, title, _ in RULES], RULES[0][1])
    asked = callout(said, "An admin of the workspace can change this.", kind="note")
    note = rx.el.p(
        "A change holds at once for new runs and for those that wait. Runs that have begun go on.",
        class_name="muted meta",
    )
    return titled_card(
        "What may run here",
        rx.cond(
            may_edit(),
            rx.el.div(*cards, class_name="col gap-3", role="radiogroup", aria_label="What may run here"),
            asked,
        ),
        note,
    )


def listed() -> rx.Component:
    def one(view: Any) -> rx.Component:
        under = rx.cond(view.note != "", f"{view.address}. {view.note}", view.address)
        gone = button("Remove", size=1, on_click=State.disallow(view.id), aria_label=f"Remove {view.title}")
        return row(cell(two_lines(view.title, under)), cell(rx.cond(may_edit(), gone), numeric=True))

    rows = table((Column("Agent"), Column("")), each(State.agents, one), name="Listed agents")
    none = card_body(rx.el.p("No agent is listed yet.", class_name="muted"))
    entry = text_input(
        "agent", State.agent, State.write_agent, mono=True, spell_check=False, placeholder="publisher/agent"
    )
    add = rx.el.form(
        field(entry, name="agent", label="Add an agent", hint="Its address, as on its page: harbor/site-auditor."),
        rx.el.div(button("Add", type="submit")),
        on_submit=State.allow,
        class_name="col gap-3",
    )
    note = rx.cond(State.rule == "listed", "", "counts once only listed ones may run")
    return card(
        card_head("The list", note=note),
        rx.cond(State.agents.length() > 0, rows, none),
        rx.cond(may_edit(), card_foot(add)),
    )
