"""An agent's page: what it does, what it may do, what it costs, and its form."""

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.badges import badge, rating, verified
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, link_button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, facts
from agent_platform.components.feedback import loading_text
from agent_platform.components.fields import checkbox, field, number_input
from agent_platform.components.forms import json_editor, more_options, schema_form
from agent_platform.components.markdown import prose
from agent_platform.components.meter import cost_meter
from agent_platform.components.money import short_money
from agent_platform.components.page_title import page_title
from agent_platform.components.quality import quality_card
from agent_platform.components.quote_bar import quote_bar
from agent_platform.components.tabs import Tab, segmented, tab_bar, tab_panel
from agent_platform.components.theme import icon
from agent_platform.pages._agent_api import api_tab
from agent_platform.pages._agent_examples import examples_tab, filled_note
from agent_platform.pages._agent_permissions import sheet, waiting_version
from agent_platform.pages._agent_pricing import prices, pricing_tab
from agent_platform.pages._agent_reviews import reviews_tab
from agent_platform.pages._frame import either_frame
from agent_platform.pages._keep import keep_and_share
from agent_platform.pages._report_dialog import report_button, report_dialog
from agent_platform.pages.errors import nowhere
from agent_platform.state.agent import AgentState as State
from agent_platform.views.site.words import NO_AGENT, STILL_THERE, SUSPENDED

DRY_RUN = "Reads only: nothing is written outside, no other agent is called, nothing is charged. At most 2 minutes."

TABS = (
    Tab("overview", "Overview"),
    Tab("run", "Run"),
    Tab("examples", "Examples", State.examples),
    Tab("pricing", "Pricing"),
    Tab("api", "API"),
    Tab("reviews", "Reviews", State.agent.ratings),
    Tab("changelog", "Changelog"),
)


def agent() -> rx.Component:
    content = rx.match(
        of_here(State.address, State.showing),
        ("loading", waiting()),
        ("missing", missing()),
        ("suspended", suspended()),
        rx.fragment(head(), body(), report_dialog()),
    )
    title = page_title(rx.cond(State.showing == "suspended", State.suspended.title, State.agent.name))
    return either_frame("Agent", title, content, shell=State.shell, current="agents", waits=True)


def waiting() -> rx.Component:
    return rx.el.div(card(card_body(loading_text(6))), class_name="public", padding_top="24px")


def missing() -> rx.Component:
    return nowhere(NO_AGENT)


def suspended() -> rx.Component:
    """In place of an agent that a reviewer has stopped: why, since when, and what still stands."""
    view = State.suspended
    words = rx.el.div(
        rx.el.h1(view.name), rx.el.p(view.address, class_name="mono muted"), class_name="col gap-1", min_width="0"
    )
    why = callout(rx.fragment(SUSPENDED, view.since), view.reason, kind="warning")
    kept = rx.el.p(STILL_THERE, class_name="muted")
    links = rx.el.div(link_button("All agents", href="/agents"), class_name="row")
    head_ = rx.el.div(agent_icon(view.slug, 64), words, class_name="row top gap-4")
    return rx.el.div(
        rx.el.div(head_, why, kept, links, class_name="col gap-4"), class_name="public", padding_top="24px"
    )


def head() -> rx.Component:
    view = State.agent
    crumbs = rx.el.nav(
        rx.el.a("Agents", href="/agents"),
        icon("chevron-right", 12),
        view.category,
        icon("chevron-right", 12),
        rx.el.span(view.name, color="var(--text)"),
        class_name="row gap-1 meta muted",
        aria_label="Where this agent is",
    )
    address = rx.el.div(
        rx.el.span(publisher_link(), class_name="mono"),
        rx.cond(view.verified, verified(words=True)),
        rating(view.rating, view.ratings),
        rx.cond(view.own, badge("your workspace", colour="teal")),
        rx.cond(view.state == "maintenance", badge("Maintenance", colour="amber", icon_name="hand")),
        class_name="row gap-3 muted wrap",
    )
    words = rx.el.div(rx.el.h1(view.name), address, rx.el.p(view.summary, class_name="promise"), min_width="0")
    left = rx.el.div(agent_icon(view.slug, 64), words, class_name="row top gap-4", margin_top="12px")
    actions = rx.el.div(
        rx.el.span(short_money(view.price, view.price_unit), class_name="price"),
        keep_and_share(),
        demo_button(),
        in_place_of_run(
            rx.cond(
                State.run_link == "",
                button("Run", kind="solid", icon_name="play", on_click=State.choose_tab("run")),
                way_in("Run"),
            )
        ),
        class_name="actions",
    )
    bar = tab_bar(TABS, State.tab, State.choose_tab, name="About this agent", bare=True, in_address=True)
    return rx.el.div(
        rx.el.div(crumbs, rx.el.div(left, actions, class_name="what"), bar, class_name="public"),
        class_name="agent-head",
    )


def publisher_link() -> rx.Component:
    """The address; its first part leads to the publisher, if it has a page."""
    view = State.agent
    link = rx.el.a(view.publisher, href=view.publisher_href, class_name="publisher")
    return rx.cond(view.publisher_href != "", rx.fragment(link, "/", view.slug), view.address)


def way_in(words: str) -> rx.Component:
    return link_button(words, href=State.run_link, kind="solid", icon_name="play", leaves=True)


