"""A message to the operator. The browser itself sends it, so that it works before the socket is there and without it."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import link_button
from agent_platform.components.callouts import callout
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import field
from agent_platform.components.public import plain_form
from agent_platform.components.theme import icon
from agent_platform.pages._frame import public_frame
from agent_platform.state.contact import ContactState as State
from agent_platform.views.contact import CLOSED, HINTS, LABELS, MOST_NAME, MOST_TEXT, OPEN, REQUIRED, SENT, topics
from agent_platform.views.site.words import CONTACT


def contact() -> rx.Component:
    shown = rx.match(
        State.showing,
        ("loading", loading_text(6)),
        ("sent", sent()),
        ("closed", rx.el.p(CLOSED, class_name="promise")),
        form(),
    )
    content = rx.el.div(rx.el.h1(CONTACT.title), shown, class_name="contact col gap-4")
    page = rx.el.div(content, class_name="public", padding_top="32px", padding_bottom="48px")
    return public_frame(page, shell=State.shell)


def sent() -> rx.Component:
    outbox = link_button("Open the outbox", href="/sandbox/mail", leaves=True)
    another = link_button("Write another one", href="/contact", leaves=True)
    actions = rx.el.div(rx.cond(State.outbox, outbox), another, class_name="row gap-3 wrap")
    return rx.el.div(callout("Sent", SENT), actions, class_name="col gap-3", role="status")


def form() -> rx.Component:
    """The fields of `views.site.contact`, by the same names."""
    return rx.el.div(
        rx.el.p(OPEN, class_name="muted"),
        plain_form(
            labelled("email", line(type="email", max_length=254, **named("email"), required=True)),
            labelled("name", line(type="text", max_length=MOST_NAME, **named("name"))),
            labelled("topic", topic()),
            labelled("text", text()),
            trap(),
            rx.el.div(rx.el.button("Send the message", type="submit", class_name="btn solid s3")),
            action="/contact",
            method="post",
            class_name="col gap-4",
        ),
        class_name="col gap-4",
    )


def labelled(name: str, control: rx.Component) -> rx.Component:
    said = {"label": LABELS[name], "hint": HINTS.get(name, ""), "required": name in REQUIRED}
    return field(control, name=f"contact-{name}", **said)


def line(**attributes: Any) -> rx.Component:
    return rx.el.div(rx.el.input(**attributes), class_name="input s3")


def named(name: str) -> dict[str, Any]:
    return {"id": f"contact-{name}", "name": name, "auto_complete": name}


def topic() -> rx.Component:
    options = [rx.el.option(words, value=value) for value, words in topics()]
    control = rx.el.select(*options, id="contact-topic", name="topic")
    return rx.el.div(control, icon("chevron-down", 14), class_name="input select s3")


def text() -> rx.Component:
    control = rx.el.textarea(
        id="contact-text",
        name="text",
        rows="8",
        max_length=MOST_TEXT,
        required=True,
        aria_describedby="contact-text-help",
    )
    return rx.el.div(control, class_name="input area")


def trap() -> rx.Component:
    """People do not see it; programs that fill in everything are known by it."""
    entry = rx.el.input(id="contact-website", name="website", tab_index=-1, auto_complete="off")
    return rx.el.div(
        rx.el.label("Leave this empty", html_for="contact-website"), entry, aria_hidden="true", class_name="trap"
    )
