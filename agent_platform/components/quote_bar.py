"""The bar under an input form: what the run will cost, where the figure comes from, and Run."""

import reflex as rx

from agent_platform.components.theme import Slot, Text, when


def quote_bar(*actions: Slot, typical: Text, sentence: Text, source: Text) -> rx.Component:
    """`typical` stands out (`Typically $0.18.`), `sentence` follows it, `source` is the muted second line.

    Sticks to the bottom on mobile; the quote is announced when it changes.
    """
    words = rx.el.div(
        rx.el.p(when(typical, rx.el.b(typical, " ")), sentence, class_name="num"),
        rx.el.p(source, class_name="meta muted"),
        class_name="grow",
        aria_live="polite",
    )
    return rx.el.div(words, rx.el.div(*actions, class_name="row"), class_name="quote")
