"""Settings of the storefront: on or off, for whom, words, colour, logo and agents."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, titled_card
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import checkbox, field, select, text_area, text_input
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.pages._frame import settings_frame
from agent_platform.pages._logo import logo_card
from agent_platform.state.storefront import StorefrontState as State

AUDIENCES = [("members", "Members only"), ("public", "Everybody, search engines too")]
AGENT_HINT = (
    "Of any public agent, as on its page: harbor/site-auditor. Without a choice your own public agents are shown."
)


def storefront() -> rx.Component:
    body = rx.cond(may_edit(), rx.el.div(words(), logo(), agents(), class_name="col gap-4"), only_admins())
    return settings_frame(
        "Storefront",
        rx.cond(State.showing == "ready", body, card(card_body(loading_text(5)))),
        shell=State.shell,
        current="storefront",
        actions=(rx.cond(State.is_on, link_button("Open", href="/", leaves=True, icon_name="external-link")),),
    )


def may_edit() -> Any:
    return (State.shell.role == "admin") | (State.shell.role == "owner")


def only_admins() -> rx.Component:
    said = rx.cond(State.is_on, "The storefront of this workspace is on.", "The storefront of this workspace is off.")
    return callout(said, "An admin of the workspace can change it.", kind="note")


def words() -> rx.Component:
    headline = text_input("headline", State.headline, State.write_headline, max_length=120)
    welcome = text_area("welcome", State.welcome, State.write_welcome, rows=3, max_length=600)
    accent = text_input("accent", State.accent, State.write_accent, mono=True, spell_check=False, max_length=7)
    audience = select("audience", State.audience, State.choose_audience, AUDIENCES)
    return titled_card(
        "Storefront",
        checkbox("On", State.is_on, State.switch, note=f"the first page at {State.address}"),
        field(audience, name="audience", label="Who sees it"),
        field(headline, name="headline", label="Headline", hint="At most 120 characters."),
        field(welcome, name="welcome", label="Welcome", hint="A sentence or two below it, plain text."),
        field(
            accent,
            name="accent",
            label="Accent colour",
            hint="# and six digits. It is darkened or lightened as far as words on it stay readable.",
        ),
        samples(),
        rx.el.div(button("Save", kind="solid", submit=True, on_click=State.save)),
    )


def samples() -> rx.Component:
    """The saved colour as it is used, on light and on dark ground."""
    accent = State.view.accent
    return rx.el.div(
        sample("In light", ground="#ffffff", colour=accent.light, ink="#fdfdfc"),
        sample("In dark", ground="#111110", colour=accent.dark, ink="#111110"),
        class_name="row gap-3 wrap",
    )


def sample(said: str, *, ground: str, colour: Any, ink: str) -> rx.Component:
    shown = rx.el.span(said, class_name="btn s1", style={"background": colour, "color": ink})
    word = rx.el.span("A link", style={"color": colour, "text_decoration": "underline"})
    return rx.el.span(shown, word, class_name="card row gap-3", style={"background": ground, "padding": "8px 12px"})


def logo() -> rx.Component:
    return logo_card(State.view.logo, State.upload, on_take=State.take_logo, on_remove=State.remove_logo)


def agents() -> rx.Component:
    def one(view: Any) -> rx.Component:
        under = rx.cond(view.note != "", view.note, view.address)
        gone = button("Remove", size=1, on_click=State.hide_agent(view.id), aria_label=f"Remove {view.title}")
        return row(cell(two_lines(view.title, under)), cell(gone, numeric=True))

    rows = table((Column("Agent"), Column("")), each(State.chosen, one), name="Agents of the storefront")
    entry = text_input(
        "agent", State.agent, State.write_agent, mono=True, spell_check=False, placeholder="publisher/agent"
    )
    none = card_body(rx.el.p("None chosen: your own public agents are shown.", class_name="muted"))
    return card(
        card_head("Agents", note="in this order"),
        rx.cond(State.chosen.length() > 0, rows, none),
        card_foot(
            rx.el.form(
                field(entry, name="agent", label="Add an agent", hint=AGENT_HINT),
                rx.el.div(button("Add", type="submit")),
                on_submit=State.show_agent,
                class_name="col gap-3",
            )
        ),
    )
