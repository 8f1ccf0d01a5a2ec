"""An agent in the directory: what it does, what it costs, how well it works."""

from typing import Any

import reflex as rx

from agent_platform.components.badges import badge, rating, verified
from agent_platform.components.brand import agent_icon
from agent_platform.components.money import short_money
from agent_platform.components.theme import Text, each, when


def agent_grid(items: Any, *, four: bool = False, under_heading: bool = False, layout: Text = "grid") -> rx.Component:
    """Cards of `AgentCardView`, three or four across, or one below the other with layout `list`.

    `under_heading` if an h2 stands above them.
    """
    return rx.el.div(
        each(items, lambda one: agent_card(one, under_heading=under_heading)),
        class_name="agent-grid four" if four else when(layout == "list", "agent-grid list", "agent-grid"),
    )


def agent_card(view: Any, *, under_heading: bool = False) -> rx.Component:
    """One card; the whole of it is the link of its title, but for the publisher's name, which leads to its page."""
    heading = rx.el.h3 if under_heading else rx.el.h2
    title = heading(rx.el.a(view.title, href=view.href), class_name="title")
    publisher = rx.el.a(view.publisher, href=f"/publishers/{view.publisher}", class_name="publisher")
    address = rx.el.div(
        rx.el.span(publisher, "/", view.slug, class_name="mono truncate"),
        when(view.verified, verified()),
        class_name="row gap-1 muted meta",
    )
    head = rx.el.div(
        agent_icon(view.slug, 40), rx.el.div(title, address, class_name="grow"), class_name="row top gap-3"
    )
    resting = when(view.maintenance, badge("Maintenance", colour="amber", icon_name="hand"))
    price = rx.el.div(
        short_money(view.price, view.price_unit),
        resting,
        rating(view.rating, view.ratings),
        class_name="row between price",
    )
    numbers = rx.el.dl(
        _number("success 30 d", view.success),
        _number("users 30 d", view.users),
        _number("median", view.median),
        _number("quality", view.quality),
        class_name="numbers",
    )
    return rx.el.article(
        head, rx.el.p(view.promise, class_name="promise"), price, numbers, class_name="card agent-card"
    )


def _number(label: str, value: Text) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(value))
