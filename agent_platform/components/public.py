"""The public shell: header of 64 px with the main navigation, and the foot."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from agent_platform.components.brand import wordmark
from agent_platform.components.buttons import link_button
from agent_platform.components.colour_mode import colour_mode_choice
from agent_platform.components.shell import account_menu
from agent_platform.components.theme import icon

LINKS: tuple[tuple[str, str, str], ...] = (("agents", "Agents", "/agents"),)
FOOT: tuple[tuple[str, str], ...] = (("llms.txt", "/llms.txt"),)
SIGN_IN, START = "/sign-in", "/sign-in?start=1"


def public_head(shell: Any, current: str = "", links: Sequence[tuple[str, str, str]] = LINKS) -> rx.Component:
    """Wordmark, navigation, then sign in / start free, or the account."""
    nav = rx.el.nav(*[_link(link, current) for link in links], aria_label="Main")
    guest = rx.el.span(
        link_button("Sign in", href=SIGN_IN, kind="ghost"),
        link_button("Start free", href=START, kind="solid"),
        class_name="row gap-3 only-wide",
    )
    enter = link_button("Open workspace", href="/overview", class_name="only-wide")
    member = rx.el.span(enter, account_menu(shell), class_name="row gap-3")
    menu = rx.el.details(
        rx.el.summary(icon("menu", 20), aria_label="Menu", class_name="btn ghost square"),
        rx.el.div(
            *[rx.el.a(words, href=href, class_name="menu-item") for _, words, href in links],
            rx.cond(
                shell.signed_in,
                rx.el.a("Open workspace", href="/overview", class_name="menu-item"),
                rx.fragment(
                    rx.el.a("Sign in", href=SIGN_IN, class_name="menu-item"),
                    rx.el.a("Start free", href=START, class_name="menu-item"),
                ),
            ),
            colour_mode_choice(),
            class_name="menu-list",
        ),
        class_name="menu only-narrow",
    )
    return rx.el.header(
        wordmark(),
        nav,
        rx.el.span(class_name="grow"),
        rx.cond(shell.signed_in, member, guest),
        menu,
        class_name="public-head",
    )


def public_foot(links: Sequence[tuple[str, str]] = FOOT) -> rx.Component:
    """Licence and the public documents."""
    left = rx.el.span(wordmark(), rx.el.span("Apache-2.0"), class_name="row gap-3")
    right = rx.el.span(
        *[rx.el.a(words, href=href, reload_document=True) for words, href in links], class_name="row gap-4 wrap"
    )
    return rx.el.footer(rx.el.div(left, right, class_name="row between wrap gap-4"), class_name="public-foot")


def _link(link: tuple[str, str, str], current: str) -> rx.Component:
    name, words, href = link
    here = {"aria_current": "page"} if name == current else {}
    return rx.el.a(words, href=href, **here)
