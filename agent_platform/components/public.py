"""The public shell: header of 64 px with the main navigation, and the foot; forms that post without the socket."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from agent_platform.components.brand import wordmark
from agent_platform.components.buttons import link_button
from agent_platform.components.colour_mode import colour_mode_choice
from agent_platform.components.shell import account_menu, search_link
from agent_platform.components.theme import Slot, each, icon
from agent_platform.views.site.words import FOOT, LINKS

HOME = "/auth/home"  # the person's own workspace, by way of signing in
NEW_WORKSPACE = "/start?new=1"


class PlainForm(BaseHTML):
    """A form that the browser itself sends; the framework's own form would hold every submit back."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


def plain_form(*children: Slot, action: str, method: str = "get", **props: Any) -> rx.Component:
    """The browser loads `action` with the fields, also before the page's script has arrived."""
    return PlainForm.create(*children, action=action, method=method, **props)


def public_head(
    shell: Any,
    current: str = "",
    links: Sequence[tuple[str, str, str]] = LINKS,
    *,
    on_colours: Callable[[str], Any],
) -> rx.Component:
    """Wordmark, navigation, then sign in / start free, or the person's workspaces and account."""
    nav = rx.el.nav(*[_link(link, current) for link in links], aria_label="Main")
    guest = rx.el.span(
        link_button("Sign in", href=shell.sign_in, kind="ghost"),
        link_button("Start free", href=HOME, kind="solid", leaves=True),
        class_name="row gap-3 only-wide",
    )
    member = rx.el.span(_workspaces(shell), account_menu(shell, on_colours), class_name="row gap-3")
    menu = rx.el.details(
        rx.el.summary(icon("menu", 20), aria_label="Menu", class_name="btn ghost square"),
        rx.el.div(
            *[rx.el.a(words, href=href, class_name="menu-item") for _, words, href in links],
            rx.el.hr(),
            rx.cond(
                shell.signed_in,
                workspace_links(shell),
                rx.fragment(
                    rx.el.a("Sign in", href=shell.sign_in, class_name="menu-item"),
                    rx.el.a("Start free", href=HOME, reload_document=True, class_name="menu-item"),
                ),
            ),
            colour_mode_choice(on_colours),
            class_name="menu-list",
        ),
        class_name="menu only-narrow",
    )
    return rx.el.header(
        wordmark(),
        nav,
        rx.el.span(class_name="grow"),
        rx.cond(shell.signed_in, member, guest),
        search_link(),
        menu,
        class_name="public-head",
    )


def workspace_links(shell: Any) -> rx.Component:
    """The workspaces of the person; each lies on a host of its own, so the browser leaves this page."""
    return rx.fragment(
        each(
            shell.workspaces,
            lambda one: rx.el.a(
                rx.el.span(one.name, class_name="grow truncate"),
                rx.el.span(one.slug, class_name="mono meta muted"),
                href=one.href,
                reload_document=True,
                class_name="menu-item",
            ),
        ),
        rx.el.a(icon("plus"), "New workspace", href=NEW_WORKSPACE, class_name="menu-item"),
    )


def public_foot(links: Sequence[tuple[str, str, bool]] = FOOT) -> rx.Component:
    """Licence and the public documents."""
    left = rx.el.span(wordmark(), rx.el.span("Apache-2.0"), class_name="row gap-3")
    right = rx.el.nav(
        *[rx.el.a(words, href=href, reload_document=not is_page) for words, href, is_page in links],
        class_name="row gap-4 wrap",
        aria_label="Footer",
    )
    return rx.el.footer(rx.el.div(left, right, class_name="row between wrap gap-4"), class_name="public-foot")


def _workspaces(shell: Any) -> rx.Component:
    head = rx.el.summary("Open workspace", icon("chevron-down", 14), class_name="btn outline")
    return rx.el.details(head, rx.el.div(workspace_links(shell), class_name="menu-list"), class_name="menu only-wide")


def _link(link: tuple[str, str, str], current: str) -> rx.Component:
    name, words, href = link
    here = {"aria_current": "page"} if name == current else {}
    return rx.el.a(words, href=href, **here)
