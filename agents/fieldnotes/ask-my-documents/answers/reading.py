"""From bytes to lines of text, so that a quote can be found again by its number."""

import codecs
import html
import io
import re
import zipfile
import zlib
from dataclasses import dataclass

MOST_XML_BYTES = 40 * 1024 * 1024
MOST_LINES = 1_000_000
FOREIGN = {
    b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old Office file", b"\x1f\x8b": "a gzip archive", b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture", b"GIF8": "a picture", b"SQLite": "a database", b"{\\rtf": "an RTF file",
}  # fmt: skip
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
RAW = re.compile(r"<(script|style)\b", re.IGNORECASE)
CLOSING = {name: re.compile(f"</{name}[^>]{{0,100}}>", re.IGNORECASE) for name in ("script", "style")}
TAG = re.compile(r"</?[a-zA-Z]|<!|<\?")
HTML = re.compile(r"\s*(?:<!doctype\s+html|<html|<head|<body)", re.IGNORECASE)
WORD_TEXT = re.compile(r"<w:t(?:\s[^>]{0,200})?>([^<]*)</w:t>|<w:(?:tab|br|cr)\b")
WORD_HEADING = re.compile(r"<w:pStyle w:val=\"(?:Heading|berschrift|Title)", re.IGNORECASE)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError, KeyError)


class Unreadable(Exception):
    """The file is no document that is read here; the text says what it is and what to do."""


@dataclass(frozen=True)
class Document:
    """`unit` is what `lines` are: line or paragraph. `is_table`: the first line names columns."""

    name: str
    lines: list[str]
    unit: str = "line"
    is_table: bool = False


def read_document(name: str, content: bytes) -> Document:
    """Raises: Unreadable."""
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("The file is empty. Give a document with text in it.")
    if content[:4] == b"PK\x03\x04":
        return _word(name, content)
    for sign, kind in FOREIGN.items():
        if content.startswith(sign):
            raise Unreadable(f"This is {kind}. Save the document as text, Markdown, HTML or .docx first.")
    text = _decoded(content)
    if text is None:
        raise Unreadable("This is no text. Give text, Markdown, HTML, CSV, JSON or .docx.")
    ending = name.rpartition(".")[2].lower()
    is_html = ending in {"html", "htm"} or HTML.match(text[:1000]) is not None
    lines = (without_tags(text) if is_html else text).split("\n")
    if len(lines) > MOST_LINES:
        raise Unreadable(f"It has more than {MOST_LINES:,} lines. Give a part of it.")
    if is_html:
        lines = [html.unescape(line).replace("\n", " ") for line in lines]
    return Document(name, [line.rstrip("\r") for line in lines], is_table=ending in {"csv", "tsv"})


def without_tags(text: str) -> str:
    """The text between tags; every line stays where it is. Read once from front to back."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0:
        kept.append(text[at:start])
        end = _end_of_tag(text, start)
        if end == start + 1:
            kept.append("<")
        else:
            kept.append("\n" * text.count("\n", start, end) or " ")
        at = end
    return "".join([*kept, text[at:]])


def _end_of_tag(text: str, start: int) -> int:
    """The place behind the tag, comment or script that begins here; the next character when none does."""
    if text.startswith("<!--", start):
        end = text.find("-->", start)
        return len(text) if end < 0 else end + 3
    if raw := RAW.match(text, start):
        closing = CLOSING[raw[1].lower()].search(text, start)
        return closing.end() if closing else len(text)
    if not TAG.match(text, start):
        return start + 1
    end = text.find(">", start)
    return len(text) if end < 0 else end + 1


def _decoded(content: bytes) -> str | None:
    """UTF-8, UTF-16 with a mark, else Windows-1252; None for what is no text."""
    for mark, codec in MARKS:
        if content.startswith(mark):
            return content.decode(codec, "replace")
    if b"\x00" in content[:8192]:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return None if sum(letter < " " and letter not in "\t\r\n\f" for letter in text[:8192]) > 80 else text


def _word(name: str, content: bytes) -> Document:
    """The paragraphs of a .docx. Source: ECMA-376 part 1, section 17.3."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as file:
            xml = file.read(MOST_XML_BYTES + 1)
    except DAMAGED as error:
        raise Unreadable("This is a zip, and no .docx that can be read. Give text, Markdown, HTML, CSV, JSON or .docx.") from error
    if len(xml) > MOST_XML_BYTES:
        raise Unreadable("It unpacks to more than 40 MiB of text. Give a part of it.")
    lines = []
    for paragraph in xml.decode("utf-8", "replace").split("</w:p>")[:MOST_LINES]:
        text = "".join(found[1] if found[1] is not None else " " for found in WORD_TEXT.finditer(paragraph))
        plain = " ".join(html.unescape(text).split())
        lines.append(f"# {plain}" if plain and WORD_HEADING.search(paragraph) else plain)
    if not any(lines):
        raise Unreadable("It holds no text that can be read. Save it as text first.")
    return Document(name, lines, unit="paragraph")
