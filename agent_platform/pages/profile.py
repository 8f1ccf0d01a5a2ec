"""The profile: name, picture, time zone, colours, notices, ways to sign in, sessions, and the way out."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.brand import avatar
from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import card, card_body, card_foot, card_head, titled_card
from agent_platform.components.dialog import close_button, form_dialog
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import field, file_input, select, text_input, zone_select
from agent_platform.components.public import plain_form
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.pages._frame import settings_frame
from agent_platform.state.profile import ProfileState

MODES = [("system", "As the device"), ("light", "Light"), ("dark", "Dark")]
ZONE_HINT = "Times are shown in it, with its name."
PICTURE_NOTE = "PNG, JPEG or WebP, at most 1 MiB. It is drawn anew before it is shown."
WHAT_HAPPENS = (
    "You are signed out everywhere at once, and your API keys stop working. For 14 days you can sign in and keep the account."
    " After that your name, picture, addresses and ways to sign in are gone for good and you are no longer a member anywhere."
    " What you did stays: runs, receipts and what was charged."
)
ALONE = (
    "Workspaces where you are alone can then be reached by nobody, and money left in them cannot be spent."
    " Agents you have published stay in the directory: withdraw them first if you do not want that."
)


def profile() -> rx.Component:
    body = rx.el.div(person(), notices(), identities(), sessions(), leaving(), class_name="col gap-4")
    return settings_frame(
        "Profile",
        rx.cond(ProfileState.showing == "ready", body, card(card_body(loading_text(5)))),
        delete_dialog(),
        shell=ProfileState.shell,
        current="profile",
    )


def person() -> rx.Component:
    name = text_input("name", ProfileState.name, ProfileState.write_name, max_length=80, auto_complete="name")
    zone = zone_select(
        "time_zone", ProfileState.time_zone, ProfileState.choose_time_zone, none="As the workspace that I am in"
    )
    mode = select("color_mode", ProfileState.color_mode, ProfileState.choose_color_mode, MODES)
    return titled_card(
        "You",
        picture(),
        field(name, name="name", label="Name", hint="Shown to members of your workspaces."),
        field(zone, name="time_zone", label="Time zone", hint=ZONE_HINT),
        field(mode, name="color_mode", label="Colours"),
        rx.el.div(button("Save", kind="solid", submit=True, on_click=ProfileState.save)),
    )


def picture() -> rx.Component:
    """What others see of the person, and where another one is chosen."""
    gone = button("Remove the picture", size=1, on_click=ProfileState.remove_picture)
    picker = file_input(
        "picture",
        ProfileState.picture,
        ProfileState.take_picture,
        accept="image/png,image/jpeg,image/webp",
        note=PICTURE_NOTE,
        to="/people/picture",
        most_bytes=1 << 20,
    )
    shown = rx.el.div(
        avatar(ProfileState.profile.initials, ProfileState.profile.picture, size=56),
        rx.cond(
            ProfileState.profile.picture != "",
            gone,
            rx.el.span("No picture: your initials stand in its place.", class_name="muted"),
        ),
        class_name="row gap-3",
    )
    return rx.el.div(shown, picker, class_name="col gap-3")


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
        rx.cond(ProfileState.profile.by_mail, card_body(add_by_mail())),
        card_foot(
            "The last way in cannot be removed.",
            rx.cond(ProfileState.profile.github, "", " GitHub is not set up on this installation."),
        ),
    )


def add_by_mail() -> rx.Component:
    entry = text_input(
        "way", ProfileState.way, ProfileState.write_way, type="email", placeholder="name@company.example"
    )
    hint = "A link is sent to it. Once you follow it, signed in, links sent to this address sign you in."
    return rx.el.form(
        field(entry, name="way", label="Add an e-mail address", hint=hint),
        rx.el.div(button("Add", type="submit")),
        on_submit=ProfileState.add_way,
        class_name="col gap-3",
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


def leaving() -> rx.Component:
    ask = rx.el.div(button("Delete my account", kind="danger", on_click=ProfileState.ask_delete(True)))
    keep = rx.el.div(button("Keep my account", kind="solid", on_click=ProfileState.keep_account))
    pending = rx.fragment(
        rx.el.p("Your account will be deleted on ", ProfileState.shell.leaving, ". Nothing is lost until then."), keep
    )
    possible = rx.cond(
        ProfileState.profile.stays != "",
        rx.el.p(ProfileState.profile.stays, class_name="muted"),
        rx.fragment(rx.el.p("You have 14 days to change your mind.", class_name="muted"), ask),
    )
    return titled_card("Delete my account", rx.cond(ProfileState.shell.leaving != "", pending, possible))


def delete_dialog() -> rx.Component:
    """A form of its own, sent as a page: whoever is signed out by it reads the answer all the same."""
    typed = text_input(
        "confirmation", ProfileState.confirmation, ProfileState.write_confirmation, auto_complete="off", max_length=254
    )
    sent = plain_form(
        rx.el.p(ALONE, class_name="muted"),
        field(
            typed,
            name="confirmation",
            label="Type your name or your address to confirm",
            hint="Your name: " + ProfileState.profile.name,
        ),
        rx.el.div(
            close_button("Keep it"),
            button("Delete my account", kind="danger", type="submit", disabled=~ProfileState.confirmed),
            class_name="foot",
        ),
        action="/auth/leave",
        method="post",
        class_name="col gap-4",
    )
    return form_dialog(
        sent,
        title="Delete your account?",
        effect=WHAT_HAPPENS,
        shown=ProfileState.asking_delete,
        on_change=ProfileState.ask_delete,
    )
