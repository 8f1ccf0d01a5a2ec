"""The Reviews tab of an agent's page: what workspaces that have run it say, and the form for those that may."""

from typing import Any

import reflex as rx

from agent_platform.components import reviews as drawn
from agent_platform.components.buttons import button
from agent_platform.components.callouts import callout
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.dialog import confirm_dialog
from agent_platform.components.feedback import empty, loading_text
from agent_platform.components.fields import field, text_area
from agent_platform.components.tables import each
from agent_platform.pages._report_dialog import report_button
from agent_platform.state.agent import AgentState
from agent_platform.state.reviews import ReviewsState as State

MARKDOWN = "Markdown: **bold**, lists, `code`. No pictures."


def reviews_tab() -> rx.Component:
    return rx.match(State.showing, ("loading", card(card_body(loading_text(5)))), content())


def content() -> rx.Component:
    return rx.el.div(ours(), everybody(), class_name="col gap-4")


def ours() -> rx.Component:
    """What this workspace may say, has said, or why it may not."""
    standing = State.standing
    words = rx.cond(standing.ours, "Change your review", "Write a review")
    begin = button(words, icon_name="pencil", on_click=State.write(True))
    delete = rx.cond(standing.may_delete, button("Delete it", icon_name="trash-2", on_click=State.ask_delete(True)))
    allowed = rx.cond(State.writing, form(), rx.el.div(begin, delete, deletion(), class_name="row"))
    why = rx.el.div(rx.el.p(standing.why_not, class_name="muted"), delete, deletion(), class_name="row wrap")
    refused = rx.cond(standing.why_not != "", why)
    down = callout("A reviewer of this installation has taken your review down", standing.hidden_note, kind="warning")
    return rx.cond(standing.hidden_note != "", down, rx.cond(standing.may_write, allowed, refused))


def deletion() -> rx.Component:
    return confirm_dialog(
        "Delete this review?",
        "Its stars and words are gone for everybody, and the publisher's reply with them. This workspace may write another one later.",
        shown=State.deleting,
        on_change=State.ask_delete,
        keep="Keep it",
        act=button("Delete the review", kind="danger", on_click=State.delete),
    )


def form() -> rx.Component:
    text = text_area("review", State.text, State.write_text, rows=5, placeholder="What did it do well, and what not?")
    said = field(text, name="review", label="Your review", hint=MARKDOWN, required=True)
    acts = rx.el.div(
        button("Cancel", on_click=State.write(False)),
        button("Publish", kind="solid", on_click=State.save, disabled=(State.stars == 0) | (State.text == "")),
        class_name="row",
    )
    note = "One review of each workspace. It is signed with your name and the workspace's; you may change or delete it."
    return card(
        card_head("Your workspace's review"),
        card_body(drawn.star_input(State.stars, State.choose_stars), said, acts, class_name="col gap-3"),
        card_foot(note),
    )


def everybody() -> rx.Component:
    none = empty(
        "No reviews yet", "They come from workspaces that have finished a run of this agent.", icon_name="star"
    )
    more = rx.cond(State.reviews.more, card_body(button("Show more", on_click=State.show_more)))
    shown = card(
        card_body(drawn.histogram(State.reviews)),
        each(State.reviews.reviews, one),
        more,
        card_foot("Only workspaces that have finished a run of this agent write here, one review each."),
    )
    return rx.cond(State.reviews.reviews.length() > 0, shown, none)


def one(view: Any) -> rx.Component:
    words = rx.cond(view.reply != "", "Change the reply", "Reply")
    reply = rx.cond(State.standing.may_reply, button(words, size=1, on_click=State.answer(view.id)))
    about = report_button("Report", AgentState.agent.address, view.id)
    return drawn.review(view, reply, about, beneath=rx.cond(State.replying == view.id, answer()))


def answer() -> rx.Component:
    text = text_area("reply", State.reply, State.write_reply, rows=3)
    acts = rx.el.div(
        button("Cancel", on_click=State.answer("")),
        button("Publish the reply", kind="solid", on_click=State.send_reply, disabled=State.reply == ""),
        class_name="row",
    )
    return rx.el.div(
        field(text, name="reply", label="Your reply", hint=MARKDOWN), acts, class_name="col gap-3", role="group"
    )
