"""The cost meter: charged so far, the usual range, and the cap as a bar at the end."""

from typing import Any

import reflex as rx

from agent_platform.components.theme import Text, inline, when


def cost_meter(view: Any, *, name: Text = "Cost against the cap", size: str = "", marks: bool = True) -> rx.Component:
    """The meter of a `MeterView`; `size` is slim (6 px), empty (10) or thick (12)."""
    bar = rx.el.div(
        when(
            view.band_from, rx.el.div(class_name="meter-band", custom_attrs=inline(x=view.band_from, w=view.band_width))
        ),
        _fill(view.fill, view.level),
        rx.el.div(class_name="meter-cap"),
        class_name=f"meter {size}".strip(),
        custom_attrs={"role": "meter"},  # Reflex does not list this ARIA role
        aria_label=name,
        aria_valuemin="0",
        aria_valuenow=view.used_micro_usd.to_string()
        if isinstance(view.used_micro_usd, rx.Var)
        else str(view.used_micro_usd),
        aria_valuemax=view.cap_micro_usd.to_string()
        if isinstance(view.cap_micro_usd, rx.Var)
        else str(view.cap_micro_usd),
        aria_valuetext=view.text,
    )
    if not marks:
        return bar
    middle = rx.el.span(view.band_label, class_name="mid", custom_attrs=inline(x=view.band_middle))
    labels = rx.el.div(
        rx.el.span("$0"),
        when(view.band_label, middle),
        rx.el.span(view.cap_label, class_name="end"),
        class_name="marks",
        aria_hidden="true",
    )
    return rx.el.div(bar, labels)


def bar_meter(share: Text, *, name: Text, text: Text = "", level: Text = "normal", size: str = "slim") -> rx.Component:
    """A plain bar: `share` as a CSS length; level none, normal, warn, full or busy; `size` thin, slim or empty."""
    return rx.el.span(
        _fill(share, level),
        class_name=f"meter {size}".strip(),
        custom_attrs={"role": "meter"},
        aria_label=name,
        aria_valuemin="0",
        aria_valuemax="100",
        aria_valuenow=share.replace("%", "") if isinstance(share, rx.Var) else str(share).removesuffix("%"),
        aria_valuetext=when(text, text, share),
    )


def progress(share: Text, *, name: Text = "Progress") -> rx.Component:
    """The thin blue bar of a running run."""
    return rx.el.span(
        _fill(share, "busy"),
        class_name="meter thin",
        role="progressbar",
        aria_label=name,
        aria_valuemin="0",
        aria_valuemax="100",
        aria_valuenow=share.replace("%", "") if isinstance(share, rx.Var) else str(share).removesuffix("%"),
    )


def score_row(label: Text, share: Text, points: Text) -> rx.Component:
    """One factor of a score: label, bar, `24 / 25`."""
    return rx.el.div(
        rx.el.span(label),
        bar_meter(share, name=label, text=points, size="thin"),
        rx.el.span(points),
        class_name="score",
    )


def budget_row(label: Text, used: Text, cap: Text, share: Text, level: Text) -> rx.Component:
    """A budget: who, how much of what, and its bar."""
    head = rx.el.div(
        rx.el.span(label),
        rx.el.span(used, rx.el.span(" of ", cap, class_name="muted"), class_name="num"),
        class_name="row between meta",
    )
    return rx.el.div(head, rx.el.div(bar_meter(share, name=label, level=level), padding_top="5px"))


def _fill(share: Text, level: Text) -> rx.Component:
    return rx.el.span(class_name=f"meter-fill {level}", custom_attrs=inline(w=share))
