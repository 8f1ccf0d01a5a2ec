"""The documents, and search in them. Each document is part of the built front end: it needs no socket."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from agent_platform.components.feedback import empty
from agent_platform.components.fields import search_input
from agent_platform.components.markdown import prose
from agent_platform.components.public import plain_form
from agent_platform.components.theme import each, icon
from agent_platform.pages._frame import public_frame
from agent_platform.state.docs import DocsState as State
from agent_platform.state.session import Session
from agent_platform.views.docs import Document, read_changelog, read_documents
from agent_platform.views.docs_search import MOST_QUERY
from agent_platform.views.site.documents import SEARCH

DOCUMENTS: Sequence[Document] = read_documents()
CHANGELOG = read_changelog()


def index() -> rx.Component:
    """What there is to read, or what was found in it."""
    shown = rx.match(State.showing, ("found", found()), ("none", nothing()), every_document())
    return public_frame(
        title(), rx.el.div(shown, class_name="public", padding_top="24px"), shell=Session.shell, current="docs"
    )


def title() -> rx.Component:
    """Without a script the browser itself sends the words."""
    words = search_input("q", State.q, State.search, label=SEARCH, size=3, max_length=MOST_QUERY)
    find = plain_form(words, action="/docs", role="search", class_name="docs-search")
    return rx.el.div(rx.el.div(rx.el.h1("Documents"), find, class_name="public col gap-3"), class_name="public-title")


def every_document() -> rx.Component:
    listed = [
        rx.el.article(
            rx.el.h2(rx.el.a(document.title, href=document.path), class_name="title"),
            rx.el.p(document.summary, class_name="muted"),
            class_name="card agent-card short",
        )
        for document in (*DOCUMENTS, CHANGELOG)
    ]
    return rx.el.div(*listed, class_name="grid-2")


def found() -> rx.Component:
    view = State.search_view
    meant = rx.cond(
        view.meant != "",
        rx.el.p("Nothing has these words; shown is what has: ", rx.el.b(view.meant), class_name="muted"),
    )
    number = rx.el.p(view.found, " for “", view.q, "”", class_name="muted", role="status")
    return rx.el.div(number, meant, rx.el.ol(each(view.hits, hit), class_name="hits"), class_name="col gap-3")


def hit(view: Any) -> rx.Component:
    head = rx.el.h2(
        rx.el.a(view.title, href=view.href, reload_document=True),
        " ",
        rx.el.span(view.document, class_name="muted meta"),
    )
    said = rx.el.p(each(view.parts, lambda part: rx.cond(part.found, rx.el.mark(part.text), rx.fragment(part.text))))
    return rx.el.li(head, said)


def nothing() -> rx.Component:
    """The list stays beneath, to read through."""
    words = f"No document has “{State.search_view.q}”"
    none = empty(words, "Try fewer or other words, or read through the list.", icon_name="search")
    return rx.el.div(rx.el.div(none, role="status"), every_document(), class_name="col gap-4")


def page_of(document: Document) -> Callable[[], rx.Component]:
    """The function that draws one document."""

    def draw() -> rx.Component:
        text = rx.el.article(rx.el.h1(document.title), prose(document.html), class_name="document")
        return public_frame(
            rx.el.div(_contents(document), text, _headings(document), class_name="public docs"),
            shell=Session.shell,
            current="creators" if document.name == "first-agent" else "docs",
        )

    return draw


def _contents(current: Document) -> rx.Component:
    links = [
        rx.el.a(document.title, href=document.path, **({"aria_current": "page"} if document is current else {}))
        for document in (*DOCUMENTS, CHANGELOG)
    ]
    return rx.el.div(
        _small_search(), rx.el.nav(*links, aria_label="Documents", class_name="docs-nav"), class_name="docs-side"
    )


def _small_search() -> rx.Component:
    entry = rx.el.input(
        name="q",
        type="search",
        aria_label=SEARCH,
        placeholder="Search",
        auto_complete="off",
        max_length=MOST_QUERY,
        custom_attrs={"data-search": ""},
    )
    return plain_form(rx.el.div(icon("search"), entry, class_name="input"), action="/docs", role="search")


def _headings(document: Document) -> rx.Component:
    """Within the page; the browser itself jumps."""
    links = [
        rx.el.a(heading.text, href=f"#{heading.id}", reload_document=True, class_name=f"level-{heading.level}")
        for heading in document.headings
    ]
    return rx.el.nav(
        rx.el.b("On this page", class_name="meta"), *links, aria_label="On this page", class_name="docs-nav on-page"
    )
