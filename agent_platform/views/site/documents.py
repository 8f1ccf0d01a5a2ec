"""The documents for creators and operators: the built pages show them without a script, so only heads and twins are made."""

from collections.abc import Sequence

from agent_platform.views.docs import Document
from agent_platform.views.docs_search import MOST_QUERY, NOTHING_FOUND, DocsSearchView, search_path
from agent_platform.views.site import blocks, data
from agent_platform.views.site.blocks import Heading, Link, Picture, SitePage, Trail, Words
from agent_platform.views.site.words import DOCUMENTS

ROOT = (Link("Home", "/"), Link("Documents", "/docs"))
SEARCH = "Search the documents"


def documents_page(documents: Sequence[Document], base_url: str, found: DocsSearchView | None = None) -> SitePage:
    """All documents; with `found`, what a search has brought, which search engines do not list."""
    links = [Link(one.title, one.path, one.summary) for one in documents]
    asked = found.q if found else ""
    return SitePage(
        path="/docs",
        title=DOCUMENTS.title,
        description=DOCUMENTS.description,
        picture=Picture(DOCUMENTS.title, text=DOCUMENTS.description),
        picture_path="/og/docs.png",
        twin=search_path(asked).replace("/docs", "/docs.md", 1) if asked else "/docs.md",
        indexed=not asked,
        current="docs",
        drawn=not asked,
        data=[data.breadcrumbs(ROOT, base_url)],
        blocks=[
            Heading(DOCUMENTS.title, 1),
            Words(DOCUMENTS.description, lead=True),
            blocks.Search(asked, "/docs", SEARCH, SEARCH, MOST_QUERY, narrow=True),
            *(_results(found) if found and asked else []),
            blocks.Links(links, "Documents"),
        ],
    )


def _results(found: DocsSearchView) -> list[blocks.Block]:
    if not found.hits:
        return [Words(NOTHING_FOUND.format(found.q))]
    meant = [Words(f"Nothing has these words; shown is what has: {found.meant}.")] if found.meant else []
    return [Words(f"{found.found} for “{found.q}”."), *meant, blocks.Hits(found.hits)]


def changelog_page(document: Document, base_url: str) -> SitePage:
    trail = [Link("Home", "/"), Link(document.title, document.path)]
    return SitePage(
        path=document.path,
        title=document.title,
        description=document.summary,
        picture=Picture(document.title, text=document.summary),
        picture_path=f"/og{document.path}.png",
        twin=f"{document.path}.md",
        kind="article",
        drawn=True,
        data=[
            data.article(document.title, document.summary, document.path, base_url),
            data.breadcrumbs(trail, base_url),
        ],
        blocks=[Trail(trail), Heading(document.title, 1), blocks.Document(document.html, document.source)],
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
