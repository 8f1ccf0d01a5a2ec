"""The coin mark, the wordmark, and pictures drawn from a slug or a hash."""

import reflex as rx

from agent_platform.components.theme import Text, inline

NAME = "Agent Platform"


def mark(size: int = 22, class_name: str = "mark") -> rx.Component:
    """The coin with a square hole, in the colour of the text around it."""
    return rx.el.svg(
        rx.el.svg.use(href="/brand/coin.svg#coin"),
        class_name=class_name,
        width=str(size),
        height=str(size),
        aria_hidden="true",
    )


def wordmark(href: str = "/") -> rx.Component:
    return rx.el.a(mark(), rx.el.span(NAME), href=href, class_name="wordmark")


def agent_icon(slug: Text, size: int = 40) -> rx.Component:
    """The icon of an agent; its file follows the colour scheme by itself."""
    box = {"width": str(size), "height": str(size)}  # as attributes, so that nothing moves when it arrives
    return rx.el.img(src=f"/brand/agent/{slug}.svg", alt="", class_name="agent-icon", loading="lazy", custom_attrs=box)


def rosette(seed: Text, size: int = 120) -> rx.Component:
    """The engraved rosette of a receipt, proof or workspace, in the text colour of its class."""
    detail = "0.35" if size < 64 else "1.5" if size >= 600 else "1"
    drawn = inline(src=f"url(/brand/rosette/{seed}.svg?detail={detail})", size=f"{size}px")
    return rx.el.span(class_name="rosette", aria_hidden="true", custom_attrs=drawn)


def avatar(initials: Text) -> rx.Component:
    return rx.el.span(initials, class_name="avatar", aria_hidden="true")
