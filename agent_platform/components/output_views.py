"""The output of a run: a tab for each view of the manifest, and the open one drawn."""

from typing import Any

import reflex as rx

from agent_platform.components.buttons import link_button
from agent_platform.components.cards import card, card_body, facts
from agent_platform.components.charts import chart, legend_of
from agent_platform.components.feedback import empty
from agent_platform.components.fields import search_input
from agent_platform.components.figures import figure
from agent_platform.components.log_view import code_block
from agent_platform.components.markdown import prose
from agent_platform.components.money import money
from agent_platform.components.output_table import OutputEvents, file_list, row_table
from agent_platform.components.pager import pager
from agent_platform.components.tables import text_table
from agent_platform.components.tabs import view_tabs
from agent_platform.components.theme import Slot, Text, icon, when

CHART_HEIGHT = 320


def output_panel(
    view: Any, figure_var: Any, document: Any, files: Any, events: OutputEvents, *, find: Text, exports: rx.Component
) -> rx.Component:
    """An `OutputView` with what its kind needs beside it: the figure of a chart, the document of a file, the list of files."""
    drawn = rx.match(
        view.kind,
        ("cards", _paged(view, events, _cards(view))),
        ("json", _paged(view, events, code_block(view.json_text, name="Rows of this page as JSON"))),
        ("chart", _chart(view, figure_var)),
        ("figures", card_body(rx.el.dl(rx.foreach(view.figures, figure), class_name="key-figures"))),
        ("markdown", _document(view, document)),
        ("file", _document(view, document)),
        ("files", card_body(file_list(files))),
        _paged(view, events, row_table(view, events)),
    )
    nothing = empty(view.empty_title, view.empty, icon_name="table", boxed=False)
    said = rx.el.p(icon("info", 14), view.said, class_name="row gap-1 meta muted view-note", role="note")
    body = rx.cond(view.empty == "", rx.fragment(when(view.said, said), drawn), nothing)
    return card(_head(view, events, find=find, exports=exports), body, class_name="output")


def _head(view: Any, events: OutputEvents, *, find: Text, exports: rx.Component) -> rx.Component:
    """One line over the view: the tabs, and what can be done with rows."""
    tabs = view_tabs(view.shapes, view.shape, events.choose_shape, name="Views of the output")
    finder = rx.el.span(
        search_input("find-rows", find, events.find, label="Find in these rows", size=1), class_name="finder"
    )
    paged = (view.kind == "table") | (view.kind == "cards") | (view.kind == "json")
    actions = rx.el.div(
        rx.cond(paged & view.has_rows, finder), rx.cond(view.is_of_rows & view.has_rows, exports), class_name="row"
    )
    return rx.el.div(tabs, actions, class_name="card-head views-head")


def _paged(view: Any, events: OutputEvents, body: rx.Component) -> rx.Component:
    foot = pager(
        view.words,
        on_previous=events.previous,
        on_next=events.next,
        has_previous=view.has_previous,
        has_next=view.has_next,
    )
    return rx.fragment(body, foot)


def _cards(view: Any) -> rx.Component:
    def one(row: Any) -> rx.Component:
        charged = rx.cond(view.is_priced, rx.el.span(money(row.charged), class_name="meta"))
        return rx.el.li(
            rx.el.div(rx.el.b(row.heading, class_name="prewrap"), charged, class_name="row between top gap-3"),
            facts(row.facts, tight=True),
            class_name="card",
        )

    return rx.el.ul(rx.foreach(view.rows, one), class_name="output-cards", aria_label=view.title)


def _chart(view: Any, figure_var: Any) -> rx.Component:
    twin = text_table(view.twin, name=view.title)
    words = rx.cond(view.twin.columns.length() > 2, legend_of(view.twin))  # one series needs no key
    return card_body(words, chart(figure_var, summary=view.summary, twin=twin, height=CHART_HEIGHT))


def _document(view: Any, document: Any) -> rx.Component:
    """Clean HTML or plain text, and the way to the file itself where it is kept."""
    fetch: Slot = link_button(
        "Download ", view.file.name, href=view.file.href, size=1, icon_name="download", saves=True
    )
    about = rx.el.div(
        rx.el.p(document.said, class_name="meta muted grow"),
        rx.el.span(view.file.size, class_name="meta muted num"),
        rx.cond(view.file.href != "", fetch),
        class_name="row gap-3 wrap file-about",
    )
    return card_body(
        about,
        rx.cond(document.html != "", prose(document.html)),
        rx.cond(document.text != "", code_block(document.text, name="Content of the file")),
        class_name="col gap-4",
    )
