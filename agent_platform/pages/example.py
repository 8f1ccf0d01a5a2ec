"""One example of an agent: what a real run was given, and what it put out."""

from typing import Any

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import link_button, text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head, facts
from agent_platform.components.feedback import loading_text
from agent_platform.components.log_view import code_block
from agent_platform.components.output_table import OutputEvents, result_card
from agent_platform.components.output_views import output_panel
from agent_platform.components.page_title import page_title
from agent_platform.components.tables import each
from agent_platform.components.theme import icon
from agent_platform.pages._frame import either_frame
from agent_platform.pages.errors import nowhere
from agent_platform.state.examples import ExamplePage as State
from agent_platform.views.site.words import NO_EXAMPLE

TALLEST = "360px"


def example() -> rx.Component:
    content = rx.match(
        of_here(State.address, State.showing),
        ("loading", waiting()),
        ("missing", nowhere(NO_EXAMPLE)),
        rx.fragment(head(), body()),
    )
    return either_frame("Example", page_title(State.example.title), content, shell=State.shell, current="agents")


def waiting() -> rx.Component:
    return rx.el.div(card(card_body(loading_text(6))), class_name="public", padding_top="24px")


def head() -> rx.Component:
    view = State.example
    crumbs = rx.el.nav(
        rx.el.a("Agents", href="/agents"),
        icon("chevron-right", 12),
        rx.el.a(view.agent, href=view.agent_href),
        icon("chevron-right", 12),
        rx.el.span(view.title, color="var(--text)"),
        class_name="row gap-1 meta muted wrap",
        aria_label="Where this example is",
    )
    address = rx.el.p("Example of ", text_link(view.address, href=view.agent_href), class_name="muted")
    words = rx.el.div(rx.el.h1(view.title), address, rx.el.p(view.line, class_name="promise"), min_width="0")
    left = rx.el.div(agent_icon(view.slug, 64), words, class_name="row top gap-4", margin_top="12px")
    run = link_button("Run with this input", href=view.run_href, kind="solid", icon_name="play")
    what = rx.el.div(left, rx.el.div(run, class_name="actions"), class_name="what")
    return rx.el.div(rx.el.div(crumbs, what, class_name="public"), class_name="agent-head", padding_bottom="20px")


def body() -> rx.Component:
    left = rx.el.div(output(), given(), class_name="col gap-4", min_width="0")
    right = rx.el.div(about(), files(), class_name="col gap-4", min_width="0")
    return rx.el.div(rx.el.div(left, right, class_name="agent-body"), class_name="public")


def output() -> rx.Component:
    events = OutputEvents(State.choose_shape, State.sort_by, State.find_rows, State.previous_page, State.next_page)
    drawn = (State.figure, State.document, State.files)
    panel = output_panel(State.output, *drawn, events, find=State.find, exports=rx.fragment())
    return rx.fragment(panel, result_card(State.output.result))


def given() -> rx.Component:
    """What the run was given: short values in a list, long ones with their lines."""

    def text(one: Any) -> rx.Component:
        block = rx.el.div(code_block(one.value, name=one.label), max_height=TALLEST, overflow="auto")
        return rx.el.div(rx.el.h3(one.label, class_name="label"), block, class_name="card-section")

    short = rx.cond(State.example.given.length() > 0, card_body(facts(State.example.given), class_name="lines"))
    none = (State.example.given.length() == 0) & (State.example.texts.length() == 0)
    empty = rx.cond(none, card_body(rx.el.p("This run was started without input.", class_name="muted")))
    return card(card_head("Input"), short, each(State.example.texts, text), empty)


def about() -> rx.Component:
    note = "A real run, shown as it was. Yours may differ in time and cost."
    return card(
        card_head("This run"),
        card_body(facts(State.example.facts), class_name="lines"),
        card_foot(rx.el.p(State.example.saved), rx.el.p(note)),
    )


def files() -> rx.Component:
    words = card_foot("Files are not for download here: run it to have them.")
    listed = card_body(facts(State.example.files), class_name="lines")
    return rx.cond(State.example.files.length() > 0, card(card_head("Files it wrote"), listed, words))
