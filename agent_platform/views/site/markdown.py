"""Blocks as Markdown for programs that read. Creators' words are escaped, or stand fenced as what they are: quoted text."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from agent_platform.views.parts import AgentCardView, FactView
from agent_platform.views.site import blocks as b

SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!])")
FENCE = re.compile(r"`{3,}")


def text(page: b.SitePage, base_url: str) -> str:
    """The whole page as a Markdown document; its links are absolute."""
    return written(page.blocks, base_url, address=f"{base_url}{page.path}")


def written(blocks: Sequence[b.Block], base_url: str, *, address: str) -> str:
    """The blocks of the page at this address; what they link to lies below the base URL."""
    parts = [_WRITE[type(block)](block, base_url) for block in blocks]
    return "\n\n".join(part for part in parts if part) + f"\n\n---\nPage: {address}\n"


def escaped(words: str) -> str:
    """One line that no reader of Markdown takes for markup, HTML or a link."""
    return SPECIAL.sub(r"\\\1", " ".join(words.split()))


def link(words: str, path: str, base_url: str) -> str:
    """`path` is one of ours and holds no brackets; a blank would end it."""
    return f"[{escaped(words)}]({base_url}{path})"


def fenced(source: str, kind: str = "markdown") -> str:
    """The source as a block that ends where it should, whatever stands in it."""
    longest = max((len(run) for run in FENCE.findall(source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{kind}\n{source.strip()}\n{fence}"


def agent_line(card: AgentCardView, base_url: str) -> str:
    """One agent of a list, with its price and, once it is known, its quality."""
    quality = f" Quality {card.quality}." if card.quality.isdigit() else ""
    price = escaped(" ".join(part for part in (card.price, card.price_unit) if part))
    return f"- {link(card.title, f'{card.href}.md', base_url)} ({escaped(card.address)}): {escaped(card.promise)} {price}{quality}"


def _heading(block: b.Heading, _base: str) -> str:
    return f"{'#' * block.level} {escaped(block.text)}"


def _words(block: b.Words, _base: str) -> str:
    return f"> {escaped(block.text)}" if block.lead else escaped(block.text)


def _links(block: b.Links, base: str) -> str:
    lines = [f"- {link(one.words, one.href, base)}{f' {escaped(one.note)}' if one.note else ''}" for one in block.items]
    name = [f"{escaped(block.name)}:", ""] if lines and block.name and not block.buttons else []
    return "\n".join([*name, *lines])


def _trail(block: b.Trail, base: str) -> str:
    *above, here = block.items
    return " / ".join([*(link(one.words, one.href, base) for one in above), escaped(here.words)])


def _facts(block: b.Facts, _base: str) -> str:
    return "\n".join(f"- {escaped(row.label)}: {escaped(row.value)}{_besides(row)}" for row in block.rows)


def _besides(row: FactView) -> str:
    said = "; ".join(escaped(words) for words in (row.note, row.spark_words) if words)
    return f" ({said})" if said else ""


def _table(block: b.Table, _base: str) -> str:
    return "\n".join([_row(block.head), _row(["---"] * len(block.head)), *(_row(row) for row in block.rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"


def _cards(block: b.Cards, base: str) -> str:
    return "\n".join(agent_line(card, base) for card in block.items)


def _quoted(block: b.Quoted, _base: str) -> str:
    """Fenced, not laid out beneath our headings: a twin is read by programs, which know our own words by where they stand.

    Unfenced, a README could write lines like our own, such as a price, a permission, a review or the end of the page, and pass as them
    whatever the level of its headings.
    """
    return fenced(block.source)


def _text(block: b.Text, _base: str) -> str:
    return fenced(block.text, "text")


def _document(block: b.Document, _base: str) -> str:
    return block.source.strip()


def _hits(block: b.Hits, base: str) -> str:
    return "\n".join(
        f"- {link(one.title, one.href, base)}{f' ({escaped(one.document)})' if one.document else ''}: "
        f"{escaped(''.join(part.text for part in one.parts))}"
        for one in block.items
    )


def _nothing(_block: b.Search | b.MailForm | b.Form, _base: str) -> str:
    return ""


_WRITE: dict[type, Callable[[Any, str], str]] = {
    b.Heading: _heading,
    b.Words: _words,
    b.Links: _links,
    b.Trail: _trail,
    b.Facts: _facts,
    b.Table: _table,
    b.Cards: _cards,
    b.Quoted: _quoted,
    b.Text: _text,
    b.Document: _document,
    b.Search: _nothing,
    b.Hits: _hits,
    b.Form: _nothing,
    b.MailForm: _nothing,
}
