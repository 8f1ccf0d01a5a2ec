"""One run, while it goes on and afterwards."""

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.badges import badge
from agent_platform.components.brand import agent_icon, avatar
from agent_platform.components.buttons import button, link_button, text_link
from agent_platform.components.cards import page_head
from agent_platform.components.dialog import close_button, confirm_dialog, form_dialog
from agent_platform.components.feedback import bone, empty, loading
from agent_platform.components.fields import field, number_input
from agent_platform.components.meter import cost_meter
from agent_platform.components.quote_bar import quote_words
from agent_platform.components.run_questions import AnswerEvents, answers_card, question_card
from agent_platform.components.run_strip import run_strip
from agent_platform.components.run_trouble import trouble_panel
from agent_platform.components.theme import when
from agent_platform.pages._frame import app_frame
from agent_platform.pages._run_example import example_action, example_dialog
from agent_platform.pages._run_tabs import panels, tabs
from agent_platform.state.run import RunPage
from agent_platform.views.parts import Crumb

SHOWING = of_here(RunPage.address, RunPage.showing)
RUNS = Crumb("Runs", "/runs")


def run() -> rx.Component:
    return app_frame(
        rx.cond(SHOWING == "ready", RunPage.head.short_id, "Run"),
        rx.match(SHOWING, *other_states(), whole_run()),
        shell=RunPage.shell,
        current="runs",
        crumbs=(RUNS,),
        heading=rx.match(SHOWING, ("ready", head()), ("loading", rx.fragment()), page_head("Run")),
    )


def other_states() -> list[tuple[str, rx.Component]]:
    missing = empty(
        "There is no such run here",
        "It does not exist, or it belongs to another workspace.",
        link_button("All runs", href="/runs", kind="solid"),
    )
    return [("loading", waiting()), ("missing", missing)]


def waiting() -> rx.Component:
    title = rx.el.div(
        bone("44px", "44px"), rx.el.div(bone("240px", "20px"), bone("320px"), class_name="col"), class_name="row gap-3"
    )
    strip = rx.el.div(bone("100%", "124px"), class_name="card")
    rows = rx.el.div(bone("60%", "40px"), bone("100%", "320px"), class_name="col gap-4")
    return loading(rx.el.div(title, strip, rows, class_name="col gap-5"), name="Loading the run")


def whole_run() -> rx.Component:
    open_log = button("Whole log", size=1, kind="ghost", on_click=RunPage.choose_tab("log"))
    return rx.fragment(
        run_strip(RunPage.strip),
        trouble_panel(RunPage.trouble, next_action(), open_log),
        asked(),
        tabs(),
        panels(),
        stop_dialog(),
        again_dialog(),
        example_dialog(),
    )


def asked() -> rx.Component:
    """The question this run waits with, and what was answered before."""
    events = AnswerEvents(RunPage.approve, RunPage.reject, RunPage.write_comment, RunPage.write_answer)
    card = question_card(RunPage.question, RunPage.answer_fields, RunPage.comment, RunPage.answer_fault, events)
    return rx.fragment(card, answers_card(RunPage.answers))


def head() -> rx.Component:
    view = RunPage.head
    about = rx.el.div(
        rx.el.span(text_link(view.agent, href=view.agent_href), " ", rx.el.span(view.version, class_name="mono")),
        rx.el.span("·", aria_hidden="true"),
        rx.el.span(view.short_id, class_name="mono", title=view.id),
        rx.el.span("·", aria_hidden="true"),
        when(view.by_initials, avatar(view.by_initials, view.by_picture, size=20)),
        rx.el.span(view.started_by),
        rx.cond(view.dry_run, badge("Dry run: nothing is charged", colour="amber")),
        class_name="row wrap meta muted",
        margin_top="3px",
    )
    stop = button("Stop", kind="danger", icon_name="square", on_click=RunPage.ask_stop)
    again = button("Run again", icon_name="rotate-cw", on_click=RunPage.ask_again)
    onlooker = when(RunPage.shell.looks_on, rx.el.p(RunPage.shell.looks_on, class_name="looks-on"))
    review = when(
        view.review_href, link_button("Review the agent", href=view.review_href, kind="ghost", icon_name="star")
    )
    done = rx.fragment(review, example_action(), rx.cond(view.can_rerun, again, onlooker))
    actions = rx.cond(view.finished, done, when(view.can_stop, stop))
    return page_head(view.title, actions, note=about, object_title=True, before=agent_icon(view.slug, 44))


def next_action() -> rx.Component:
    """The one thing to do about a run that went wrong; none for those who may not start runs."""
    higher = button("Run again with a higher cap", size=1, on_click=RunPage.ask_higher_cap)
    again = button("Run again", size=1, on_click=RunPage.ask_again)
    form = link_button("Open its form", href=RunPage.head.agent_href, size=1)
    chosen = rx.match(RunPage.trouble.action, ("higher_cap", higher), ("rerun", again), ("form", form), rx.fragment())
    return rx.cond(RunPage.head.can_rerun, chosen)


def stop_dialog() -> rx.Component:
    return confirm_dialog(
        "Stop this run?",
        RunPage.strip.stop_effect,
        shown=RunPage.stop_shown & RunPage.head.can_stop,  # it may end while the question stands
        on_change=RunPage.set_stop_shown,
        keep="Let it run",
        act=button("Stop", kind="danger", on_click=RunPage.stop),
    )


def again_dialog() -> rx.Component:
    """Today's quote for the same input stands here before anything is started."""
    quote = rx.el.div(
        quote_words(RunPage.quote.typical, RunPage.quote.sentence, RunPage.quote.source),
        cost_meter(RunPage.quote.meter, name="What it usually costs against your cap"),
        class_name="col gap-3",
    )
    amount = field(
        number_input("cap", RunPage.cap, RunPage.write_cap, before="$", unit="hard cap", wrong=RunPage.cap_fault != ""),
        name="cap",
        label="Maximum cost",
        hint="Never more than this is charged. Set aside at the start, the unused part comes back at once.",
        error=RunPage.cap_fault,
    )
    return form_dialog(
        quote,
        rx.cond(RunPage.head.dry_run, rx.fragment(), amount),
        title="Run this again?",
        effect="A new run of the same agent with the same input. Its rows are stored and charged anew.",
        shown=RunPage.again_shown,
        on_change=RunPage.set_again_shown,
        foot=(
            close_button("Not now"),
            button("Run", kind="solid", icon_name="play", submit=True, on_click=RunPage.run_again),
        ),
    )
