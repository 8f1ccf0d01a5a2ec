"""Profile and workspace settings, one topic each."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact, titled_card
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import field, select, text_input
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.pages._frame import settings_frame
from agent_platform.state.settings import ProfileState, WorkspaceState

MODES = [("system", "As the device"), ("light", "Light"), ("dark", "Dark")]
ZONE_HINT = "A name of the time zone database, such as Europe/Berlin. Times are shown in it, with its name."


def profile() -> rx.Component:
    body = rx.el.div(person(), notices(), identities(), sessions(), class_name="col gap-4")
    return settings_frame(
        "Profile",
        rx.cond(ProfileState.showing == "ready", body, card(card_body(loading_text(5)))),
        shell=ProfileState.shell,
        current="profile",
    )


def person() -> rx.Component:
    name = text_input("name", ProfileState.name, ProfileState.write_name, max_length=80, auto_complete="name")
    zone = text_input("time_zone", ProfileState.time_zone, ProfileState.write_time_zone)
    mode = select("color_mode", ProfileState.color_mode, ProfileState.choose_color_mode, MODES)
    return titled_card(
        "You",
        field(name, name="name", label="Name", hint="Shown to members of your workspaces."),
        field(zone, name="time_zone", label="Time zone", hint=ZONE_HINT),
        field(mode, name="color_mode", label="Colours"),
        rx.el.div(button("Save", kind="solid", submit=True, on_click=ProfileState.save)),
    )


def notices() -> rx.Component:
    email = text_input("email", ProfileState.email, ProfileState.write_email, type="email", auto_complete="email")
    hint = "Changes when the link sent to the new address is followed; the old address is told."
    return titled_card(
        "Notices",
        field(email, name="email", label="Notice address", hint=hint),
        rx.el.div(button("Send a link", once=True, on_click=ProfileState.save_email)),
    )


def identities() -> rx.Component:
    def one(view: Any) -> rx.Component:
        gone = button("Remove", kind="danger", size=1, on_click=ProfileState.remove_identity(view.id))
        return row(cell(two_lines(view.title, view.note)), cell(gone, numeric=True))

    add = link_button("Add GitHub", href="/auth/github?link=1", size=1, leaves=True)
    head = card_head("Ways to sign in", rx.cond(ProfileState.profile.github, add))
    return card(
        head,
        table((Column("Way"), Column("")), each(ProfileState.profile.identities, one), name="Ways to sign in"),
        card_foot(
            "The last way in cannot be removed.",
            rx.cond(ProfileState.profile.github, "", " GitHub is not set up on this installation."),
        ),
    )


def sessions() -> rx.Component:
    def one(view: Any) -> rx.Component:
        end = rx.cond(
            view.here,
            badge("this browser", colour="teal"),
            button("Sign out", size=1, on_click=ProfileState.revoke(view.id)),
        )
        return row(cell(two_lines(view.title, view.note)), cell(end, numeric=True))

    everywhere = rx.el.button(
        "Sign out everywhere",
        type="button",
        class_name="btn danger s1",
        custom_attrs={"data-post": "/auth/sign-out-everywhere"},
    )
    return card(
        card_head("Signed in", everywhere),
        table((Column("Where"), Column("")), each(ProfileState.profile.sessions, one), name="Sessions"),
    )


def workspace() -> rx.Component:
    body = rx.el.div(naming(), address(), leaving(), class_name="col gap-4")
    return settings_frame(
        "Workspace",
        rx.cond(WorkspaceState.showing == "ready", body, card(card_body(loading_text(5)))),
        leave_dialog(),
        shell=WorkspaceState.shell,
        current="workspace",
    )


def naming() -> rx.Component:
    name = text_input("name", WorkspaceState.name, WorkspaceState.write_name, max_length=80)
    zone = text_input("time_zone", WorkspaceState.time_zone, WorkspaceState.write_time_zone)
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
