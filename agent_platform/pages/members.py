"""Members: who is here, who is invited, what they may do."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.brand import avatar
from agent_platform.components.buttons import button
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import loading_rows
from agent_platform.components.fields import field, select, text_input
from agent_platform.components.tables import Column, cell, each, row, table, two_lines
from agent_platform.pages._frame import settings_frame
from agent_platform.state.settings import MembersState as State

ROLES = [("viewer", "Viewer"), ("member", "Member"), ("admin", "Admin"), ("owner", "Owner")]
COLUMNS = (
    Column("Person"),
    Column("Role"),
    Column("May build"),
    Column("Since", wide_only=True),
    Column(""),
)
LADDER = "Viewers look. Members run agents. Admins manage members and agents. Owners do everything; only an owner makes another."


def members() -> rx.Component:
    body = rx.el.div(rx.cond(is_admin(), invite()), people(), open_invitations(), class_name="col gap-4")
    return settings_frame(
        "Members",
        rx.cond(State.showing == "ready", body, card(loading_rows(4))),
        remove_dialog(),
        shell=State.shell,
        current="members",
    )


def is_admin() -> Any:
    return (State.shell.role == "admin") | (State.shell.role == "owner")


def invite() -> rx.Component:
    email = text_input("email", State.email, State.write_email, type="email", placeholder="name@company.example")
    form = rx.el.div(
        field(email, name="email", label="E-mail"),
        field(select("role", State.role, State.choose_role, ROLES[:-1]), name="role", label="Role"),
        class_name="grid-2",
    )
    send = rx.el.div(button("Send the invitation", kind="solid", submit=True, on_click=State.invite))
    return card(card_head("Invite"), card_body(form, send, class_name="col gap-3"), card_foot(LADDER))


def people() -> rx.Component:
    return card(card_head("Members"), table(COLUMNS, each(State.people.members, person), name="Members", stacked=True))


def person(view: Any) -> rx.Component:
    you = rx.cond(view.here, badge("you", colour="teal"))
    role = select(
        "role-" + view.id,
        view.role,
        lambda value: State.change_role(view.id, value),
        ROLES,
        aria_label="Role of " + view.name,
    )
    gone = button("Remove", kind="danger", size=1, on_click=State.ask_remove(view.id, view.name))
    return row(
        cell(
            rx.el.div(
                avatar(view.initials, view.picture), two_lines(view.name, view.email), you, class_name="row gap-3"
            )
        ),
        cell(rx.cond(is_admin(), role, rx.el.span(view.role)), label="Role"),
        cell(rx.cond(is_admin(), builds(view), rx.cond(view.builds, "yes", "no")), label="May build"),
        cell(view.joined, class_name="muted only-wide"),
        cell(rx.cond(is_admin() & ~view.here, gone), numeric=True),
    )


def builds(view: Any) -> rx.Component:
    """A choice for members and viewers; admins and owners always may, and that is said."""
    name = {"type": "checkbox", "checked": view.builds, "aria_label": "May build agents: " + view.name}
    fixed = rx.el.label(rx.el.input(**name, disabled=True), "always, by role", class_name="row gap-1 meta muted")
    return rx.cond(view.builds_by_role, fixed, rx.el.input(**name, on_change=State.toggle_build(view.id)))


def open_invitations() -> rx.Component:
    def one(view: Any) -> rx.Component:
        gone = button("Revoke", kind="danger", size=1, on_click=State.revoke_invitation(view.id))
        return row(
            cell(two_lines(view.email, view.role)),
            cell("until ", view.until, class_name="muted"),
            cell(gone, numeric=True),
        )

    listed = table(
        (Column("Invited"), Column("Open"), Column("")), each(State.people.invitations, one), name="Open invitations"
    )
    return rx.cond(is_admin() & (State.people.invitations.length() > 0), card(card_head("Open invitations"), listed))


def remove_dialog() -> rx.Component:
    return confirm_dialog(
        "Remove " + State.removing_name + "?",
        "They lose access within a second, on every open page. Their runs stay with the workspace.",
        shown=State.removing != "",
        on_change=State.close_remove,
        keep="Keep them",
        act=button("Remove", kind="danger", on_click=State.remove),
    )
