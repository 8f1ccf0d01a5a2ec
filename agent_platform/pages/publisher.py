"""A publisher's page: who it is, what its agents add up to, and the agents."""

import reflex as rx

from agent_platform.components.address import of_here
from agent_platform.components.agent_card import agent_grid
from agent_platform.components.badges import verified
from agent_platform.components.brand import rosette
from agent_platform.components.buttons import link_button
from agent_platform.components.feedback import loading_cards
from agent_platform.components.figures import figure_strip
from agent_platform.components.page_title import page_title
from agent_platform.pages._frame import either_frame
from agent_platform.pages.errors import nowhere
from agent_platform.state.publisher import PublisherState as State
from agent_platform.views.site.words import NO_PUBLISHER


def publisher() -> rx.Component:
    content = rx.match(
        of_here(State.address, State.showing),
        ("loading", waiting()),
        ("missing", nowhere(NO_PUBLISHER)),
        rx.fragment(head(), agents()),
    )
    return either_frame("Publisher", page_title(State.page.name), content, shell=State.shell, current="agents")


def waiting() -> rx.Component:
    return rx.el.div(loading_cards(6), class_name="public", padding_top="24px")


def head() -> rx.Component:
    view = State.page
    who = rx.el.div(
        rx.el.span(view.handle, class_name="mono"),
        rx.cond(view.verified, verified(words=True)),
        rx.el.span("publishing since ", view.since),
        class_name="row gap-3 muted wrap",
    )
    words = rx.el.div(rx.el.h1(view.name), who, class_name="col gap-1", min_width="0")
    left = rx.el.div(rosette(view.handle, 56), words, class_name="row gap-4")
    return rx.el.div(
        rx.el.div(left, figure_strip(view.figures), class_name="public col gap-4"), class_name="public-title"
    )


def agents() -> rx.Component:
    view = State.page
    first = rx.cond(view.first != "", link_button("First page", href=view.first))
    more = rx.cond(view.more != "", link_button("More agents", href=view.more))
    return rx.el.div(
        rx.el.div(agent_grid(view.cards), rx.el.div(first, more, class_name="row"), class_name="col gap-4"),
        class_name="public",
        padding_top="24px",
    )
