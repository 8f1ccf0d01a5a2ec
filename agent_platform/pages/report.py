"""Reports: those that wait and the agents that are suspended, and one report with its decision."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, text_link
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact, page_head
from agent_platform.components.dialog import close_button, form_dialog
from agent_platform.components.feedback import empty, loading_rows
from agent_platform.components.fields import field, text_area, text_input
from agent_platform.components.markdown import prose
from agent_platform.components.reviews import stars
from agent_platform.components.tables import Column, cell, each, row, row_link, rows_or, table, two_lines
from agent_platform.pages._frame import app_frame
from agent_platform.pages._taken_down import taken_down
from agent_platform.state.reports import ReportPage, ReportQueue
from agent_platform.views.parts import Crumb

COLUMNS = (Column("Agent"), Column("What"), Column("About", wide_only=True), Column("Sent", numeric=True))
READ_BY = "The publisher and everybody who opens the agent's page reads this."
KEPT = "The decision is in the audit log of the workspace that the report was sent from"
KEPT_OF_REVIEW, KEPT_OF_AGENT = f"{KEPT}.", f"{KEPT}; a suspension is in its publisher's too."


def reports() -> rx.Component:
    none = empty(
        "Nothing is reported", "Reports of agents and of reviews appear here.", boxed=False, icon_name="shield-check"
    )
    rows = table(COLUMNS, each(ReportQueue.reports, report_row), name="Open reports")
    shown = rows_or(ReportQueue.showing, rows, empty=none, loading=loading_rows(2))
    return rx.fragment(card(card_head("Reports"), shown), suspended(), taken_down(), lift_dialog())


def report_row(view: Any) -> rx.Component:
    words = two_lines(row_link(view.name, href=view.href), view.address)
    return row(
        cell(rx.el.div(agent_icon(view.slug, 36), words, class_name="row gap-3")),
        cell(view.kind),
        cell(view.about, class_name="muted only-wide"),
        cell(view.ago, numeric=True, class_name="muted"),
        href=view.href,
    )


def suspended() -> rx.Component:
    """The agents that stand still, and the form that stops another."""

    def one(view: Any) -> rx.Component:
        said = rx.el.div(view.reason, rx.el.div("since ", view.since, class_name="muted meta"))
        lift = button("Lift", size=1, on_click=ReportQueue.ask(view.id))
        return row(cell(two_lines(view.name, view.address)), cell(said), cell(lift, numeric=True))

    rows = table(
        (Column("Agent"), Column("Why"), Column("")), each(ReportQueue.suspended, one), name="Suspended agents"
    )
    address = text_input("address", ReportQueue.address, ReportQueue.write_address, placeholder="publisher/agent")
    reason = text_area("why", ReportQueue.why, ReportQueue.write_why, rows=2)
    ready = (ReportQueue.address != "") & (ReportQueue.why != "")
    form = card_body(
        field(address, name="address", label="Suspend an agent"),
        field(reason, name="why", label="Reason", hint=READ_BY),
        rx.el.div(button("Suspend", kind="danger", on_click=ReportQueue.suspend, disabled=~ready)),
        class_name="col gap-3",
    )
    foot = "No door starts a run of a suspended agent for other workspaces. Runs under way end as usual; nothing is deleted."
    return card(card_head("Suspended"), rx.cond(ReportQueue.suspended.length() > 0, rows), form, card_foot(foot))


def lift_dialog() -> rx.Component:
    reason = text_area("lift", ReportQueue.reason, ReportQueue.write_reason, rows=3)
    return form_dialog(
        field(reason, name="lift", label="Reason", hint="Its publisher reads it in the audit log.", required=True),
        title=rx.fragment("Lift the suspension of ", ReportQueue.chosen.name, "?"),
        effect="It runs again at once, and the directory shows it as before.",
        shown=ReportQueue.asking,
        on_change=ReportQueue.show,
        foot=(
            close_button("Keep it suspended"),
            button("Lift", kind="solid", on_click=ReportQueue.lift, disabled=ReportQueue.reason == ""),
        ),
    )


def report() -> rx.Component:
    view = ReportPage.report
    note = rx.el.p(rx.el.span(view.address, class_name="mono"), " · ", view.kind, class_name="meta")
    return app_frame(
        "Report",
        rx.match(ReportPage.showing, ("loading", card(loading_rows(3))), content()),
        shell=ReportPage.shell,
        current="review",
        crumbs=(Crumb("Review", "/ops/review"),),
        heading=page_head(view.name, note=note, object_title=True, before=agent_icon(view.slug, 44)),
    )


def content() -> rx.Component:
    return rx.el.div(
        rx.el.div(said(), about(), class_name="col gap-4", min_width="0"), decision(), class_name="wide-narrow"
    )


def said() -> rx.Component:
    view = ReportPage.report
    facts = rx.el.dl(fact("Sent by", view.by, note=view.ago), fact("What", view.kind), class_name="facts lines")
    return card(
        card_head("What was reported"),
        card_body(rx.el.p(view.text, class_name="prewrap"), facts, class_name="col gap-3"),
    )


def about() -> rx.Component:
    view = ReportPage.report
    review = card(
        card_head("The review it is about", badge(view.review_by, outlined=True)),
        card_body(stars(view.review_stars), prose(view.review), class_name="col gap-3"),
    )
    gone = card(
        card_head("The review it is about"),
        card_body(rx.el.p("Nobody can read it any more: it has been taken down or removed.", class_name="muted")),
    )
    agent = card(card_head("The agent it is about"), card_body(text_link("Open its page", href=view.href)))
    return rx.cond(view.review_gone, gone, rx.cond(view.about_review, review, agent))


def decision() -> rx.Component:
    view = ReportPage.report
    note = text_area("note", ReportPage.note, ReportPage.write_note, rows=4)
    stop = rx.cond(view.about_review, "Take the review down", "Suspend the agent")
    silent = ReportPage.note == ""
    answers = rx.el.div(
        rx.cond(
            view.suspended | view.review_gone,
            rx.fragment(),
            button(stop, kind="danger", on_click=ReportPage.decide("suspend"), disabled=silent),
        ),
        button("Uphold only", on_click=ReportPage.decide("uphold"), disabled=silent),
        button("Dismiss", on_click=ReportPage.decide("dismiss"), disabled=silent),
        class_name="row wrap",
    )
    known = rx.cond(view.suspended, callout("This was stopped already", "Uphold or dismiss what is left.", kind="note"))
    hint = rx.cond(view.about_review, "If you take it down, its author reads this.", READ_BY)
    body = card_body(
        known, field(note, name="note", label="Reason", hint=hint, required=True), answers, class_name="col gap-3"
    )
    return card(card_head("Decision"), body, card_foot(rx.cond(view.about_review, KEPT_OF_REVIEW, KEPT_OF_AGENT)))
