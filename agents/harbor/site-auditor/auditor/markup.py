"""The tags of a page, read once from front to back: no input makes it slow, none makes it fail.

Source of names and raw text elements: HTML Living Standard, sections 13.1.2 and 13.2.5.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_CHARACTERS = 3_000_000
MOST_TAG_CHARACTERS = 65_536
MOST_LINKS = 5_000
MOST_TEXT = 1_000
TAG = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]{1,100})(?:\s{0,100}=\s{0,100}("[^"]*"|'[^']*'|[^\s"'>]*))?|[\s/"'=]+""")
RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea", "title", "noscript")}
INNER = re.compile(r"<[^>]{0,500}>")
CHARSET = re.compile(rb"charset\s{0,20}=\s{0,20}[\"']?([a-zA-Z0-9_.:-]{1,40})", re.IGNORECASE)
SPACE = re.compile(r"\s+")


@dataclass
class Markup:
    """What an audit wants to know of a page. Links are as they were written."""

    title: str | None = None
    titles: int = 0
    description: str | None = None
    robots: set[str] = field(default_factory=set)
    lang: str = ""
    base: str = ""
    has_viewport: bool = False
    canonicals: list[str] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    images: int = 0
    missing_alt: int = 0


def read_markup(content: bytes, charset: str = "") -> Markup:
    found = Markup()
    text = decoded(content, charset)[:MOST_CHARACTERS]
    for name, attributes, at in _tags(text):
        _note(found, name, attributes, text, at)
    return found


def decoded(content: bytes, charset: str = "") -> str:
    """In the charset of the header, else of the page, else UTF-8; what does not decode becomes a replacement character."""
    named = CHARSET.search(content[:2048])
    for name in (charset, named[1].decode("ascii") if named else "", "utf-8"):
        try:
            return content.decode(name or "utf-8", "replace")
        except (LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def _tags(text: str) -> Iterator[tuple[str, dict[str, str], int]]:
    """Each start tag with its attributes and the place behind it; comments, raw text and titles of drawings are passed over."""
    at = drawings = 0
    while found := TAG.search(text, at):
        if found[0] == "<!--":
            end = text.find("-->", found.end())
            if end < 0:
                return
            at = end + 3
            continue
        name, is_end = found[2].lower(), bool(found[1])
        attributes, at = _attributes(text, found.end())
        if name == "svg" and text[at - 2 : at] != "/>":
            drawings = max(0, drawings - 1) if is_end else drawings + 1
        if is_end or (name == "title" and drawings):
            continue
        yield name, attributes, at
        if name in RAW:
            closing = RAW[name].search(text, at)
            if closing is None:
                return
            at = closing.start()


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """The attributes up to the end of the tag, and the place behind it. The first of two equal names counts."""
    found: dict[str, str] = {}
    end = min(len(text), at + MOST_TAG_CHARACTERS)
    while at < end and (one := ATTRIBUTE.match(text, at, end)) and one.end() > at:
        at = one.end()
        if one[1]:
            value = one[2] or ""
            if value[:1] in {'"', "'"} and len(value) > 1:
                value = value[1:-1]
            found.setdefault(one[1].lower(), html.unescape(value[: 4 * MOST_TEXT]).strip())
    return found, at + 1 if text[at : at + 1] == ">" else at


def _note(found: Markup, name: str, attributes: dict[str, str], text: str, at: int) -> None:
    match name:
        case "title":
            found.titles += 1
            found.title = _words(text, at, "title") if found.title is None else found.title
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            if len(found.headings) < MOST_LINKS:
                found.headings.append((int(name[1]), _words(text, at, name)))
        case "html":
            found.lang = attributes.get("lang", "")
        case "base":
            found.base = found.base or attributes.get("href", "")
        case "meta":
            _note_meta(found, attributes)
        case "link":
            _note_link(found, attributes)
        case "a" | "area":
            _keep(found.links, attributes.get("href"))
        case "img":
            found.images += 1
            found.missing_alt += "alt" not in attributes
            _keep(found.files, attributes.get("src"))
        case "script" | "source" | "video" | "audio" | "iframe" | "embed":
            if name == "iframe":
                _keep(found.links, attributes.get("src"))
            else:
                _keep(found.files, attributes.get("src"))


def _note_meta(found: Markup, attributes: dict[str, str]) -> None:
    content = attributes.get("content", "")[:MOST_TEXT]
    match attributes.get("name", "").lower():
        case "description":
            found.description = content if found.description is None else found.description
        case "robots" | "site-auditor":
            found.robots.update(value.strip() for value in content.lower().split(","))
        case "viewport":
            found.has_viewport = True


def _note_link(found: Markup, attributes: dict[str, str]) -> None:
    relations = attributes.get("rel", "").lower().split()
    target = attributes.get("href")
    if "canonical" in relations and target and len(found.canonicals) < 10:
        found.canonicals.append(target)
    elif {"stylesheet", "icon", "preload", "modulepreload", "manifest"} & set(relations):
        _keep(found.files, target)


def _keep(kept: list[str], target: str | None) -> None:
    if target and len(kept) < MOST_LINKS and not target.startswith(("#", "data:", "javascript:", "mailto:", "tel:")):
        kept.append(target)


def _words(text: str, at: int, name: str) -> str:
    """The text of an element without the tags in it; at most its first characters."""
    piece = text[at : at + 4 * MOST_TEXT]
    end = re.search(f"</{name}", piece, re.IGNORECASE)
    plain = INNER.sub(" ", piece[: end.start()] if end else piece[:MOST_TEXT])
    return SPACE.sub(" ", html.unescape(plain)).strip()[:MOST_TEXT]
