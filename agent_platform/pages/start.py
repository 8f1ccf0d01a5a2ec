"""A new workspace: its name and its address."""

import reflex as rx

from agent_platform.components.buttons import button
from agent_platform.components.feedback import bone, loading
from agent_platform.components.fields import field, text_input
from agent_platform.components.public import workspace_links
from agent_platform.components.theme import when
from agent_platform.pages._frame import sign_in_frame
from agent_platform.pages.sign_in import fenced
from agent_platform.state.start import StartState as State

HINT = "3 to 32 lower-case letters, digits and single hyphens."


def start() -> rx.Component:
    return sign_in_frame(
        rx.cond(State.showing == "ready", form(), waiting()),
        shell=State.shell,
        seed=rx.cond(State.address.free, State.slug, "agent-platform"),
        foot=rx.cond(State.showing == "ready", there_already()),
        over=fenced(),
        waits=True,
    )


def waiting() -> rx.Component:
    shapes = (bone("70%", "26px"), bone(height="40px"), bone(height="40px"), bone(height="40px"))
    return loading(rx.el.div(*shapes, class_name="col gap-4"), name="Loading the form")


def form() -> rx.Component:
    name = text_input(
        "name",
        State.name,
        State.write_name,
        size=3,
        max_length=80,
        auto_complete="organization",
        placeholder="Northwind Labs",
        wrong=State.name_fault != "",
    )
    slug = text_input(
        "slug",
        State.slug,
        State.write_slug,
        size=3,
        mono=True,
        max_length=32,
        unit=State.suffix,
        auto_complete="off",
        auto_capitalize="none",
        spell_check=False,
        wrong=State.address.fault != "",
    )
    shown = rx.cond(State.address.free, rx.fragment(State.address.shown, " is free."), HINT)
    offer = rx.cond(
        State.address.offer != "",
        rx.el.div(
            button("Take ", State.address.offer, size=1, on_click=State.take_offer),
            margin_top="6px",
        ),
    )
    return rx.el.form(
        rx.el.div(
            rx.el.h1("New workspace"),
            rx.el.p(
                "Its agents, runs, files and money are fenced off from every other one. You will be its owner.",
                class_name="muted",
                margin_top="4px",
            ),
        ),
        field(name, name="name", label="Name", hint="Shown to its members.", error=State.name_fault),
        rx.el.div(
            field(slug, name="slug", label="Address", hint=shown, error=State.address.fault),
            offer,
            aria_live="polite",
        ),
        button("Create workspace", kind="solid", size=3, submit=True, type="submit", class_name="wide"),
        rx.el.p(
            "Free, no card needed. The credit of the free plan comes once for each person, to their personal workspace.",
            class_name="muted meta",
        ),
        on_submit=State.create,
        class_name="col gap-4",
    )


def there_already() -> rx.Component:
    return when(
        State.shell.signed_in,
        rx.el.details(
            rx.el.summary("Or ", rx.el.span("open one you have", class_name="link")),
            rx.el.nav(workspace_links(State.shell), class_name="card places", aria_label="Your workspaces"),
            class_name="other",
        ),
    )
