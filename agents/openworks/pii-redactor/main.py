"""PII Finder & Redactor: a row per finding, and the text with every finding masked. Raw values never leave it."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from redactor.candidate import Candidate
from redactor.document import Document, NotText, read_document
from redactor.finder import KINDS, find_all
from redactor.listing import column_names, list_findings
from redactor.masks import mask
from redactor.places import Cells, Lines, find_delimiter

from agent_platform.sdk import AgentError, InputError, Run, agent

BATCH = 500
MOST_LISTED = 50_000


@agent
def redact(run: Run) -> dict[str, Any]:
    """One row per finding, masked.csv or masked.txt, counts by kind."""
    try:
        return _redact(run)
    except AgentError:
        raise
    except Exception as error:
        # An exception's text may quote the input, and the platform keeps it: only its kind is told.
        raise AgentError(
            f"The redactor failed ({type(error).__name__}). No value was stored. Report it to the publisher."
        ) from None


def _redact(run: Run) -> dict[str, Any]:
    document = _read(run)
    text, lines = document.text, Lines(document.text)
    delimiter = find_delimiter(text, strict=not run.input.get("file"))
    cells = Cells(text, delimiter) if delimiter else None
    kinds = [kind for kind in KINDS if kind in run.input.get("kinds", KINDS)]
    least = run.input.get("least_confidence", 0.5)
    found = find_all(
        text,
        kinds,
        cells.near if cells else lines.near,
        accept=lambda one: one.confidence >= least and (not cells or cells.cell(one.start) == cells.cell(one.end - 1)),
        tell=lambda number, kind: run.progress(number, len(kinds), f"Looked for {kind}"),
    )
    style = run.input.get("mask", "label")
    masked = [mask(one.kind, text[one.start : one.end], style=style, key=run.subject) for one in found]
    names = column_names(text, cells, found) if cells else []
    _emit(run, list_findings(found, masked, lines, cells=cells, names=names), len(found))
    name = "masked.csv" if cells else "masked.txt"
    run.files.put(name, document.encode(_replaced(text, found, masked)), "text/csv" if cells else "text/plain")
    counts = Counter(one.kind for one in found)
    run.log.info(f"{_number(len(found), 'finding')} in {_number(lines.count, 'line')}.", **counts)
    return {
        "findings": len(found),
        "kinds": dict(sorted(counts.items())),
        "lines": lines.count,
        "listed": min(len(found), MOST_LISTED),
        "masked_file": name,
    }


def _read(run: Run) -> Document:
    if not run.input.get("file"):
        if not run.input.get("text", "").strip():
            raise InputError("file", "Give a text or CSV file, or paste text into Text.")
        return read_document(run.input["text"].encode("utf-8", "replace"))
    with run.files.open(run.input["file"]) as source:
        content = source.read()
    if not content.strip():
        raise InputError("file", "The file is empty. Give a text or CSV file.")
    try:
        return read_document(content)
    except NotText as error:
        raise InputError("file", str(error)) from error


def _emit(run: Run, rows: Iterator[dict[str, Any]], total: int) -> None:
    if total > MOST_LISTED:
        run.log.warn(f"Only the first {MOST_LISTED:,} of {total:,} findings are listed; all are masked.")
    for first in range(0, min(total, MOST_LISTED), BATCH):
        batch = list(islice(rows, min(BATCH, MOST_LISTED - first)))
        if not run.emit_many(batch, keys=[f"finding:{first + place}" for place in range(len(batch))]):
            return


def _replaced(text: str, found: list[Candidate], masked: list[str]) -> str:
    pieces, at = [], 0
    for one, new in zip(found, masked, strict=True):
        pieces += [text[at : one.start], new]
        at = one.end
    return "".join([*pieces, text[at:]])


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
