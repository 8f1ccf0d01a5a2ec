"""What a run has put out: a page of rows, files, and the result value, all as plain text."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from agent_platform.models.runs import Run, RunFile
from agent_platform.services.runs import Item
from agent_platform.views.format import MoneyView, bytes_text, count, money_exact, plain_text
from agent_platform.views.parts import FactView, OptionView
from agent_platform.views.run import download_base
from agent_platform.views.run_words import one_line, rows_text

MOST_COLUMNS = 24
MOST_CELL = 300
MOST_JSON = 60_000
NOTHING = "\N{EM DASH}"
NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True)
class ColumnView:
    """`sorted` is empty, ascending or descending: the values of aria-sort."""

    key: str
    title: str
    numeric: bool = False
    sorted: str = "none"


@dataclass(frozen=True)
class CellView:
    text: str
    numeric: bool = False
    muted: bool = False


@dataclass(frozen=True)
class RowView:
    seq: int
    cells: list[CellView]
    charged: MoneyView


@dataclass(frozen=True)
class OutputView:
    """One page. `words` says which rows these are; `json_text` is the same page as JSON."""

    title: str = "Rows"
    note: str = ""
    columns: list[ColumnView] = field(default_factory=list)
    rows: list[RowView] = field(default_factory=list)
    shapes: list[OptionView] = field(default_factory=list)
    shape: str = ""
    words: str = ""
    json_text: str = ""
    has_previous: bool = False
    has_next: bool = False
    has_rows: bool = False
    is_priced: bool = False
    result: list[FactView] = field(default_factory=list)


@dataclass(frozen=True)
class FileView:
    name: str
    title: str
    size: str
    href: str


@dataclass(frozen=True)
class Shown:
    """What the reader asked of the rows: a view or `json`, a column to sort by, words to find; all within one page."""

    shape: str = ""
    sort: str = ""
    descending: bool = False
    find: str = ""


@dataclass(frozen=True)
class Slice:
    """Rows `first` to `first + len(items) - 1` of the run's rows."""

    items: Sequence[Item] = ()
    first: int = 1
    has_next: bool = False


def output_of(run: Run, output: dict[str, Any], page: Slice, asked: Shown) -> OutputView:
    """`output` is the part of that name of the manifest, empty while it is not known."""
    views = _tables(output)
    shape = asked.shape if asked.shape == "json" or asked.shape in [view["id"] for view in views] else views[0]["id"]
    chosen = next((view for view in views if view["id"] == shape), views[0])
    columns = _columns(output, chosen, page.items, asked)
    items = _arranged(page.items, columns, asked)
    charged = any(item.amount_micro_usd for item in page.items)
    return OutputView(
        title=one_line(chosen["title"], 60),
        note=rows_text(run.item_count),
        columns=columns,
        rows=[_row(item, columns) for item in items],
        shapes=[*[OptionView(view["id"], _label(view, views)) for view in views], OptionView("json", "JSON")],
        shape=shape,
        words=_words(run, page, len(items), asked.find),
        json_text=_json_page(items) if shape == "json" else "",
        has_previous=page.first > 1,
        has_next=page.has_next,
        has_rows=run.item_count > 0,
        is_priced=charged,
        result=result_of(run, output),
    )


def result_of(run: Run, output: dict[str, Any]) -> list[FactView]:
    """The value the agent returned, a line for each name."""
    named = (output.get("result") or {}).get("properties") or {}
    return [
        FactView(one_line(str(named.get(name, {}).get("title") or _human(name)), 60), cell_text(value))
        for name, value in (run.result or {}).items()
    ]


def files_of(run: Run, files: Sequence[RunFile], output: dict[str, Any]) -> list[FileView]:
    titles = {entry["name"]: entry.get("title", "") for entry in output.get("files") or [] if "name" in entry}
    base = download_base(run)
    return [
        FileView(
            one_line(found.name, 200),
            one_line(titles.get(found.name, ""), 60),
            bytes_text(found.bytes),
            f"{base}/files/{quote(found.name, safe='')}",
        )
        for found in files
    ]


