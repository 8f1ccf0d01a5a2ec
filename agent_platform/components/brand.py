"""The coin mark, the wordmark, and pictures drawn from a slug or a hash."""

import reflex as rx

from agent_platform.components.theme import Text, when
from agent_platform.views.site.words import NAME


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
    """The icon of an agent; its file follows the colour scheme by itself. Only its place while the slug is not known yet."""
    drawn = rx.el.img(
        src=f"/brand/agent/{slug}.svg", alt="", class_name="agent-icon", loading="lazy", custom_attrs=_box(size)
    )
    return when(slug, drawn, rx.el.span(class_name="agent-icon", width=f"{size}px", height=f"{size}px"))


def rosette(seed: Text, size: int = 120, *, faint: bool = False) -> rx.Component:
    """The engraved rosette of a receipt, proof or workspace; `faint` for a large one behind other things."""
    source = f"/brand/rosette/{seed}.svg?size={size}" + ("&faint=1" if faint else "")
    return rx.el.img(src=source, alt="", class_name="rosette", loading="lazy", custom_attrs=_box(size))


def avatar(initials: Text, picture: Text = "", *, size: int = 28) -> rx.Component:
    """The person's picture, else their initials; the name stands beside it."""
    classes = {20: "avatar small", 28: "avatar", 56: "avatar large"}[size]
    letters = rx.el.span(initials, class_name=classes, aria_hidden="true")
    drawn = rx.el.img(src=picture, alt="", class_name=classes, custom_attrs=_box(size))
    return when(picture, drawn, letters)


def _box(size: int) -> dict[str, str]:
    # As attributes, so that nothing moves when the picture arrives; Reflex would make styles of them.
    return {"width": str(size), "height": str(size)}
