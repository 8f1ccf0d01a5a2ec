"""What a page shows when there is nothing yet, not yet, or not at all; and toasts."""

import reflex as rx

from agent_platform.components.theme import Slot, Text, icon, when


def empty(
    title: Text,
    sentence: Slot = "",
    *actions: Slot,
    icon_name: str = "activity",
    boxed: bool = True,
    page: bool = False,
) -> rx.Component:
    """First use, no match or no access: an icon, a title, one sentence, one button; `page` if it is all of a page."""
    return rx.el.div(
        icon(icon_name, 24),
        rx.el.h1(title) if page else rx.el.b(title),
        when(sentence, rx.el.p(sentence)) if not isinstance(sentence, rx.Component) else sentence,
        *actions,
        class_name="card empty" if boxed else "empty",
    )


def bone(width: str = "100%", height: str = "10px") -> rx.Component:
    """One gray shape of a skeleton."""
    return rx.el.span(class_name="skeleton", width=width, height=height)


def loading(*shapes: rx.Component, name: str = "Loading", class_name: str = "") -> rx.Component:
    """A skeleton of the real shape, shown after 150 ms and announced once."""
    return rx.el.div(
        rx.el.span(name, class_name="sr-only", role="status"),
        *shapes,
        class_name=f"late {class_name}".strip(),
        aria_busy="true",
    )


def loading_rows(number: int = 6, *, name: str = "Loading rows") -> rx.Component:
    """The skeleton of a table with two-line rows."""
    row = rx.el.div(
        bone("28px", "28px"),
        rx.el.div(bone("60%", "12px"), bone("40%"), class_name="col grow"),
        bone("96px", "20px"),
        bone("64px"),
        class_name="row gap-3",
        padding="11px 16px",
        border_bottom="1px solid var(--line)",
        min_height="50px",
    )
    return loading(*[row for _ in range(number)], name=name)


def loading_cards(number: int = 6, *, name: str = "Loading agents", class_name: str = "agent-grid") -> rx.Component:
    """The skeleton of a grid of agent cards."""
    head = rx.el.div(
        bone("40px", "40px"), rx.el.div(bone("60%", "14px"), bone("40%"), class_name="col grow"), class_name="row gap-3"
    )
    one = rx.el.div(
        head, bone(), bone("80%"), rx.el.div(bone(height="30px"), margin_top="auto"), class_name="card agent-card"
    )
    return loading(rx.el.div(*[one for _ in range(number)], class_name=class_name), name=name)


def loading_figures(number: int = 4) -> rx.Component:
    """The skeleton of a figure strip."""
    one = rx.el.div(bone("50%", "16px"), bone("40%", "30px"), bone("70%", "16px"), class_name="figure")
    return loading(rx.el.div(*[one for _ in range(number)], class_name="figures"), name="Loading figures")


def loading_text(lines: int = 4) -> rx.Component:
    return loading(rx.el.div(*[bone(f"{100 - 12 * (n % 3)}%", "14px") for n in range(lines)], class_name="col gap-3"))


def toaster() -> rx.Component:
    """The place of toasts for `rx.App(toaster=...)`: bottom right, 380 px wide."""
    return rx.toast.provider(position="bottom-right", close_button=False, rich_colors=False, visible_toasts=3)


def connection_lost() -> rx.Component:
    """Over everything, at the foot of the window: the page shows what it last knew and tries to reach its server."""
    words = rx.el.span("Connection lost; reconnecting\N{HORIZONTAL ELLIPSIS}")
    return rx.el.div(icon("unplug"), words, role="status", class_name="connection-lost")
