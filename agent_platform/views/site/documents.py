"""The documents for creators and operators: the built pages show them without a script, so only heads and twins are made."""

from collections.abc import Sequence

from agent_platform.views.docs import Document
from agent_platform.views.site import blocks, data
from agent_platform.views.site.blocks import Heading, Link, Picture, SitePage, Trail, Words
from agent_platform.views.site.words import DOCUMENTS

ROOT = (Link("Home", "/"), Link("Documents", "/docs"))


def documents_page(documents: Sequence[Document], base_url: str) -> SitePage:
    links = [Link(one.title, f"/docs/{one.name}", one.summary) for one in documents]
    return SitePage(
        path="/docs",
        title=DOCUMENTS.title,
        description=DOCUMENTS.description,
        picture=Picture(DOCUMENTS.title, text=DOCUMENTS.description),
        picture_path="/og/docs.png",
        twin="/docs.md",
        current="docs",
        drawn=True,
        data=[data.breadcrumbs(ROOT, base_url)],
        blocks=[Heading(DOCUMENTS.title, 1), Words(DOCUMENTS.description, lead=True), blocks.Links(links, "Documents")],
    )


def document_page(document: Document, base_url: str) -> SitePage:
    path = f"/docs/{document.name}"
    trail = [*ROOT, Link(document.title, path)]
    return SitePage(
        path=path,
        title=document.title,
        description=document.summary,
        picture=Picture(document.title, text=document.summary),
        picture_path=f"/og{path}.png",
        twin=f"{path}.md",
        current="creators" if document.name == "first-agent" else "docs",
        kind="article",
        drawn=True,
        data=[data.article(document.title, document.summary, path, base_url), data.breadcrumbs(trail, base_url)],
        blocks=[Trail(trail), Heading(document.title, 1), blocks.Document(document.html, document.source)],
    )
