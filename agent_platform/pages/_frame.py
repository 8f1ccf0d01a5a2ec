"""The frames of all pages. A page passes `Session.shell` and its content."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from agent_platform.components.address import opening_main
from agent_platform.components.brand import rosette, wordmark
from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import page_head
from agent_platform.components.consent import consent_banner
from agent_platform.components.feedback import empty
from agent_platform.components.public import public_foot, public_head, workspace_links
from agent_platform.components.shell import rail, shortcut_list, top_bar
from agent_platform.components.theme import Slot, Text, icon
from agent_platform.state.session import Session
from agent_platform.views.parts import Crumb
from agent_platform.views.shell import DEV_SIGN_IN, STRANGER, STRANGER_NEXT, ShellView
from agent_platform.views.site.words import NOT_FOUND

# Settings pages that exist: name, words, path.
SETTINGS = (
    ("profile", "Profile", "/settings/profile"),
    ("workspace", "Workspace", "/settings/workspace"),
    ("members", "Members", "/settings/members"),
    ("keys", "API keys", "/settings/keys"),
    ("agents", "Allowed agents", "/settings/agents"),
    ("storefront", "Storefront", "/settings/storefront"),
)


def app_frame(
    title: Text,
    *children: Slot,
    shell: rx.Var[ShellView] | Any,
    current: str = "",
    crumbs: Sequence[Crumb] = (),
    heading: Any = None,
) -> rx.Component:
    """A workspace page: rail, top bar, then `heading` (default: the title alone) and the content.

    `current` is the name of a link of the rail; `heading=page_head(...)` brings actions, notes or an icon.
    """
    shown = rx.fragment(heading if heading is not None else page_head(title), *children)
    inside = _inside(shown, shell, current, crumbs=crumbs, title=title, waits=True)
    nowhere = shell.signed_in & (shell.workspace_slug == "")
    return rx.fragment(
        skip_link(),
        development_banner(shell),
        leaving_banner(shell),
        rx.cond(nowhere, outside(shell), inside),
        shortcut_list(),
    )


def settings_frame(
    title: str, *children: Slot, shell: rx.Var[ShellView] | Any, current: str, actions: Sequence[Slot] = ()
) -> rx.Component:
    """A settings page: sub-navigation of 160 px at the left, one topic at the right."""
    links = [_setting(words, href, here=name == current) for name, words, href in SETTINGS]
    body = rx.el.div(
        rx.el.nav(*links, aria_label="Settings"),
        rx.el.div(*children, min_width="0", class_name="col gap-4"),
        class_name="settings",
    )
    place = "members" if current == "members" else "settings"
    crumbs = (Crumb("Settings", SETTINGS[0][2]),)
    return app_frame(title, body, shell=shell, current=place, crumbs=crumbs, heading=page_head("Settings", *actions))


def public_frame(
    *children: Slot, shell: rx.Var[ShellView] | Any, current: str = "", waits: bool = False
) -> rx.Component:
    """A public page: header, content over the full width (use class `public` for 1376 px), foot."""
    return rx.fragment(
        skip_link(),
        development_banner(shell),
        leaving_banner(shell),
        public_head(shell, current, on_colours=Session.choose_colours),
        _main(or_refused(rx.fragment(*children)), waits=waits, class_name="public-main"),
        public_foot(),
        consent_banner(),
        shortcut_list(),
    )


def sign_in_frame(
    *form: Slot,
    shell: rx.Var[ShellView] | Any,
    seed: Text = "agent-platform",
    foot: Slot = "",
    over: Slot = "",
    waits: bool = False,
) -> rx.Component:
    """Sign-in: a form 360 px wide at the left, the rosette of the workspace's name at the right with `over` on it."""
    inside = rx.el.div(or_refused(rx.fragment(*form)), class_name="form")
    main = _main(wordmark(), inside, rx.el.div(foot, class_name="meta muted"), waits=waits)
    return rx.fragment(
        skip_link(),
        development_banner(shell),
        rx.el.div(
            main,
            rx.el.aside(rosette(seed, 750, faint=True), over, class_name="backdrop", aria_label="Isolation"),
            class_name="sign-in",
        ),
    )


def plain_frame(*children: Slot) -> rx.Component:
    """A page without navigation: not found, failed, signed out."""
    return rx.fragment(
        skip_link(),
        rx.el.main(rx.el.div(*children, class_name="plain-page"), id="content", tab_index=-1),
        public_foot(),
    )


