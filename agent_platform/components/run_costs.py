"""What a run costs, line by line, and the signed receipt."""

from typing import Any

import reflex as rx

from agent_platform.components.brand import rosette
from agent_platform.components.buttons import link_button
from agent_platform.components.cards import card, card_body, card_foot, card_head
from agent_platform.components.money import money
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.components.theme import when

EVENTS = (
    Column("What"),
    Column("Units", numeric=True),
    Column("Price", numeric=True),
    Column("Given back", numeric=True, wide_only=True),
    Column("Amount", numeric=True),
)
POSTINGS = (Column("Posting"), Column("Account"), Column("Last", wide_only=True), Column("Amount", numeric=True))


def costs_panel(view: Any) -> rx.Component:
    """A `CostsView`: events, totals, receipt, journal."""
    return rx.el.div(_events(view), receipt_card(view.receipt), _journal(view.postings), class_name="col gap-4")


def receipt_card(view: Any) -> rx.Component:
    """A `ReceiptView`; before the end it says when there will be one."""
    lines = rx.el.dl(
        rx.el.dt("SHA-256"),
        rx.el.dd(view.hash, class_name="mono"),
        rx.el.dt("Signature, Ed25519"),
        rx.el.dd(view.signature, class_name="mono"),
        rx.el.dt("Key"),
        rx.el.dd(view.key_id, class_name="mono"),
        rx.el.dt("Signed for the end at"),
        rx.el.dd(view.signed),
        class_name="facts lines grow",
    )
    drawn = rx.el.div(rosette(view.hash, 120), lines, class_name="signed")
    fetch = link_button("Download", href=view.href, size=1, icon_name="download", saves=True)
    words = "What ran, what it cost and why, signed. Anyone can check it without asking us."
    waiting = card(
        card_head("Receipt"),
        card_body(rx.el.p("The receipt is signed in the moment the run ends.", class_name="muted")),
    )
    return when(view.hash, card(card_head("Receipt", fetch), card_body(drawn), card_foot(words)), waiting)


def _events(view: Any) -> rx.Component:
    def line(one: Any) -> rx.Component:
        return row(
            cell(one.title),
            cell(one.units, numeric=True),
            cell(one.unit_price, numeric=True),
            cell(one.voided, numeric=True, class_name="only-wide"),
            cell(money(one.amount), numeric=True),
        )

    foot = rx.fragment(
        _total(view.total_words, view.total),
        _total(view.released_words, view.released),
    )
    return card(
        card_head("Costs"),
        table(EVENTS, each(view.rows, line), name="Costs of this run", foot=foot),
        card_foot(view.rule),
    )


def _total(words: Any, amount: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(words),
        rx.el.td(),
        rx.el.td(),
        rx.el.td(class_name="only-wide"),
        rx.el.td(money(amount), class_name="n"),
    )


def _journal(postings: Any) -> rx.Component:
    def line(one: Any) -> rx.Component:
        return row(
            cell(one.what),
            cell(one.account, class_name="mono"),
            cell(one.time, class_name="muted num only-wide"),
            cell(money(one.amount), numeric=True),
        )

    words = "Double entry: what leaves one account enters another. Each journal sums to zero."
    listed = card(
        card_head("Ledger"), table(POSTINGS, each(postings, line), name="Postings of this run"), card_foot(words)
    )
    return rx.cond(postings.length() > 0, listed)
