"""The bar under an input form: what the run will cost, where the figure comes from, and Run."""

import reflex as rx

from agent_platform.components.theme import Slot, Text, when


def quote_bar(*actions: Slot, typical: Text, sentence: Text, source: Text) -> rx.Component:
    """`typical` stands out (`Typically $0.18.`), `sentence` follows it, `source` is the muted second line.

    Sticks to the bottom on mobile; the quote is announced when it changes.
    """
    return rx.el.div(quote_words(typical, sentence, source), rx.el.div(*actions, class_name="row"), class_name="quote")


def quote_words(typical: Text, sentence: Text, source: Text) -> rx.Component:
    """The quote alone, for where it does not stick to an edge."""
    return rx.el.div(
        rx.el.p(when(typical, rx.el.b(typical, " ")), sentence, class_name="num"),
        rx.el.p(source, class_name="meta muted"),
        class_name="grow",
        aria_live="polite",
    )
