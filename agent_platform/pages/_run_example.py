"""On the page of a run: keeping it as an example of its agent."""

import reflex as rx

from agent_platform.components.buttons import button, link_button
from agent_platform.components.callouts import callout
from agent_platform.components.dialog import close_button, form_dialog
from agent_platform.pages._studio_examples import words_fields
from agent_platform.state.run import RunPage as State

EFFECT = (
    "Everybody reads it on a page of its own: all that this run was given, its first 100 rows, its result, the names of its files "
    "and the text of those that its page draws. "
    "They stay as they are now, also after the run is gone."
)


def example_action() -> rx.Component:
    """The way to the example that this run is, or to make it one; nothing for runs of others' agents."""
    save = button("Save as example", icon_name="bookmark", on_click=State.ask_example)
    page = link_button("Its example page", href=State.example.href, icon_name="bookmark")
    return rx.cond(State.example.offered, rx.cond(State.example.href != "", page, save))


def example_dialog() -> rx.Component:
    why_not = callout("This run cannot be an example", State.example.why_not, kind="warning")
    words = words_fields(
        "example", State.example_title, State.write_example_title, State.example_line, State.write_example_line
    )
    incomplete = (State.example_title == "") | (State.example_line == "")
    save = button("Save for everybody", kind="solid", on_click=State.save_example, disabled=incomplete)
    may = State.example.why_not == ""
    return form_dialog(
        rx.cond(may, rx.fragment(*words), why_not),
        title="Save this run as an example?",
        effect=rx.cond(may, EFFECT, ""),
        shown=State.example_shown,
        on_change=State.set_example_shown,
        foot=(close_button("Not now"), rx.cond(may, save)),
    )