def cell_text(value: Any) -> str:
    """A JSON value as one line of text."""
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, str):
        return one_line(value, MOST_CELL) or NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value) if isinstance(value, int) else f"{value:.10g}"
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return one_line(", ".join(cell_text(part) for part in value), MOST_CELL)
    return one_line(json.dumps(value, ensure_ascii=False), MOST_CELL)


def pretty_json(value: Any) -> str:
    """Indented JSON of at most 60,000 characters, safe to show."""
    text = plain_text(json.dumps(value, ensure_ascii=False, indent=2))
    return text if len(text) <= MOST_JSON else text[:MOST_JSON] + "\nThe rest is in the export."


def _tables(output: dict[str, Any]) -> list[dict[str, Any]]:
    tables = [view for view in output.get("views") or [] if view.get("type") == "table" and view.get("id")]
    return [{"title": "Rows", **view} for view in tables] or [{"id": "table", "title": "Rows"}]


def _label(view: dict[str, Any], views: list[dict[str, Any]]) -> str:
    return "Table" if len(views) == 1 else one_line(view["title"], 30)


def _columns(output: dict[str, Any], view: dict[str, Any], items: Sequence[Item], asked: Shown) -> list[ColumnView]:
    schema = (output.get("item") or {}).get("properties") or {}
    keys = view.get("columns") or list(schema) or list(dict.fromkeys(key for item in items for key in item.payload))
    sorted_as = "descending" if asked.descending else "ascending"
    return [
        ColumnView(
            key,
            _title(key, schema.get(key) or {}),
            _is_numeric(schema.get(key), [item.payload.get(key) for item in items]),
            sorted_as if key == asked.sort else "none",
        )
        for key in keys[:MOST_COLUMNS]
    ]


def _title(key: str, schema: dict[str, Any]) -> str:
    title = one_line(str(schema.get("title") or _human(key)), 60)
    unit = schema.get("unit")
    return f"{title}, {one_line(str(unit), 20)}" if unit else title


def _is_numeric(schema: dict[str, Any] | None, values: list[Any]) -> bool:
    if schema and schema.get("type"):
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return bool(NUMBERS & set(kinds)) and set(kinds) <= NUMBERS | {"null"}
    filled = [value for value in values if value is not None]
    return bool(filled) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in filled)


def _arranged(items: Sequence[Item], columns: list[ColumnView], asked: Shown) -> list[Item]:
    kept = list(items)
    if asked.find:
        wanted = asked.find.casefold()
        kept = [
            item
            for item in kept
            if any(wanted in cell_text(item.payload.get(column.key)).casefold() for column in columns)
        ]
    if asked.sort in {column.key for column in columns}:
        kept.sort(key=lambda item: _order(item.payload.get(asked.sort)), reverse=asked.descending)
    return kept


def _order(value: Any) -> tuple[int, float, str]:
    """Numbers before words, empty cells last."""
    if value is None or value == "":
        return (2, 0, "")
    if isinstance(value, int | float):
        return (0, float(value), "")
    return (1, 0, cell_text(value).casefold())


def _row(item: Item, columns: list[ColumnView]) -> RowView:
    cells = [
        CellView(text := cell_text(item.payload.get(column.key)), column.numeric, text == NOTHING) for column in columns
    ]
    return RowView(item.seq, cells, money_exact(item.amount_micro_usd))


def _words(run: Run, page: Slice, number: int, find: str) -> str:
    if not page.items:
        return "No rows yet."
    last = page.first + len(page.items) - 1
    where = f"Rows {count(page.first)}\N{EN DASH}{count(last)} of {count(max(run.item_count, last))}"
    found = (
        f", {count(number)} of them with \N{LEFT DOUBLE QUOTATION MARK}{find}\N{RIGHT DOUBLE QUOTATION MARK}"
        if find
        else ""
    )
    return f"{where}{found}. Each row and its charge were written together."


def _json_page(items: Sequence[Item]) -> str:
    return pretty_json([item.payload for item in items])


def _human(name: str) -> str:
    words = one_line(name.replace("_", " "), 60)
    return words[:1].upper() + words[1:]
