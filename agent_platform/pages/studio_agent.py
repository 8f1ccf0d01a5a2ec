"""One agent in the studio: versions, build, release, publication."""

from typing import Any

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.badges import badge, status_pill
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, link_button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact, page_head
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import loading_rows
from agent_platform.components.fields import field, select, text_area
from agent_platform.components.log_view import code_block
from agent_platform.components.quality import quality_card
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.pages._frame import app_frame
from agent_platform.pages._studio_examples import examples_card, examples_dialogs
from agent_platform.state.studio import StudioAgentState as State
from agent_platform.views.parts import Crumb

SHOWING = of_here(State.address, State.showing)
COLUMNS = (
    Column("Version"),
    Column("State"),
    Column("Size", numeric=True, wide_only=True),
    Column("Digest", wide_only=True),
    Column("Uploaded", numeric=True),
    Column(""),
)


def studio_agent() -> rx.Component:
    return app_frame(
        "Agent",
        rx.match(SHOWING, ("loading", card(loading_rows(4))), content()),
        withdraw_dialog(),
        examples_dialogs(),
        shell=State.shell,
        current="studio",
        crumbs=(Crumb("Studio", "/studio"),),
        heading=rx.cond(SHOWING == "loading", page_head("Agent"), head()),
    )


def head() -> rx.Component:
    return page_head(
        State.agent.name,
        link_button("New version", href="/studio/new", icon_name="upload"),
        rx.cond(
            State.agent.versions.length() > 0,
            link_button("Open its page", href=State.agent.page, kind="solid", icon_name="play"),
        ),
        note=rx.el.p(
            rx.el.span(State.agent.address, class_name="mono"), " · ", State.agent.visibility_words, class_name="meta"
        ),
        object_title=True,
        before=agent_icon(State.agent.slug, 44),
    )


def content() -> rx.Component:
    left = rx.el.div(suspended(), review(), versions(), build(), examples_card(), class_name="col gap-4", min_width="0")
    score = quality_card(State.agent.quality, advice=True)
    right = rx.el.div(score, visibility(), keep_or_not(), class_name="col gap-4")
    return rx.el.div(left, right, class_name="wide-narrow")


def suspended() -> rx.Component:
    said = callout(
        "Suspended by the operator of this installation",
        State.agent.suspended,
        rx.el.p("No other workspace starts a run of it. Runs in this workspace go on.", class_name="meta muted"),
        kind="warning",
    )
    return rx.cond(State.agent.suspended != "", said)


def versions() -> rx.Component:
    foot = card_foot("A version never changes. Upload a new number to change anything.")
    return card(
        card_head("Versions"),
        table(COLUMNS, each(State.agent.versions, version_row), name="Versions", stacked=True),
        foot,
    )


def version_row(view: Any) -> rx.Component:
    stable = rx.cond(view.stable, badge("stable", colour="teal"))
    actions = rx.match(
        view.step,
        ("mend", button("Build again", size=1, on_click=State.rebuild(view.id))),
        ("publish", button("Send for review", size=1, on_click=State.submit(view.id))),
        rx.fragment(),
    )
    release = rx.cond(view.releasable, button("Make stable", size=1, on_click=State.make_stable(view.id)))
    state = rx.el.div(
        status_pill(view.state),
        rx.cond(view.error != "", rx.el.p(view.error, class_name="meta bad")),
        class_name="col gap-1",
    )
    return row(
        cell(rx.el.div(rx.el.span(view.number, class_name="mono medium"), stable, class_name="row")),
        cell(state),
        cell(view.size, numeric=True, class_name="only-wide"),
        cell(view.digest, class_name="mono muted only-wide"),
        cell(view.ago, numeric=True, class_name="muted", label="Uploaded"),
        cell(rx.el.div(release, actions, class_name="row end")),
    )


def review() -> rx.Component:
    """The open request for publication; whoever may decide is led to the queue."""

    def one(view: Any) -> rx.Component:
        words = rx.el.p("The operator of this installation decides. Nothing changes until then.", class_name="muted")
        queue = link_button("Open the review queue", href=State.agent.review_queue, leaves=True)
        back = button("Take the request back", kind="ghost", size=1, on_click=State.take_back(view.request_id))
        body = card_body(words, rx.cond(State.agent.review_queue != "", rx.el.div(queue)), class_name="col gap-3")
        title = rx.fragment("Version ", view.number, " is waiting for review")
        return rx.cond(view.step == "review", card(card_head(title, back), body))

    return each(State.agent.versions, one)


def build() -> rx.Component:
    view = State.agent.build
    said = rx.cond(view.error != "", callout("The build did not succeed", view.error, kind="error"))
    log = rx.cond(
        view.log != "",
        code_block(view.log, name="Build log"),
        rx.el.p("The log appears here as the build runs.", class_name="muted"),
    )
    cancel = rx.cond(view.open, button("Cancel", size=1, on_click=State.cancel_build(view.id)))
    head_ = card_head(
        "Latest build", rx.el.span(view.time, class_name="meta muted num"), status_pill(view.state), cancel
    )
    note = rx.cond(view.note != "", rx.el.p(view.note, class_name="meta muted"))
    return rx.cond(view.state != "", card(head_, card_body(said, note, log, class_name="col gap-3")))


def visibility() -> rx.Component:
    inside = select(
        "inside",
        State.agent.visibility,
        State.show_within,
        [("private", "Who builds here"), ("tenant", "The whole workspace")],
    )
    outside = select(
        "submit_to", State.submit_to, State.choose_submit, [("public", "Public"), ("unlisted", "Unlisted")]
    )
    message = text_area(
        "message", State.message, State.write_message, rows=3, placeholder="What changed, what to look at"
    )
    facts = rx.el.dl(fact("Now", State.agent.visibility), class_name="facts lines")
    body = card_body(
        facts,
        rx.cond(
            State.agent.listed,
            rx.fragment(),
            field(inside, name="inside", label="In this workspace", hint="Holds as soon as you choose it."),
        ),
        field(
            outside,
            name="submit_to",
            label="Send for review as",
            hint="The directory needs a reviewer's yes for each version.",
        ),
        field(message, name="message", label="Message to the reviewer"),
        class_name="col gap-3",
    )
    return card(card_head("Who may run it"), body)


def keep_or_not() -> rx.Component:
    withdraw = button("Withdraw from the directory", kind="danger", on_click=State.ask_withdraw(True))
    archive = button("Archive", kind="danger", on_click=State.archive(True))
    restore = button("Restore", on_click=State.archive(False))
    shown = rx.cond(State.agent.listed, withdraw, rx.cond(State.agent.archived, restore, archive))
    words = rx.el.p("Archived agents keep their runs and start no new ones.", class_name="muted meta")
    return card(card_head("Keep or end"), card_body(words, shown, class_name="col gap-3"))


def withdraw_dialog() -> rx.Component:
    return confirm_dialog(
        "Withdraw this agent?",
        "The directory stops offering it at once. Runs under way finish and are paid; its history stays.",
        shown=State.asking_withdraw,
        on_change=State.ask_withdraw,
        keep="Keep it",
        act=button("Withdraw", kind="danger", on_click=State.withdraw),
    )
