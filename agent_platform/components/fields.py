"""Form fields: label, control, hint and error. Text reaches the state 250 ms after the last key, or on leaving."""

from typing import Any

import reflex as rx
from reflex_components_core.core.debounce import DebounceInput

from agent_platform.components.buttons import button
from agent_platform.components.theme import Flag, Slot, Text, each, icon, inline, when
from agent_platform.views.uploads import MOST_UPLOAD_BYTES, UPLOADS
from agent_platform.views.zones import ZONES

PAUSE_MS = 250


class TypedInput(DebounceInput):
    """The framework's own way of wrapping a control, with a script that loses nothing of what is typed."""

    library = "$/public/js/typed_input.js"
    tag = "TypedInput"
    is_default = False


def field(
    control: rx.Component,
    *,
    name: Text,
    label: Slot,
    hint: Text = "",
    error: Text = "",
    required: Flag = False,
) -> rx.Component:
    """A control with its label above, hint or error below; the control's id is its name."""
    mark = when(required, rx.el.span("required", class_name="mark"))
    below = fault(error, name=name, otherwise=when(hint, rx.el.p(hint, class_name="help", id=f"{name}-help")))
    return rx.el.div(rx.el.label(label, mark, html_for=name, class_name="label"), control, below, class_name="field")


def fault(error: Text, *, name: Text, otherwise: Slot = "") -> rx.Component:
    """What is wrong with a control or a group of them, read out at once; `otherwise` stands there while nothing is."""
    said = rx.el.p(icon("circle-x", 14), error, class_name="fault", role="alert", id=f"{name}-fault")
    return when(error, said, otherwise)


def text_input(
    name: Text, value: Any, on_change: Any, *, before: Slot = "", unit: Slot = "", wrong: Flag = False, **props: Any
) -> rx.Component:
    """One line of text; `before` is a sign or icon, `unit` stands at the right; `size=1` or `3` as keyword.

    `mono=True`, `placeholder=`, `type=` and any attribute of an input are passed on.
    """
    classes = _box(props, "input")
    control = _typed(
        rx.el.input(
            value=value,
            on_change=on_change,
            id=name,
            name=name,
            aria_invalid=_invalid(wrong),
            **_described(name, props),
        )
    )
    sign = before if isinstance(before, rx.Component) else when(before, rx.el.span(before, class_name="unit"))
    behind = unit if isinstance(unit, rx.Component) else when(unit, rx.el.span(unit, class_name="unit meta"))
    return rx.el.div(sign, control, behind, class_name=_wrong(classes, wrong))


def number_input(
    name: Text, value: Any, on_change: Any, *, unit: Text = "", wrong: Flag = False, **props: Any
) -> rx.Component:
    """A number with its unit; stays a text input, so that what was typed is kept even if it is wrong."""
    props.setdefault("input_mode", "decimal")
    props.setdefault("auto_complete", "off")
    return text_input(name, value, on_change, unit=unit, wrong=wrong, **props)


def search_input(
    name: Text, value: Any, on_change: Any, *, label: str, key: bool = False, **props: Any
) -> rx.Component:
    """A search field; `/` moves to the first one on the page, which `key` shows in it."""
    if key:
        props["unit"] = rx.el.kbd("/", class_name="only-wide")
    props.setdefault("placeholder", label)
    custom = {"data-search": ""}
    return text_input(
        name, value, on_change, before=icon("search"), type="search", aria_label=label, custom_attrs=custom, **props
    )


def slider(
    name: Text, place: Any, on_move: Any, *, last: int, label: str, words: Text, ends: tuple[str, str]
) -> rx.Component:
    """Places 0 to `last`; `words` say what the present one means, `ends` what lies at the left and right."""
    control = rx.el.input(
        type="range", name=name, min="0", max=str(last), step="1", value=place, on_change=on_move, aria_label=label,
        aria_valuetext=words, class_name="slider",
    )  # fmt: skip
    foot = rx.el.div(rx.el.span(ends[0]), rx.el.b(words), rx.el.span(ends[1]), class_name="row between num slider-foot")
    return rx.el.div(_typed(control), foot, **inline(at=place, last=last))


def select(name: Text, value: Any, on_change: Any, options: Any, *, wrong: Flag = False, **props: Any) -> rx.Component:
    """A native select; options are a list of strings, of pairs (value, label), or of `OptionView`."""
    classes = _box(props, "input select")
    control = rx.el.select(
        _options(options), value=value, on_change=on_change, id=name, name=name, aria_invalid=_invalid(wrong), **props
    )
    return rx.el.div(control, icon("chevron-down", 14), class_name=_wrong(classes, wrong))


def zone_select(name: Text, value: Any, on_change: Any, *, none: str = "") -> rx.Component:
    """Every time zone there is; `none` are the words of having chosen none."""
    zones = rx.foreach(list(ZONES), lambda zone: rx.el.option(zone, value=zone))
    first = rx.el.option(none, value="") if none else rx.fragment()
    control = rx.el.select(first, zones, value=value, on_change=on_change, id=name, name=name)
    return rx.el.div(control, icon("chevron-down", 14), class_name="input select")


