"""The examples of an agent in the studio: what its publisher has kept, renamed and taken away here."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button, icon_button, text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.dialog import close_button, confirm_dialog, form_dialog
from agent_platform.components.fields import field, text_input
from agent_platform.components.tables import each
from agent_platform.components.theme import Text
from agent_platform.state.examples import StudioExamples as State
from agent_platform.views.examples import MOST_LINE, MOST_TITLE


def examples_card() -> rx.Component:
    words = "Open a run of this agent that has succeeded, and save it as an example: everybody sees what it does."
    none = card_body(rx.el.p(words, class_name="muted meta"))
    listed = rx.el.ul(each(State.rows, one), class_name="examples")
    some = State.rows.length() > 0
    foot = card_foot("What a run was given and put out is never changed here, only its words.")
    return card(card_head("Examples", note=State.count), rx.cond(some, listed, none), rx.cond(some, foot))


def one(view: Any) -> rx.Component:
    acts = rx.el.span(
        icon_button("pencil", f"Rename {view.title}", size=1, on_click=State.ask_rename(view.id)),
        icon_button("trash-2", f"Remove {view.title}", size=1, on_click=State.ask_remove(view.id)),
        class_name="row",
    )
    title = rx.el.div(text_link(view.title, href=view.href), acts, class_name="row between top gap-3")
    return rx.el.li(title, rx.el.p(view.line, class_name="meta"), rx.el.p(view.about, class_name="muted meta"))


def examples_dialogs() -> rx.Component:
    return rx.fragment(rename_dialog(), remove_dialog())


def rename_dialog() -> rx.Component:
    incomplete = (State.title == "") | (State.line == "")
    return form_dialog(
        *words_fields("renamed", State.title, State.write_title, State.line, State.write_line),
        title="Rename this example",
        effect="Its address and what it shows stay.",
        shown=State.renaming,
        on_change=State.set_renaming,
        foot=(close_button("Cancel"), button("Save", kind="solid", on_click=State.rename, disabled=incomplete)),
    )


def remove_dialog() -> rx.Component:
    return confirm_dialog(
        "Remove this example?",
        "Its page is gone for everybody within seconds. The run it was made of stays.",
        shown=State.removing,
        on_change=State.set_removing,
        keep="Keep it",
        act=button("Remove", kind="danger", on_click=State.remove),
    )


def words_fields(name: str, title: Text, on_title: Any, line: Text, on_line: Any) -> tuple[rx.Component, rx.Component]:
    """Title and line of an example; `name` tells these fields from others on the page."""
    first = text_input(f"{name}-title", title, on_title, max_length=MOST_TITLE, auto_complete="off")
    second = text_input(f"{name}-line", line, on_line, max_length=MOST_LINE, auto_complete="off")
    asked, seen = "What was asked, such as: Orders of one week.", "What there is to see in its output."
    return (
        field(first, name=f"{name}-title", label="Title", hint=asked, required=True),
        field(second, name=f"{name}-line", label="One line about it", hint=seen, required=True),
    )
