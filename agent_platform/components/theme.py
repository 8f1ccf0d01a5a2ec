"""What every component builds on: style sheets, head tags, icons, lists, and the chart templates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import reflex as rx

Text = str | rx.Var
Slot = rx.Component | str | rx.Var
Flag = bool | rx.Var

STYLESHEETS = [
    f"css/{name}.css"
    for name in (
        "tokens",
        "tokens-dark",
        "base",
        "controls",
        "editors",
        "display",
        "parts",
        "shell",
        "pages",
        "workspace",
        "run",
    )
]
ICONS = "/icons/icons.svg"
MOBILE, TABLET = 720, 1100  # widest mobile and tablet width in px; the style sheets repeat them

_templates = json.loads((Path(__file__).parent / "chart_templates.json").read_text())
LIGHT_CHART = go.layout.Template(layout=_templates["light"]["layout"], data=_templates["light"]["data"])
DARK_CHART = go.layout.Template(layout=_templates["dark"]["layout"], data=_templates["dark"]["data"])
CHART_CONFIG: dict[str, Any] = _templates["config"]


def head() -> list[rx.Component]:
    """Tags for `rx.App(head_components=...)`: favicon, font preload, the scripts for keys and files."""
    return [
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href="/fonts/hanken-grotesk-latin-wght-normal.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        ),
        rx.el.script(src="/js/keys.js", defer=True),
        rx.el.script(src="/js/files.js", defer=True),
    ]


def icon(name: Text, size: int = 16, *, label: Text = "", class_name: Text = "") -> rx.Component:
    """A Lucide icon by its kebab-case name, which may be a var; decorative unless it gets a label.

    The names are the symbols of assets/icons/icons.svg; one cached file instead of a script per icon.
    """
    named = {"role": "img", "aria_label": label} if not isinstance(label, str) or label else {"aria_hidden": "true"}
    scale = "" if size == 16 else f" i{size}"
    return rx.el.svg(
        rx.el.svg.use(href=f"{ICONS}#{name}"),
        class_name=rx.cond(class_name, f"icon{scale} {class_name}", f"icon{scale}")
        if isinstance(class_name, rx.Var)
        else f"icon{scale} {class_name}".strip(),
        **named,
    )


def each(items: Any, draw: Callable[[Any], rx.Component]) -> Any:
    """The drawn items of a list var, or of a plain list."""
    if isinstance(items, rx.Var):
        return rx.foreach(items, draw)
    return rx.fragment(*[draw(item) for item in items])


def when(shown: Any, drawn: Slot, otherwise: Slot | None = None) -> Any:
    """`drawn` if the flag or text holds; a plain value decides while building, a var in the browser."""
    if isinstance(shown, rx.Var):
        condition = shown != "" if shown._var_type is str else shown  # noqa: SLF001  # the only way to ask a var its type
        return rx.cond(condition, drawn, otherwise if otherwise is not None else rx.fragment())
    if shown:
        return drawn
    return otherwise if otherwise is not None else rx.fragment()


def inline(**names: Any) -> dict[str, Any]:
    """Custom attributes that set CSS variables on one element: `inline(w="33.2%")` is `--w`.

    One var, not a dict of vars: only so does the compiler see the states inside.
    """
    return {"style": rx.Var.create({f"--{name}": value for name, value in names.items()})}


def flag(value: Flag) -> Any:
    """An ARIA value: the words true and false, from a bool or a var."""
    if isinstance(value, rx.Var):
        return rx.cond(value, "true", "false")
    return "true" if value else "false"
