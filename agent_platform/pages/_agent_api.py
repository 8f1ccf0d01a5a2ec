"""The API tab of an agent's page: what is in the form, as a request that can be pasted."""

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.log_view import code_block
from agent_platform.components.tabs import segmented
from agent_platform.state.agent import AgentState as State

LANGUAGES = [("curl", "curl"), ("python", "Python"), ("javascript", "JavaScript")]
WAITS = "It waits up to a minute for the run; one that takes longer is read at links.self of the answer."


def api_tab() -> rx.Component:
    return rx.el.div(start_by_program(), description(), class_name="col gap-4")


def start_by_program() -> rx.Component:
    shown = rx.match(
        State.language,
        ("python", State.call.python),
        ("javascript", State.call.javascript),
        State.call.curl,
    )
    languages = segmented(LANGUAGES, State.language, State.choose_language, name="Language", small=True)
    return card(
        card_head("Run it from a program", languages, copy_button(shown)),
        key_line(),
        unfinished(),
        code_block(shown, name="Request"),
        card_foot(WAITS),
    )


def copy_button(text: rx.Var) -> rx.Component:
    words = rx.el.span("Copy")
    return button(
        words, size=1, icon_name="copy", title="Copy", custom_attrs={"data-copy": text, "data-copied": "Copied"}
    )


def unfinished() -> rx.Component:
    note = card_body(callout("Fill in before you run it", State.call.placeholders, kind="note"))
    return rx.cond(State.call.placeholders != "", note)


def key_line() -> rx.Component:
    words = rx.el.p(
        "It reads your key from ", rx.el.code("AGENT_PLATFORM_KEY"), ". The input and the cap are those of the form.",
        class_name="muted meta grow",
    )  # fmt: skip
    make = link_button("Make a key", href=State.call.key_link, size=1, icon_name="key-round", leaves=True)
    return card_body(rx.el.div(words, make, class_name="row gap-3 wrap"))


def description() -> rx.Component:
    """Of this agent alone, with its own input."""
    opened = link_button("Open", href=State.call.openapi, size=1, icon_name="file-json", leaves=True)
    ways = rx.el.div(
        rx.el.code(State.call.openapi, class_name="mono meta break grow"),
        copy_button(State.call.openapi),
        rx.cond(State.call.openapi_is_open, opened),
        class_name="row gap-3 wrap",
    )
    more = rx.el.p(rx.el.a("How the API works", href="/docs/api", class_name="link"), class_name="meta")
    return card(card_head("OpenAPI"), card_body(ways, more, class_name="col gap-3"))
