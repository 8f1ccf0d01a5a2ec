"""Review: what workspaces ask to publish, and one submission with everything a decision rests on."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge
from agent_platform.components.brand import agent_icon
from agent_platform.components.buttons import button, link_button
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact, page_head
from agent_platform.components.feedback import empty, loading_rows
from agent_platform.components.fields import field, text_area
from agent_platform.components.log_view import code_block
from agent_platform.components.permission_sheet import permission_sheet
from agent_platform.components.tables import Column, cell, each, row, row_link, rows_or, table, two_lines
from agent_platform.pages._frame import app_frame
from agent_platform.pages.report import reports
from agent_platform.state.review import ReviewPage, ReviewQueue
from agent_platform.views.parts import Crumb

COLUMNS = (Column("Agent"), Column("Version"), Column("Asks to be", wide_only=True), Column("Sent", numeric=True))


def review_queue() -> rx.Component:
    none = empty(
        "Nothing waits for review",
        "Agents appear here when their creators send them.",
        icon_name="shield-check",
        boxed=False,
    )
    rows = rows_or(ReviewQueue.showing, requests(), empty=none, loading=loading_rows(4))
    note = "What workspaces ask to put into the directory and what people report, the longest waiting first."
    asked = link_button("Requested agents", href="/ops/requests", icon_name="search")
    waiting = rx.el.div(card(card_head("Submissions"), rows), reports(), class_name="col gap-4")
    heading = page_head("Review", asked, note=note)
    return app_frame("Review", waiting, shell=ReviewQueue.shell, current="review", heading=heading)


def requests() -> rx.Component:
    return table(COLUMNS, each(ReviewQueue.requests, request), name="Waiting for review")


def request(view: Any) -> rx.Component:
    words = two_lines(row_link(view.name, href=view.href), view.address)
    return row(
        cell(rx.el.div(agent_icon(view.slug, 36), words, class_name="row gap-3")),
        cell(view.number, class_name="mono"),
        cell(view.visibility, class_name="muted only-wide"),
        cell(view.ago, numeric=True, class_name="muted"),
        href=view.href,
    )


def submission() -> rx.Component:
    return app_frame(
        "Submission",
        rx.match(ReviewPage.showing, ("loading", card(loading_rows(4))), content()),
        shell=ReviewPage.shell,
        current="review",
        crumbs=(Crumb("Review", "/ops/review"),),
        heading=head(),
    )


def head() -> rx.Component:
    view = ReviewPage.submission
    note = rx.el.p(rx.el.span(view.address, class_name="mono"), " · version ", view.number, class_name="meta")
    return page_head(view.name, note=note, object_title=True, before=agent_icon(view.slug, 44))


def content() -> rx.Component:
    view = ReviewPage.submission
    left = rx.el.div(source(), class_name="col gap-4", min_width="0")
    sheet = permission_sheet(view.permissions, level=view.level, title="What it asks for", foot=view.compared)
    return rx.el.div(left, rx.el.div(decision(), sheet, class_name="col gap-4"), class_name="wide-narrow")


def decision() -> rx.Component:
    view = ReviewPage.submission
    facts = rx.el.dl(
        fact("Publisher", view.publisher),
        fact("Sent by", view.requested_by, note=view.ago),
        fact("Asks to be", view.visibility),
        class_name="facts lines",
    )
    note = text_area("note", ReviewPage.note, ReviewPage.write_note, rows=3)
    answers = rx.el.div(
        button("Approve", kind="solid", on_click=ReviewPage.decide("approve")),
        button("Ask for changes", on_click=ReviewPage.decide("request_changes")),
        button("Reject", kind="danger", on_click=ReviewPage.decide("reject")),
        class_name="row wrap",
    )
    message = rx.cond(view.message != "", rx.el.p(view.message, class_name="prewrap"))
    said = field(note, name="note", label="Note to the creator", hint="Needed unless you approve.")
    body = card_body(facts, message, said, answers, class_name="col gap-3")
    return card(
        card_head("Decision"), body, card_foot("What is approved is this digest; every later version asks again.")
    )


def source() -> rx.Component:
    def one(view: Any) -> rx.Component:
        title = rx.fragment(rx.el.span(view.path, class_name="mono"))
        mark = badge(view.mark, outlined=True)
        text = rx.cond(view.text != "", card_body(code_block(view.text, name=view.path)))
        return card(card_head(title, mark, note=view.size), text)

    return each(ReviewPage.submission.files, one)
