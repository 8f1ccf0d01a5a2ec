"""Whom a run asked on the network."""

from typing import Any

import reflex as rx

from agent_platform.components.cards import card, card_foot, card_head
from agent_platform.components.feedback import empty
from agent_platform.components.tables import Column, cell, each, row, table
from agent_platform.components.theme import when


def network_panel(view: Any) -> rx.Component:
    """By host, then the newest requests; a refusal is marked by word and colour."""
    none = empty(
        "No request yet",
        "Every request that leaves the sandbox is listed here, the refused ones too.",
        icon_name="globe",
        boxed=False,
    )
    by_host = card(
        card_head("Hosts", note=rx.el.span("allowed: ", view.allowed)),
        rx.cond(view.hosts.length() > 0, hosts_table(view.hosts), none),
        card_foot("Refused requests were never sent. Private addresses are always refused."),
    )
    listed = card(card_head("Requests", note=view.listed), requests_table(view.requests))
    return rx.el.div(by_host, rx.cond(view.requests.length() > 0, listed), class_name="col gap-4")


def network_card(view: Any) -> rx.Component:
    """The short form beside a run."""
    rows = each(
        view.few,
        lambda one: row(
            cell(one.host, class_name="mono break"),
            cell(one.requests, numeric=True),
            cell(rx.el.span(one.word, class_name=rx.cond(one.bad, "bad", "good")), numeric=True),
        ),
    )
    head = card_head("Network", rx.el.span("allowed: ", view.allowed, class_name="muted meta"))
    plain = rx.el.table(rx.el.tbody(rows), class_name="table", aria_label="Hosts asked")
    return rx.cond(view.few.length() > 0, card(head, plain))


def hosts_table(hosts: Any) -> rx.Component:
    columns = (
        Column("Host"),
        Column("Requests", numeric=True),
        Column("Bytes", numeric=True, wide_only=True),
        Column("Allowed"),
    )
    rows = each(
        hosts,
        lambda one: row(
            cell(one.host, class_name="mono break"),
            cell(one.requests, numeric=True),
            cell(one.bytes, numeric=True, class_name="only-wide"),
            cell(
                rx.el.span(one.word, class_name=rx.cond(one.bad, "bad medium", "good")),
                when(one.note, rx.el.span(" ", one.note, class_name="muted")),
            ),
        ),
    )
    return table(columns, rows, name="Hosts asked")


def requests_table(requests: Any) -> rx.Component:
    columns = (
        Column("Time", wide_only=True),
        Column("Request"),
        Column("Host and port"),
        Column("Result"),
        Column("Bytes", numeric=True, wide_only=True),
        Column("Took", numeric=True, wide_only=True),
    )
    rows = each(
        requests,
        lambda one: row(
            cell(one.time, class_name="mono muted only-wide"),
            cell(one.what, class_name="mono"),
            cell(one.where, class_name="mono break"),
            cell(rx.el.span(one.result, class_name=rx.cond(one.bad, "bad", "num"))),
            cell(one.bytes, numeric=True, class_name="only-wide"),
            cell(one.took, numeric=True, class_name="only-wide"),
        ),
    )
    return table(columns, rows, name="Requests")
