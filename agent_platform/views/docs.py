"""The documents of `docs/` that people read in the product: read once, when the pages are built."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from pathlib import Path

from agent_platform.views.markdown import render_markdown
from agent_platform.views.site import words

ROOT = Path(__file__).parents[2] / "docs"
FILES = {
    "help": ("help.md", "How to find and run an agent, what it costs, and what to do when something goes wrong."),
    "first-agent": ("creators/first-agent.md", "From two files to an agent that others run for a price."),
    "manifest": ("creators/manifest.md", "Every key of agent.yaml: what it means and what it may be."),
    "runtime-api": ("creators/runtime-api.md", "What an agent finds when it runs, and what it may call."),
    "api": ("api.md", "Start agents from a program: keys, requests, answers and every error."),
    "receipts": ("receipts.md", "What a receipt says, and how to check its signature yourself."),
    "self-hosting": ("self-hosting.md", "Settings, commands and limits of running the platform yourself."),
}
CHANGELOG = "changelog"
CHANGELOG_FILE = ROOT.parent / "CHANGELOG.md"
HEADING = re.compile(r"<h([23])>(.*?)</h\1>", re.DOTALL)
TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
LINK = re.compile(r'href="(?:\.\./)?(?:creators/)?([a-z-]+)\.md(#[a-z0-9-]*)?"')
LINK_IN_SOURCE = re.compile(r"\]\((?:\.\./)?(?:creators/)?([a-z-]+)\.md(#[a-z0-9-]*)?\)")
TAG = re.compile(r"<[^>]+>")
ERRORS = re.compile(r"<td>[45]\d\d(?:, [45]\d\d)*</td>\s*<td>.*?</td>")  # a row's statuses and codes
CODE = re.compile(r"<code>([a-z_]+)</code>")


@dataclass(frozen=True)
class Heading:
    id: str
    text: str
    level: int


@dataclass(frozen=True)
class Document:
    """`html` has passed the cleaning of `render_markdown`; only ids of headings, and of the codes of errors, were added to it.

    `source` is the file as it is written, without its title; links to others of these files lead to their Markdown.
    """

    name: str
    title: str
    summary: str
    html: str
    headings: list[Heading] = field(default_factory=list)
    source: str = ""
    path: str = ""

    @classmethod
    def of(cls, name: str, text: str, summary: str = "", path: str = "") -> "Document":
        found = TITLE.search(text)
        title = found[1].replace("`", "").strip() if found else name
        source = TITLE.sub("", text, count=1)
        html = LINK.sub(_page_link, render_markdown(source))
        headings = list(_headings(html))
        source = LINK_IN_SOURCE.sub(_twin_link, source)
        return cls(name, title, summary, _with_codes(_with_ids(html, headings)), headings, source, path)


def read_documents() -> list[Document]:
    """All of them, in the order of the table above."""
    return [
        Document.of(name, (ROOT / path).read_text("utf-8"), summary, f"/docs/{name}")
        for name, (path, summary) in FILES.items()
    ]


@lru_cache(maxsize=1)
def read_changelog() -> Document:
    """What changed for whoever uses this software; it changes only with the program."""
    return Document.of(CHANGELOG, CHANGELOG_FILE.read_text("utf-8"), words.CHANGELOG.description, f"/{CHANGELOG}")


def _page_link(found: re.Match[str]) -> str:
    """A link to another of these files leads to its page; any other file is not served here."""
    return f'href="/docs/{found[1]}{found[2] or ""}"' if found[1] in FILES else found[0]


def _twin_link(found: re.Match[str]) -> str:
    return f"](/docs/{found[1]}.md{found[2] or ''})" if found[1] in FILES else found[0]


def _headings(html: str) -> Iterator[Heading]:
    taken: set[str] = set()
    for level, inner in HEADING.findall(html):
        text = unescape(TAG.sub("", inner))
        plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "part"
        name = next(one for one in (plain, *(f"{plain}-{n}" for n in range(2, 99))) if one not in taken)
        taken.add(name)
        yield Heading(name, text, int(level))


def _with_ids(html: str, headings: list[Heading]) -> str:
    ids = iter(headings)
    return HEADING.sub(lambda found: f'<h{found[1]} id="{next(ids).id}">{found[2]}</h{found[1]}>', html)


def _with_codes(html: str) -> str:
    """Each error can be linked to: its anchor is what the API gives as the `type` of a problem."""
    return ERRORS.sub(lambda row: CODE.sub(_anchored, row[0]), html)


def _anchored(code: re.Match[str]) -> str:
    return f'<code id="{code[1].replace("_", "-")}">{code[1]}</code>'
