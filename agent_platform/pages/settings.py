"""Settings of the workspace: what it is, its logo, its address, and leaving it."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, fact, titled_card
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import field, text_input, zone_select
from agent_platform.pages._frame import settings_frame
from agent_platform.pages._logo import logo_card, present_logo
from agent_platform.state.settings import WorkspaceState

ZONE_HINT = "Members who have chosen none of their own see times in it. The month of the money meter begins in it."


def workspace() -> rx.Component:
    editable = rx.fragment(naming(), logo(), address())
    body = rx.el.div(rx.cond(may_edit(), editable, present()), leaving(), class_name="col gap-4")
    return settings_frame(
        "Workspace",
        rx.cond(WorkspaceState.showing == "ready", body, card(card_body(loading_text(5)))),
        leave_dialog(),
        shell=WorkspaceState.shell,
        current="workspace",
    )


def may_edit() -> Any:
    return (WorkspaceState.shell.role == "admin") | (WorkspaceState.shell.role == "owner")


def present() -> rx.Component:
    """What it is, for whoever cannot change it."""
    view = WorkspaceState.workspace
    facts = rx.el.dl(
        fact("Name", view.name),
        fact("Plan", view.plan),
        fact("Address", view.address),
        fact("Default time zone", view.time_zone),
        class_name="facts lines",
    )
    logo = rx.cond(view.logo != "", rx.el.div(present_logo(view.logo)))
    return rx.fragment(
        titled_card("Workspace", logo, facts),
        callout(
            "An admin can change this.",
            "Ask an admin of the workspace for another name, logo, address or time zone.",
            kind="note",
        ),
    )


def naming() -> rx.Component:
    name = text_input("name", WorkspaceState.name, WorkspaceState.write_name, max_length=80)
    zone = zone_select("time_zone", WorkspaceState.time_zone, WorkspaceState.choose_time_zone)
    facts = rx.el.dl(
        fact("Plan", WorkspaceState.workspace.plan),
        fact("Address", WorkspaceState.workspace.address),
        class_name="facts lines",
    )
    return titled_card(
        "Workspace",
        facts,
        field(name, name="name", label="Name"),
        field(zone, name="time_zone", label="Default time zone", hint=ZONE_HINT),
        rx.el.div(button("Save", kind="solid", submit=True, on_click=WorkspaceState.save)),
    )


def logo() -> rx.Component:
    state = WorkspaceState
    return logo_card(state.workspace.logo, state.upload, on_take=state.take_logo, on_remove=state.remove_logo)


def address() -> rx.Component:
    slug = text_input("slug", WorkspaceState.slug, WorkspaceState.write_slug, mono=True, spell_check=False)
    hint = "3 to 32 lower-case letters, digits and single hyphens. The old address leads here for 90 days. Not possible while agents are published under it."
    return titled_card(
        "Address",
        field(slug, name="slug", label="Subdomain", hint=hint),
        rx.el.div(button("Move to this address", once=True, on_click=WorkspaceState.move)),
    )


def leaving() -> rx.Component:
    words = rx.el.p("You lose sight of its runs and agents. A workspace always keeps one owner.", class_name="muted")
    return titled_card(
        "Leave",
        words,
        rx.el.div(button("Leave this workspace", kind="danger", on_click=WorkspaceState.ask_leave(True))),
    )


def leave_dialog() -> rx.Component:
    return confirm_dialog(
        "Leave this workspace?",
        "You need a new invitation to come back. Runs you started go on and stay with the workspace.",
        shown=WorkspaceState.asking_leave,
        on_change=WorkspaceState.ask_leave,
        keep="Stay",
        act=button("Leave", kind="danger", on_click=WorkspaceState.leave),
    )
