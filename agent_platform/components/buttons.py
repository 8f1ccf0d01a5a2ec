"""Buttons and links. One solid button per view."""

from typing import Any

import reflex as rx

from agent_platform.components.theme import Flag, Slot, Text, icon, when

# A link to a file: without `download` the browser begins to leave the page, which closes its connection for good.
SAVES: dict[str, Any] = {"reload_document": True, "download": True}


def button(
    *children: Slot,
    kind: str = "outline",
    size: int = 2,
    icon_name: str = "",
    key: str = "",
    submit: bool = False,
    once: bool = False,
    **props: Any,
) -> rx.Component:
    """A button: `kind` solid, outline, ghost or danger; `size` 1, 2 or 3; `key` shows a shortcut behind the words.

    `submit=True` makes it the one that Ctrl+Enter presses. A double click presses it once, and so one that is `once`.
    """
    if submit or once:
        props.setdefault("custom_attrs", {})["data-submit" if submit else "data-once"] = ""
    props.setdefault("type", "button")
    return rx.el.button(*_face(children, icon_name, key, size), class_name=_classes(kind, size, props), **props)


def link_button(
    *children: Slot,
    href: Text,
    kind: str = "outline",
    size: int = 2,
    icon_name: str = "",
    leaves: bool = False,
    saves: bool = False,
    **props: Any,
) -> rx.Component:
    """A link that looks like a button; `leaves=True` for addresses that are not pages (/auth, other hosts), `saves=True` for files."""
    if leaves:
        props["reload_document"] = True
    if saves:
        props |= SAVES
    return rx.el.a(*_face(children, icon_name, "", size), href=href, class_name=_classes(kind, size, props), **props)


def icon_button(name: str, label: Text, *, kind: str = "ghost", size: int = 2, **props: Any) -> rx.Component:
    """A square button with an icon; the label is its accessible name."""
    props.setdefault("type", "button")
    classes = _classes(f"{kind} square", size, props)
    return rx.el.button(icon(name), class_name=classes, aria_label=label, title=label, **props)


def blocked_button(
    *children: Slot, reason: Text, kind: str = "solid", size: int = 2, icon_name: str = ""
) -> rx.Component:
    """A button that cannot be pressed and says why on hover and focus."""
    return tip(
        rx.el.button(
            *_face(children, icon_name, "", size),
            type="button",
            aria_disabled="true",
            aria_description=reason,
            class_name=_classes(kind, size, {}),
        ),
        reason,
    )


def pending_button(
    *children: Slot, pending: Flag, busy_words: Text, kind: str = "solid", size: int = 2, **props: Any
) -> rx.Component:
    """A button that turns its spinner and cannot be pressed again while `pending`."""
    face = when(pending, rx.fragment(icon("loader-circle", class_name="spin"), busy_words), rx.fragment(*children))
    props.setdefault("type", "button")
    return rx.el.button(face, disabled=pending, class_name=_classes(kind, size, props), **props)


def tip(child: rx.Component, words: Text) -> rx.Component:
    """A child with a tooltip; Escape hides it."""
    return rx.el.span(child, rx.el.span(words, role="tooltip"), class_name="tip")


def text_link(*children: Slot, href: Text, leaves: bool = False, small: bool = False) -> rx.Component:
    """An underlined link; `leaves=True` for addresses that are not pages."""
    props = {"reload_document": True} if leaves else {}
    return rx.el.a(*children, href=href, class_name="link meta" if small else "link", **props)


def _face(children: tuple[Slot, ...], icon_name: str, key: str, size: int) -> list[Slot]:
    before = [icon(icon_name, 14 if size == 1 else 16)] if icon_name else []
    return [*before, *children, *([rx.el.kbd(key)] if key else [])]


def _classes(kind: str, size: int, props: dict[str, Any]) -> str:
    extra = props.pop("class_name", "")
    return " ".join(part for part in ("btn", kind, "" if size == 2 else f"s{size}", extra) if part)