def demo_button() -> rx.Component:
    """For visitors without a session, where the creator allows it: one click runs what is in the form."""
    return rx.cond(State.demo_note != "", button("Try demo", icon_name="zap", once=True, on_click=State.try_demo))


def about_demo() -> rx.Component:
    """What a demo is; or why there is none now."""
    said = callout("Try it without an account", State.demo_note)
    return rx.cond(State.demo_refusal != "", refused_demo(urgent=True), rx.cond(State.demo_note != "", said))


def refused_demo(*, urgent: bool = False) -> rx.Component:
    """Why no demo was started, and what can be done instead."""
    account = link_button("Make an account", href=State.run_link, size=1, leaves=True)
    return callout("No demo was started", State.demo_refusal, account, kind="warning", urgent=urgent)


def in_place_of_run(way: rx.Component) -> rx.Component:
    """The way to run it, or why there is none for this person."""
    barred = rx.cond(State.not_allowed != "", State.not_allowed, State.shell.looks_on)
    return rx.cond(barred == "", way, rx.el.p(barred, class_name="looks-on"))


def body() -> rx.Component:
    left = rx.el.div(
        resting(),
        tab_panel("overview", State.tab, readme()),
        tab_panel(
            "run", State.tab, rx.el.div(about_demo(), waiting_version(), run_form(), prices(), class_name="col gap-4")
        ),
        tab_panel("examples", State.tab, examples_tab()),
        tab_panel("pricing", State.tab, pricing_tab()),
        tab_panel("api", State.tab, api_tab()),
        tab_panel("reviews", State.tab, reviews_tab()),
        tab_panel("changelog", State.tab, changes()),
        min_width="0",
    )
    right = rx.el.div(
        card(card_body(facts(State.agent.facts), class_name="lines"), reporting()),
        sheet(),
        quality_card(State.agent.quality),
        class_name="col gap-4",
    )
    return rx.el.div(rx.el.div(left, right, class_name="agent-body"), class_name="public")


def resting() -> rx.Component:
    title = rx.cond(State.agent.state == "maintenance", "In maintenance", "Deprecated")
    shown = rx.el.div(callout(title, State.agent.resting, kind="warning"), padding_bottom="16px")
    return rx.cond(State.agent.resting != "", shown)


def reporting() -> rx.Component:
    words = report_button("Report this agent", State.agent.address)
    return rx.cond(State.agent.own, rx.fragment(), card_foot(words))


def readme() -> rx.Component:
    none = rx.el.p("The creator has not written a README.", class_name="muted")
    return card(card_body(rx.cond(State.agent.readme != "", prose(State.agent.readme), none)))


def changes() -> rx.Component:
    none = rx.el.p("The creator has not written a changelog.", class_name="muted")
    return card(card_body(rx.cond(State.agent.changelog != "", prose(State.agent.changelog), none)))


def run_form() -> rx.Component:
    modes = segmented([("form", "Form"), ("json", "JSON")], State.mode, State.choose_mode, name="Input as", small=True)
    form = schema_form(State.fields, State.change, most=State.most_characters)
    raw = json_editor(State.json_text, State.write_json, error=State.json_error, most=State.most_characters)
    return rx.el.form(
        card(
            card_head("Input", modes),
            filled_note(),
            card_body(rx.cond(State.mode == "json", raw, form)),
            rx.cond(State.demo_note == "", options()),  # a demo has a cap of its own
            consent(),
            rx.cond(State.demo_refusal != "", card_body(refused_demo())),  # beside the button, far below the first one
            quote(),
            class_name="run-form",
        ),
        on_submit=State.start,
    )


def options() -> rx.Component:
    amount = number_input("cap", State.cap, State.write_cap, before="$", unit="hard cap", wrong=State.cap_error != "")
    cap = field(
        amount,
        name="cap",
        label="Maximum cost",
        hint="Set aside now, the unused part comes back at once.",
        error=State.cap_error,
    )
    both = rx.el.div(
        cap,
        rx.el.div(cost_meter(State.quote.meter, name="What it usually costs against your cap"), padding_top="28px"),
        class_name="grid-2",
    )
    return more_options(both, note=State.agent.options_note, shown=True)


def consent() -> rx.Component:
    tick = checkbox(
        "I accept what this version may do, for the whole workspace",
        State.accepted,
        State.accept,
        note="Read the sheet beside the form.",
    )
    return rx.cond(
        State.agent.needs_yes,
        card_body(callout("This agent asks for permissions nobody here has accepted", tick, kind="warning")),
    )


def quote() -> rx.Component:
    run = button(
        "Run",
        kind="solid",
        icon_name="play",
        key="Ctrl \N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}",
        submit=True,
        type="submit",
    )
    dry = checkbox("Dry run", State.dry_run, State.choose_dry_run, small=True, title=DRY_RUN)
    elsewhere = rx.el.div(demo_button(), way_in("Run in a workspace"), class_name="row gap-3 wrap")
    action = rx.cond(State.run_link == "", rx.el.div(dry, run, class_name="row gap-3"), elsewhere)
    return quote_bar(
        in_place_of_run(action), typical=State.quote.typical, sentence=State.quote.sentence, source=State.quote.source
    )
