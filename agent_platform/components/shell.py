"""The workspace shell: side rail, top bar, account menu, mobile drawer, shortcut list. Fed by one `ShellView`."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from agent_platform.components.badges import count_bubble
from agent_platform.components.brand import avatar
from agent_platform.components.colour_mode import colour_mode_choice
from agent_platform.components.meter import bar_meter
from agent_platform.components.theme import Slot, Text, icon, when
from agent_platform.views.parts import Crumb

SIGN_OUT = "/auth/sign-out"  # answers a POST
# A group has its title and its links; a link has its name, path and icon.
NAVIGATION = (
    (
        "",
        (
            ("overview", "/overview", "layout-dashboard"),
            ("agents", "/agents", "bot"),
            ("runs", "/runs", "activity"),
            ("approvals", "/approvals", "hand"),
        ),
    ),
    ("Build", (("studio", "/studio", "code"),)),
    (
        "Workspace",
        (
            ("usage", "/usage", "gauge"),
            ("members", "/settings/members", "users"),
            ("settings", "/settings/profile", "settings"),
        ),
    ),
)
OPERATE = ("Operate", (("review", "/ops/review", "shield-check"),))  # on the operator's host, for who may decide
SHORTCUTS = (
    ("/", "Search"),
    ("g then h", "Overview"),
    ("g then a", "Agents"),
    ("g then r", "Runs"),
    ("g then p", "Approvals"),
    ("g then s", "Studio"),
    ("g then u", "Usage"),
    ("g then m", "Members"),
    ("Ctrl ↵", "Run, or send the form"),
    ("Esc", "Close"),
    ("?", "This list"),
)


def rail(shell: Any, current: str, *, name: str = "Workspace") -> rx.Component:
    """Workspace switcher, navigation, and what the month has cost."""
    groups = [_group(title, links, current, shell) for title, links in NAVIGATION]
    groups.append(rx.cond(shell.reviews, _group(*OPERATE, current, shell)))
    return rx.el.aside(
        workspace_switcher(shell), rx.el.nav(*groups, aria_label=name), month_meter(shell), class_name="rail"
    )


def workspace_switcher(shell: Any) -> rx.Component:
    """The workspace one is in, and the others one may go to (each on its own host)."""
    letter = rx.el.span(shell.workspace_name[0], class_name="tile", aria_hidden="true")
    tile = when(shell.logo, rx.el.img(src=shell.logo, alt="", class_name="tile logo-tile"), letter)
    words = rx.el.span(
        rx.el.b(shell.workspace_name, display="block", class_name="truncate"),
        rx.el.span(shell.workspace_slug, " · ", shell.plan, display="block", class_name="muted meta truncate"),
        class_name="grow",
    )
    purpose = rx.el.span("Switch workspace", class_name="sr-only")
    head = rx.el.summary(tile, words, purpose, icon("chevron-down", 14))
    others = rx.foreach(shell.workspaces, _workspace)
    start = rx.el.a(icon("plus"), "New workspace", href="/start?new=1", class_name="menu-item")
    return rx.el.details(
        head, rx.el.div(others, rx.el.hr(), start, class_name="menu-list left"), class_name="menu workspace"
    )


def month_meter(shell: Any) -> rx.Component:
    """What the month has cost so far, of all that the workspace had to spend."""
    head = rx.el.div(
        rx.el.span(shell.month_label, class_name="muted"),
        rx.el.span(shell.spent, when(shell.cap_label, rx.fragment(" of ", shell.cap_label)), class_name="num medium"),
        class_name="row between meta",
    )
    meter = bar_meter(shell.spent_share, name="Spent this month", level=shell.meter_level)
    return rx.el.div(head, meter, rx.el.div(shell.cap_note, class_name="meta muted"), class_name="month")


def top_bar(
    shell: Any, current: str, crumbs: Sequence[Crumb], title: Text, *, on_colours: Callable[[str], Any]
) -> rx.Component:
    """Menu (mobile), breadcrumb, search, account."""
    drawer = rx.el.details(
        rx.el.summary(icon("menu", 20), aria_label="Menu"),
        rail(shell, current, name="Menu"),
        class_name="menu drawer only-narrow",
    )
    return rx.el.header(
        drawer,
        breadcrumb(crumbs, title),
        quick_search(),
        search_link(),
        account_menu(shell, on_colours),
        class_name="topbar",
    )


def breadcrumb(crumbs: Sequence[Crumb], title: Text, *, small: bool = False) -> rx.Component:
    """Where this page is; the title is the last crumb."""
    divider: Slot = icon("chevron-right", 14) if small else rx.el.span("/", class_name="muted", aria_hidden="true")
    steps = [
        rx.el.li(rx.el.a(crumb.label, href=crumb.href) if crumb.href else crumb.label, divider) for crumb in crumbs
    ]
    here = rx.el.li(rx.el.span(title, aria_current="page"))
    classes = "crumbs meta" if small else "crumbs"
    return rx.el.nav(
        rx.el.ol(*steps, here, class_name=classes), aria_label="Breadcrumb", class_name="" if small else "grow truncate"
    )


def quick_search() -> rx.Component:
    """Search from anywhere: Enter goes to the directory with the words, or to the run with that id."""
    field = rx.el.input(
        type="search",
        placeholder="Search or run",
        aria_label="Search agents, or open a run by its id",
        custom_attrs={"data-search": "", "data-goes": "/agents"},
    )
    return rx.el.div(icon("search", 14), field, rx.el.kbd("/"), class_name="input s1 quick only-wide")


def search_link() -> rx.Component:
    """The way to the search where the head has no room for it."""
    return rx.el.a(
        icon("search", 20), href="/agents", aria_label="Search agents", class_name="btn ghost square only-narrow"
    )


def account_menu(shell: Any, on_colours: Callable[[str], Any]) -> rx.Component:
    """Who is signed in, colour mode, shortcuts, sign out."""
    who = rx.el.div(
        rx.el.div(shell.user_name, class_name="medium", color="var(--text)"),
        rx.el.div(shell.user_email),
        rx.el.div(shell.role),
        class_name="menu-note",
    )
    items = rx.el.div(
        who,
        rx.el.hr(),
        rx.el.a(icon("user"), "Profile", href="/settings/profile", class_name="menu-item"),
        rx.el.a(icon("bookmark"), "Saved agents", href="/agents?saved=1", class_name="menu-item"),
        rx.el.button(
            icon("keyboard"),
            "Keyboard shortcuts",
            type="button",
            class_name="menu-item",
            custom_attrs={"data-opens": "shortcuts"},
        ),
        colour_mode_choice(on_colours),
        rx.el.hr(),
        rx.el.button(
            icon("log-out"), "Sign out", type="button", class_name="menu-item", custom_attrs={"data-post": SIGN_OUT}
        ),
        class_name="menu-list",
    )
    head = rx.el.summary(avatar(shell.initials, shell.picture), aria_label="Account", class_name="account")
    return rx.el.details(head, items, class_name="menu")


def shortcut_list() -> rx.Component:
    """The dialog that `?` opens."""
    rows = [rx.fragment(rx.el.dt(rx.el.kbd(keys)), rx.el.dd(words)) for keys, words in SHORTCUTS]
    close = rx.el.form(
        rx.el.button("Close", class_name="btn outline", type="button", custom_attrs={"data-shuts": ""}),
        class_name="foot",
    )
    return rx.el.dialog(
        rx.el.h2("Keyboard"),
        rx.el.dl(*rows, class_name="shortcuts"),
        close,
        id="shortcuts",
        class_name="dialog",
        aria_label="Keyboard shortcuts",
    )


def _group(title: str, links: Sequence[tuple[str, str, str]], current: str, shell: Any) -> rx.Component:
    head = rx.el.div(title, class_name="group") if title else rx.fragment()
    return rx.fragment(head, *[_link(*link, current, shell) for link in links])


def _link(name: str, path: str, icon_name: str, current: str, shell: Any) -> rx.Component:
    counted = {"runs": shell.running, "approvals": shell.asking}.get(name)
    busy = rx.cond(counted > 0, count_bubble(counted)) if counted is not None else rx.fragment()
    here = {"aria_current": "page"} if name == current else {}
    words = rx.el.span(name.capitalize(), class_name="grow nav-text")
    return rx.el.a(icon(icon_name), words, busy, href=path, class_name="nav-link", title=name.capitalize(), **here)


def _workspace(one: Any) -> rx.Component:
    here = rx.cond(one.current, icon("check", 14, label="current"))
    return rx.el.a(
        rx.el.span(one.name, class_name="grow truncate"),
        here,
        href=one.href,
        reload_document=True,
        class_name="menu-item",
    )
