"""The documents for creators and operators, part of the built front end: they need no socket."""

from collections.abc import Callable, Sequence

import reflex as rx

from agent_platform.components.markdown import prose
from agent_platform.pages._frame import public_frame
from agent_platform.state.session import Session
from agent_platform.views.docs import Document, read_documents

DOCUMENTS: Sequence[Document] = read_documents()


def index() -> rx.Component:
    """What there is to read."""
    listed = [
        rx.el.article(
            rx.el.h2(rx.el.a(document.title, href=f"/docs/{document.name}"), class_name="title"),
            rx.el.p(document.summary, class_name="muted"),
            class_name="card agent-card short",
        )
        for document in DOCUMENTS
    ]
    return public_frame(
        rx.el.div(rx.el.h1("Documents", class_name="public"), class_name="public-title"),
        rx.el.div(rx.el.div(*listed, class_name="grid-2"), class_name="public", padding_top="24px"),
        shell=Session.shell,
        current="docs",
    )


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
        rx.el.a(
            document.title,
            href=f"/docs/{document.name}",
            **({"aria_current": "page"} if document.name == current.name else {}),
        )
        for document in DOCUMENTS
    ]
    return rx.el.nav(*links, aria_label="Documents", class_name="docs-nav")


def _headings(document: Document) -> rx.Component:
    """Within the page; the browser itself jumps."""
    links = [
        rx.el.a(heading.text, href=f"#{heading.id}", reload_document=True, class_name=f"level-{heading.level}")
        for heading in document.headings
    ]
    return rx.el.nav(
        rx.el.b("On this page", class_name="meta"), *links, aria_label="On this page", class_name="docs-nav on-page"
    )
