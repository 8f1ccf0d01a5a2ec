"""The open formula of the quality score, drawn from the constants that compute it."""

import reflex as rx

from agent_platform.components.cards import card, card_body, card_head
from agent_platform.pages._frame import public_frame
from agent_platform.state.session import Session
from agent_platform.views.quality import RULES, RuleView


def quality() -> rx.Component:
    head = rx.el.div(
        rx.el.h1("How quality is computed"),
        rx.el.p(
            "Every agent in the directory has a score from 0 to 100, computed anew every hour. Nobody can buy it and nobody sets it: "
            "this page is drawn from the same numbers that the computation uses.",
            class_name="muted",
        ),
        class_name="col gap-3",
    )
    foot = (
        "The score is the sum. Only runs of other workspaces of the last 30 days count that have been settled; an agent's own, demo and "
        "test runs never do, nor do runs between workspaces with the same owner. Ratings stand beside the score, not in it. "
        "A search multiplies how well the words match by 0.5 + score / 200."
    )
    content = rx.el.div(
        head,
        *[rule(one) for one in RULES],
        rx.el.p(foot, class_name="muted"),
        class_name="col gap-4",
        max_width="760px",
    )
    return public_frame(
        rx.el.div(content, class_name="public", padding_top="32px", padding_bottom="48px"), shell=Session.shell
    )


def rule(one: RuleView) -> rx.Component:
    lines = rx.el.ul(*[rx.el.li(line) for line in one.lines], class_name="col gap-1 rules")
    return card(card_head(one.title, rx.el.span("up to ", one.most, class_name="muted num")), card_body(lines))
