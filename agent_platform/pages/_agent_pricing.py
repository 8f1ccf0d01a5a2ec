"""The Pricing tab of an agent's page: the price list, what so many units cost, and what happens to the money if something goes wrong."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.cards import card, card_body, card_foot, card_head, facts
from agent_platform.components.fields import field, number_input
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.state.agent import AgentState as State

COLUMNS = (
    Column("Event"),
    Column("Charged when", wide_only=True),
    Column("Price", numeric=True),
    Column("For 1,000", numeric=True),
    Column("More units", numeric=True, wide_only=True),
)
COUNTED = "The first units of a month. Volume prices count the units of all runs of a workspace in a month; a run keeps the price it begins with."


def pricing_tab() -> rx.Component:
    return rx.el.div(
        prices(), rx.cond(State.agent.prices.length() > 0, calculator()), promises(), class_name="col gap-4"
    )


def prices() -> rx.Component:
    def one(view: Any) -> rx.Component:
        title = rx.el.div(view.title, rx.cond(view.primary, badge("primary", colour="teal")), class_name="row")
        return row(
            cell(title),
            cell(view.when, class_name="muted only-wide"),
            cell(view.price, numeric=True),
            cell(view.thousand, numeric=True),
            cell(view.tiers, numeric=True, class_name="muted only-wide"),
        )

    rows = table(COLUMNS, each(State.agent.prices, one), name="Prices")
    listed = rx.cond(State.agent.prices.length() > 0, rows)
    return card(
        card_head("Pricing", note="Prices are fixed for a run when it is accepted"),
        listed,
        card_foot(State.agent.price_note),
    )


def calculator() -> rx.Component:
    wrong = State.units_error != ""
    number = number_input("units", State.units, State.count_units, wrong=wrong, input_mode="numeric", max_length=20)
    asked = field(number, name="units", label="How many units", error=State.units_error)
    answer = rx.el.div(facts(State.costs), aria_live="polite")
    return card(
        card_head("What they cost"), card_body(rx.el.div(asked, answer, class_name="grid-2")), card_foot(COUNTED)
    )


def promises() -> rx.Component:
    lines = rx.el.ul(each(State.agent.promises, rx.el.li), class_name="col")
    return card(card_head("If something goes wrong"), card_body(lines))
