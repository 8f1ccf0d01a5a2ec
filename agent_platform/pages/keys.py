"""API keys: make one, see what there is, revoke one."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import loading_rows
from agent_platform.components.fields import checkbox, fault, field, select, text_input
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.components.theme import icon
from agent_platform.pages._frame import settings_frame
from agent_platform.state.keys import KeysState as State
from agent_platform.views.keys import ENDS, SCOPES

COLUMNS = (
    Column("Key"),
    Column("May"),
    Column("Made", wide_only=True),
    Column("Ends"),
    Column("Used"),
    Column(""),
)
BOUNDS = "A key acts in your name in this workspace and never may more than you may. It ends when you leave."


def keys() -> rx.Component:
    body = rx.el.div(new_key(), rx.cond(may_make(), make(), why_not()), listed(), class_name="col gap-4")
    return settings_frame(
        "API keys",
        rx.cond(State.showing == "ready", body, card(loading_rows(3))),
        revoke_dialog(),
        shell=State.shell,
        current="keys",
    )


def may_make() -> Any:
    return State.shell.role != "viewer"


def why_not() -> rx.Component:
    return callout(
        "Viewers make no API keys",
        "For a new key, ask an owner or admin of this workspace to make you a member. Keys you made before are listed below.",
    )


def new_key() -> rx.Component:
    """Once: after the next page it can be shown by nobody."""
    copy = button(
        rx.el.span("Copy"),
        size=1,
        icon_name="copy",
        title="Copy",
        custom_attrs={"data-copy": State.secret, "data-copied": "Copied"},
    )
    box = rx.el.div(
        rx.el.code(State.secret, class_name="mono grow", id="new-key"), copy, class_name="row gap-3 wrap shown-once"
    )
    said = rx.el.b("Copy the key “", State.made, "” now. It is shown once.")
    shown = rx.el.div(
        icon("key-round"),
        rx.el.div(said, box, class_name="grow", min_width="0"),
        class_name="callout teal",
        role="status",
    )
    return rx.cond(State.made != "", shown)


def make() -> rx.Component:
    name = text_input(
        "name",
        State.name,
        State.write_name,
        max_length=80,
        placeholder="ci-bot",
        auto_complete="off",
        wrong=State.name_fault != "",
    )
    ends = select("ends", State.ends, State.choose_ends, list(ENDS.items()))
    fields = rx.el.div(
        field(name, name="name", label="Name", hint="What will use it.", error=State.name_fault),
        field(ends, name="ends", label="Ends"),
        class_name="grid-2",
    )
    scopes = rx.el.fieldset(
        rx.el.legend("It may", class_name="sr-only"),
        checkbox(SCOPES["runs:write"], State.writes, State.toggle_writes),
        checkbox(
            SCOPES["runs:read"], State.reads, State.toggle_reads, note="With their input, rows, files and receipt."
        ),
        fault(State.scopes_fault, name="scopes"),
        class_name="col gap-3",
        aria_describedby="scopes-fault",
    )
    form = rx.el.form(
        card_body(
            fields,
            scopes,
            rx.el.div(button("Make the key", kind="solid", submit=True, type="submit")),
            class_name="col gap-4",
        ),
        on_submit=State.make,
    )
    return card(card_head("New key"), form, card_foot(BOUNDS))


def listed() -> rx.Component:
    rows = table(COLUMNS, each(State.keys, one_key), name="API keys", stacked=True)
    none = card_body(rx.el.p("There is no key yet.", class_name="muted"))
    more = rx.el.p(rx.el.a("How the API works", href="/docs/api", class_name="link"), class_name="meta")
    return card(card_head("Keys"), rx.cond(State.keys.length() > 0, rows, none), card_foot(more))


def one_key(view: Any) -> rx.Component:
    scopes = rx.el.div(each(view.scopes, lambda one: badge(one, outlined=True)), class_name="row gap-1 wrap")
    may = rx.cond(view.scopes.length() > 0, scopes, rx.el.span("nothing now", class_name="muted"))
    gone = button("Revoke", kind="danger", size=1, on_click=State.ask_revoke(view.id, view.name))
    return row(
        cell(two_lines(view.name, rx.el.span(view.prefix, class_name="mono"))),
        cell(may, label="May"),
        cell(view.made, class_name="muted only-wide"),
        cell(view.ends, label="Ends"),
        cell(view.used, class_name="muted", label="Used"),
        cell(gone, numeric=True),
    )


def revoke_dialog() -> rx.Component:
    return confirm_dialog(
        "Revoke " + State.revoking_name + "?",
        "Whatever uses it is refused within a second. Runs that it started go on. This cannot be taken back.",
        shown=State.revoking != "",
        on_change=State.close_revoke,
        keep="Keep it",
        act=button("Revoke", kind="danger", on_click=State.revoke),
    )