def either_frame(
    title: str, *children: Slot, shell: rx.Var[ShellView] | Any, current: str = "", waits: bool = False
) -> rx.Component:
    """A page that visitors see on the base domain and members inside their workspace; `waits` is for one with a form."""
    content = rx.fragment(*children)
    inside = _inside(content, shell, current, title=title, waits=waits)
    member = rx.fragment(
        skip_link(),
        development_banner(shell),
        leaving_banner(shell),
        rx.el.div(inside, class_name="inside"),
        shortcut_list(),
    )
    return rx.cond(shell.workspace_slug != "", member, public_frame(content, shell=shell, current=current, waits=waits))


def or_refused(content: rx.Component) -> rx.Component:
    """The content, or why it cannot be shown: no right to see it, not there, or it could not be read."""
    said, go_on = Session.refusal.sentence, link_button("Go on", href="/")
    again = rx.el.div(
        button("Load it again", kind="solid", custom_attrs={"data-reload": ""}), go_on, class_name="row wrap"
    )
    refused = rx.match(
        Session.refusal.kind,
        ("missing", empty(NOT_FOUND.title, said, go_on, icon_name="search", page=True)),
        ("failed", empty("This page could not be read", said, again, icon_name="circle-alert", page=True)),
        empty("This page cannot be shown", said, go_on, icon_name="lock", page=True),
    )
    shown = rx.el.div(refused, role="alert", class_name="public", padding_top="24px")
    return rx.cond(Session.refusal.kind == "", content, shown)


def outside(shell: rx.Var[ShellView] | Any) -> rx.Component:
    """A page of a workspace, asked for where there is none, or by somebody it does not know: the person's own are offered."""
    places = rx.el.nav(workspace_links(shell), class_name="card places", aria_label="Your workspaces")
    unknown = rx.fragment(
        rx.el.h1(STRANGER),
        rx.el.p("You are signed in as ", shell.user_name, ". ", STRANGER_NEXT, class_name="muted"),
    )
    nowhere = rx.fragment(
        rx.el.h1("This page belongs to a workspace"), rx.el.p("Open it in one of yours.", class_name="muted")
    )
    words = rx.el.div(rx.cond(shell.is_stranger, unknown, nowhere), places, class_name="col gap-3 outside")
    return rx.fragment(
        public_head(shell, on_colours=Session.choose_colours),
        rx.el.main(rx.el.div(words, class_name="plain-page"), id="content", tab_index=-1),
        public_foot(),
    )


def skip_link() -> rx.Component:
    return rx.el.a("Skip to content", href="#content", class_name="skip", reload_document=True)


def development_banner(shell: rx.Var[ShellView] | Any) -> rx.Component:
    """A line over everything while development sign-in is on.

    Until the shell has been read the server shows its words in the same place, so that the page does not move when it comes.
    """
    warns = rx.el.div(icon("triangle-alert", 14), DEV_SIGN_IN, class_name="banner", role="note")
    place = rx.el.div(icon("triangle-alert", 14), class_name="banner soon", aria_hidden="true")
    return rx.cond(shell.dev_sign_in, warns, place)


def leaving_banner(shell: rx.Var[ShellView] | Any) -> rx.Component:
    """A line over everything while the account is about to be deleted, with the way back."""
    words = rx.el.span("Your account will be deleted on ", shell.leaving, ". Your API keys do not work until then.")
    back = button("Keep my account", size=1, on_click=Session.keep_account)
    return rx.cond(shell.leaving != "", rx.el.div(words, back, class_name="banner", role="note"))


def _inside(
    content: rx.Component, shell: Any, current: str, *, title: Text, waits: bool, crumbs: Sequence[Crumb] = ()
) -> rx.Component:
    main = _main(or_refused(content), waits=waits, class_name="page")
    return rx.el.div(
        rail(shell, current),
        rx.el.div(top_bar(shell, current, crumbs, title, on_colours=Session.choose_colours), main, min_width="0"),
        class_name="app",
    )


def _main(*children: Slot, waits: bool, **props: Any) -> rx.Component:
    """With `waits` nobody can use it before the server has answered for this address."""
    named = {"id": "content", "tab_index": -1, **props}
    if not waits:
        return rx.el.main(*children, **named)
    told = {"loaded": Session.loaded, "returns": Session.returns, "failed": Session.refusal.kind != ""}
    return opening_main(*children, **told, **named)


def _setting(words: str, href: str, *, here: bool) -> rx.Component:
    return rx.el.a(words, href=href, **({"aria_current": "page"} if here else {}))
