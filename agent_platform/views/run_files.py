"""Files of a run: the list, and one that a view names. What an agent wrote as HTML is never opened on our address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from agent_platform.models.run_records import RunFile
from agent_platform.models.runs import Run
from agent_platform.views.format import bytes_text, plain_text
from agent_platform.views.markdown import render_markdown
from agent_platform.views.run import download_base
from agent_platform.views.run_views import ViewSpec
from agent_platform.views.run_words import one_line

MOST_DRAWN_BYTES = 256 << 10
MOST_TEXT = 60_000
TEXT_TYPES = frozenset(
    {"text/plain", "text/csv", "text/tab-separated-values", "text/markdown", "application/json", "application/jsonl"}
)
PAGES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})


@dataclass(frozen=True)
class FileView:
    name: str = ""
    title: str = ""
    size: str = ""
    href: str = ""


@dataclass(frozen=True)
class DocumentView:
    """The content of a file, drawn: clean HTML or plain text. `said` tells what is not drawn, and why."""

    html: str = ""
    text: str = ""
    said: str = ""


def files_of(run: Run, files: Sequence[RunFile], output: dict[str, Any]) -> list[FileView]:
    titles = {entry["name"]: entry.get("title", "") for entry in output.get("files") or [] if "name" in entry}
    return [file_of(run, found, titles.get(found.name, "")) for found in files]


def file_of(run: Run, found: RunFile, title: str) -> FileView:
    return FileView(
        one_line(found.name, 200),
        one_line(title, 60),
        bytes_text(found.bytes),
        f"{download_base(run)}/files/{quote(found.name, safe='')}",
    )


def media_type_of(found: RunFile, output: dict[str, Any]) -> str:
    """What the manifest promises of this file; else what the agent said when it put it."""
    promised = (entry.get("media_type") for entry in output.get("files") or [] if entry.get("name") == found.name)
    return next(promised, None) or found.media_type


def is_drawn(view: ViewSpec, media_type: str) -> bool:
    """Whether this file is worth reading: Markdown as such, other text as text, the rest is for download."""
    return view.kind == "markdown" or _plain(media_type) in TEXT_TYPES


def document_of(view: ViewSpec, name: str, content: bytes) -> DocumentView:
    """`content` is the beginning of the file, at most MOST_DRAWN_BYTES of it."""
    text = _read(content)
    if text is None:
        return DocumentView(said=f"{one_line(name, 120)} is not plain text, so it is not drawn here. Download it.")
    cut = len(text) > MOST_TEXT or len(content) >= MOST_DRAWN_BYTES
    said = "This is its beginning; the download has all of it." if cut else ""
    if view.kind == "markdown":
        return DocumentView(html=render_markdown(text[:MOST_TEXT]), said=said)
    return DocumentView(text=plain_text(text[:MOST_TEXT]), said=said)


def not_drawn(name: str, media_type: str) -> DocumentView:
    """Why a file is only for download."""
    shown = one_line(name, 120)
    if _plain(media_type) in PAGES:
        return DocumentView(
            said=f"{shown} is a page that the agent wrote. It is never opened on this address; download it to read it."
        )
    return DocumentView(said=f"{shown} is not text, so it is not drawn here. Download it.")


def _plain(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _read(content: bytes) -> str | None:
    """UTF-8, allowing for a letter cut at the end."""
    if b"\x00" in content:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut = len(content) >= MOST_DRAWN_BYTES and error.start >= len(content) - 3
        return content[: error.start].decode("utf-8-sig") if cut else None
