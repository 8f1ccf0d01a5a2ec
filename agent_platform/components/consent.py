"""The question whether visits may be counted, and the way to change the answer.

Both lie hidden in the built pages, and `js/consent.js` shows them. The server adds that script only where the operator has set an
Analytics id, and only to public pages of the base domain; without it nothing asks and nothing is loaded.
"""

import reflex as rx

from agent_platform.components.buttons import button, text_link

ANSWER = "data-consent-answer"


def consent_banner() -> rx.Component:
    """Accept and Decline weigh the same: same size, same look, one step."""
    words = rx.el.p(
        "May we count this visit with Google Analytics? Nothing of it is loaded before you accept, and never in workspaces. ",
        text_link("Cookies", href="/cookies"),
    )
    answers = rx.el.div(
        button("Decline", custom_attrs={ANSWER: "no"}),
        button("Accept", custom_attrs={ANSWER: "yes"}),
        class_name="row gap-3",
    )
    return rx.el.section(words, answers, class_name="consent", aria_label="Consent")


def consent_choice() -> rx.Component:
    """What was answered, and both answers again."""
    said = [
        rx.el.p("You have not answered yet.", class_name="said ask"),
        rx.el.p("You have accepted that visits are counted.", class_name="said yes"),
        rx.el.p("You have declined. Nothing is counted.", class_name="said no"),
    ]
    answers = rx.el.div(
        button("Decline", custom_attrs={ANSWER: "no"}),
        button("Accept", custom_attrs={ANSWER: "yes"}),
        class_name="row gap-3",
    )
    return rx.el.section(
        rx.el.h2("Your answer"),
        *said,
        answers,
        class_name="card card-body col gap-3 consent-choice",
        aria_label="Your answer",
    )
