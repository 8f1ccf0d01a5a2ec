"""A demo: a run's page without a workspace around it, for whoever has its address."""

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, link_button, text_link
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, page_head
from agent_platform.components.feedback import empty
from agent_platform.components.log_view import log_view
from agent_platform.components.page_title import page_title
from agent_platform.components.run_strip import run_strip
from agent_platform.components.run_trouble import trouble_panel
from agent_platform.components.tabs import Tab, tab_bar, tab_panel
from agent_platform.components.theme import icon
from agent_platform.components.timeline import timeline_card
from agent_platform.pages._frame import public_frame
from agent_platform.pages._run_tabs import given, in_zone, output
from agent_platform.pages.run import waiting
from agent_platform.state.demo import DemoPage as State

NEXT = (
    "Run it on larger files",
    "Let it work longer than 30 seconds, under a cap you set",
    "Keep input, output, log and a signed receipt in a workspace of your own",
)


def demo() -> rx.Component:
    shown = rx.match(
        of_here(State.address, State.showing),
        ("loading", waiting()),
        ("missing", gone()),
        rx.fragment(page_title(State.head.title), head(), note(), whole()),
    )
    return public_frame(rx.el.div(shown, class_name="public", padding_top="24px"), shell=State.shell, current="agents")


def gone() -> rx.Component:
    return empty(
        "There is no demo at this address",
        "A demo and all it left are deleted after an hour. Begin another one on an agent's page.",
        link_button("Browse agents", href="/agents", kind="solid"),
        page=True,
    )


def head() -> rx.Component:
    view = State.head
    about = rx.el.div(
        rx.el.span(text_link(view.agent, href=view.agent_href), " ", rx.el.span(view.version, class_name="mono")),
        rx.el.span("·", aria_hidden="true"),
        rx.el.span(view.started_by),
        class_name="row wrap meta muted",
        margin_top="3px",
    )
    again = link_button("Change the input", href=view.agent_href, icon_name="rotate-cw")
    return page_head(view.title, again, note=about, object_title=True, before=agent_icon(view.slug, 44))


def note() -> rx.Component:
    """Who pays, and until when it is there."""
    title = rx.fragment("Demo: paid by us, deleted at ", State.demo.until)
    words = rx.fragment(
        "Input, output and log are gone then, in ",
        State.demo.left,
        ". Only who has the address of this page can see them.",
    )
    return rx.el.div(callout(title, rx.el.p(words, class_name="meta muted")), margin_bottom="16px")


def whole() -> rx.Component:
    open_log = button("Whole log", size=1, kind="ghost", on_click=State.choose_tab("log"))
    form = link_button("Open its form", href=State.head.agent_href, size=1)
    action = rx.cond(State.trouble.action != "", form)
    return rx.fragment(run_strip(State.strip), trouble_panel(State.trouble, action, open_log), tabs(), panels())


def tabs() -> rx.Component:
    names = (Tab("output", "Output", count=State.rows), Tab("log", "Log"), Tab("input", "Input"))
    return rx.el.div(tab_bar(names, State.tab, State.choose_tab, name="Parts of the demo"), class_name="run-tabs")


def panels() -> rx.Component:
    left = rx.el.div(
        tab_panel("output", State.tab, output(State)),
        tab_panel("log", State.tab, log()),
        tab_panel("input", State.tab, given(State)),
        min_width="0",
    )
    right = rx.el.div(onward(), timeline_card(State.bars, total=State.total), class_name="col gap-4")
    return rx.el.div(left, right, class_name="with-side")


def log() -> rx.Component:
    fetch = link_button("Download", href=f"{State.head.downloads}/log.txt", size=1, icon_name="download", saves=True)
    lines = rx.cond(
        State.lines.length() > 0,
        rx.el.div(log_view(State.lines, following=~State.head.finished), class_name="tailing"),
        empty("No lines", "Nothing was logged.", icon_name="scroll-text", boxed=False),
    )
    foot = card_foot("Written by the agent, shown as plain text. ", in_zone(State))
    return card(card_head("Log", fetch, note="the last 500 lines"), lines, foot)


def onward() -> rx.Component:
    """What an account is for, and the way to it; for who has one the way to a workspace."""
    gains = rx.el.ul(
        *[rx.el.li(icon("check", 14), rx.el.span(words)) for words in NEXT], class_name="checks meta", margin_top="0"
    )
    way = rx.cond(
        State.shell.signed_in,
        link_button("Run it in your workspace", href=State.way_on, kind="solid", leaves=True, class_name="wide"),
        link_button("Make an account", href=State.way_on, kind="solid", leaves=True, class_name="wide"),
    )
    stays = rx.cond(
        State.shell.signed_in,
        rx.fragment(),
        rx.el.p("No card needed. Signing in leads back here while the demo is there.", class_name="help"),
    )
    return card(card_head("What comes next"), card_body(gains, way, stays, class_name="col gap-3"))