def text_area(
    name: Text,
    value: Any,
    on_change: Any,
    *,
    rows: int = 4,
    wrong: Flag = False,
    typed: type[TypedInput] = TypedInput,
    **props: Any,
) -> rx.Component:
    """Several lines of text; `typed` is what stands under it."""
    classes = _box(props, "input area")
    control = _typed(
        rx.el.textarea(
            value=value,
            on_change=on_change,
            id=name,
            name=name,
            rows=str(rows),
            aria_invalid=_invalid(wrong),
            **_described(name, props),
        ),
        typed,
    )
    return rx.el.div(control, class_name=_wrong(classes, wrong))


def checkbox(
    label: Slot, checked: Flag, on_toggle: Any, *, note: Text = "", small: bool = False, **props: Any
) -> rx.Component:
    """A checkbox with its label; `on_toggle` takes no value, the state turns its own."""
    return rx.el.label(
        rx.el.input(type="checkbox", checked=checked, on_change=on_toggle, **props),
        rx.el.span(label, class_name="grow" if small else ""),
        when(note, rx.el.span(note, class_name="count-plain num" if small else "muted meta")),
        class_name="tick small" if small else "tick gap-3",
    )


def switch(label: Slot, checked: Flag, on_toggle: Any, **props: Any) -> rx.Component:
    """An on/off switch before its label, for what takes effect at once."""
    control = rx.el.input(
        type="checkbox", role="switch", checked=checked, on_change=on_toggle, class_name="switch", **props
    )
    return rx.el.label(control, label, class_name="row medium")


def radio_card(title: Text, sentence: Text, *, group: str, value: str, chosen: Text, on_choose: Any) -> rx.Component:
    """One of several large choices."""
    control = rx.el.input(type="radio", name=group, value=value, checked=chosen == value, on_change=on_choose)
    head = rx.el.span(control, rx.el.span(title, class_name="medium"), class_name="tick")
    return rx.el.label(head, rx.el.span(sentence, class_name="muted meta"), class_name="choice")


def file_input(
    name: Text,
    value: Any,
    on_change: Any,
    *,
    note: Text = "",
    to: Text = UPLOADS,
    most_bytes: Any = MOST_UPLOAD_BYTES,
    holds: Text | None = None,
    **props: Any,
) -> rx.Component:
    """A file picker that sends what is chosen or dropped to `to` by the page script and hands its id to `on_change`.

    With `holds`, which says what stays when another file is refused, the name comes behind the id, a line for each file.
    `removal=` is what takes a chosen file away; `accept=`, `multiple=` and `disabled=` are passed on.
    """
    removal = props.pop("removal", rx.fragment())
    sends = {"data-upload": to, "data-most-bytes": most_bytes} | ({} if holds is None else {"data-named": ""})
    picker = rx.el.input(type="file", id=name, class_name="sr-only", custom_attrs=sends, **props)
    words = rx.el.span(
        rx.el.span("Choose a file or drop it here", class_name="medium"),
        rx.el.span(note, class_name="help", custom_attrs={"data-file-note": ""}, aria_live="polite"),
        class_name="col gap-1 grow",
    )
    return rx.el.div(
        rx.el.label(icon("file-up"), words, picker, html_for=name),
        _carrier(value, on_change),
        removal,
        class_name="dropzone",
        custom_attrs={"data-holds": "" if holds is None else holds},
    )


def file_removal(removals: Any, *, title: Text, rest: Text) -> rx.Component:
    """A button for each `RemovalView`, and one while a file is being sent; `rest` is the note of an empty field.

    The page script hands over what is left, as it hands over what was chosen.
    """
    held = each(removals, lambda one: _removal(one.words, aria_label=one.label, custom_attrs={"data-removes": one.key}))
    sending = _removal("Remove", custom_attrs={"data-stop": "", "data-title": title})
    return rx.el.div(held, sending, class_name="removals", custom_attrs={"data-rest": rest})


def _removal(words: Text, **props: Any) -> rx.Component:
    return button(rx.el.span(words, class_name="truncate"), kind="ghost", size=1, icon_name="x", **props)


def _typed(control: rx.Component, typed: type[TypedInput] = TypedInput) -> rx.Component:
    return typed.create(control, debounce_timeout=PAUSE_MS)


def _carrier(value: Text, on_change: Any) -> rx.Component:
    hidden = {"data-lines": "", "aria-hidden": "true"}
    return rx.el.textarea(value=value, on_change=on_change, class_name="sr-only", tab_index=-1, custom_attrs=hidden)


def _options(options: Any) -> Any:
    if isinstance(options, rx.Var):
        if options._var_type == list[str]:  # noqa: SLF001  # the only way to ask a var its type
            return rx.foreach(options, lambda one: rx.el.option(one, value=one))
        return rx.foreach(options, lambda one: rx.el.option(one.label, value=one.value))
    pairs = [(one, one) if isinstance(one, str) else one for one in options]
    return rx.fragment(*[rx.el.option(label, value=value) for value, label in pairs])


def _box(props: dict[str, Any], base: str) -> str:
    size, mono = props.pop("size", 2), props.pop("mono", False)
    return base + ("" if size == 2 else f" s{size}") + (" mono" if mono else "")


def _wrong(classes: str, wrong: Flag) -> Any:
    if isinstance(wrong, rx.Var):
        return rx.cond(wrong, f"{classes} wrong", classes)
    return f"{classes} wrong" if wrong else classes


def _invalid(wrong: Flag) -> Any:
    return rx.cond(wrong, "true", "false") if isinstance(wrong, rx.Var) else ("true" if wrong else "false")


def _described(name: Text, props: dict[str, Any]) -> dict[str, Any]:
    return {"aria_describedby": f"{name}-fault {name}-help", **props}
