"""What a run has put out, as the open view shows it: rows, figures or files, all as plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agent_platform.services.runs import Item
from agent_platform.views.format import MoneyView, count, money_exact
from agent_platform.views.parts import FactView, FigureView, OptionView, TableView
from agent_platform.views.run_cells import (
    NOTHING,
    bare_title_of,
    cell_text,
    is_numeric,
    listed,
    pretty_json,
    properties_of,
    title_of,
)
from agent_platform.views.run_chart import Drawn
from agent_platform.views.run_files import FileView
from agent_platform.views.run_views import FILE_KINDS, ROW_KINDS, Outcome, ViewSpec, chosen_view, nothing_in, views_of
from agent_platform.views.run_words import one_line

MOST_COLUMNS = 24
MOST_FIGURE = 60
TOGETHER = " Each row and its charge were written together."


@dataclass(frozen=True)
class ColumnView:
    """`sorted` is none, ascending or descending: the values of aria-sort."""

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
    """As a card it has no cells: the first is its heading, the others are facts beneath."""

    seq: int
    cells: list[CellView]
    charged: MoneyView
    heading: str = ""
    facts: list[FactView] = field(default_factory=list)


@dataclass(frozen=True)
class OutputView:
    """The open view of `kind`. `empty` says why there is nothing to draw, `said` what it lacks.

    `words` says which rows these are; `json_text` is the same page as JSON.
    """

    kind: str = "table"
    title: str = "Rows"
    is_of_rows: bool = True
    columns: list[ColumnView] = field(default_factory=list)
    rows: list[RowView] = field(default_factory=list)
    shapes: list[OptionView] = field(default_factory=list)
    shape: str = ""
    words: str = ""
    json_text: str = ""
    has_previous: bool = False
    has_next: bool = False
    has_rows: bool = False
    has_views: bool = False
    is_priced: bool = False
    figures: list[FigureView] = field(default_factory=list)
    file: FileView = FileView()
    summary: str = ""
    twin: TableView = TableView()
    said: str = ""
    empty_title: str = ""
    empty: str = ""
    result: list[FactView] = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """What the reader asked of the rows: a view, a column to sort by, words to find; all within one page."""

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


def output_of(
    run: Outcome,
    output: dict[str, Any],
    page: Slice,
    asked: Shown,
    *,
    files: Sequence[FileView] = (),
    drawn: Drawn | None = None,
) -> OutputView:
    """`output` is the part of that name of the manifest, empty while it is not known; `drawn` is the chart of a chart view."""
    view = chosen_view(output, asked.shape)
    parts: dict[str, Any] = {}
    if view.kind in {"table", "cards", "json"}:
        parts = _rows(view, run, output, page, asked)
    elif view.kind == "figures":
        parts = _figures(view, run, output)
    elif view.kind in FILE_KINDS:
        parts = {"file": next((file for file in files if file.name == view.file), FileView())}
    elif drawn is not None:
        parts = {"summary": drawn.summary, "twin": drawn.twin, "said": drawn.said}
    title, sentence = nothing_in(view, run, [file.name for file in files], unable=drawn.empty if drawn else "")
    return OutputView(
        kind=view.kind,
        title=view.title,
        is_of_rows=view.kind in ROW_KINDS,
        shapes=[OptionView(one.id, one.title) for one in views_of(output)],
        shape=view.id,
        has_rows=run.item_count > 0,
        has_views=bool(output.get("views")),
        result=[] if view.kind == "figures" else result_of(run, output),
        empty_title=title,
        empty=sentence,
        **parts,
    )


def result_of(run: Outcome, output: dict[str, Any]) -> list[FactView]:
    """The value the agent returned, a line for each name."""
    named = properties_of(output, "result")
    return [
        FactView(bare_title_of(name, named.get(name, {})), cell_text(value))
        for name, value in (run.result or {}).items()
    ]


def _rows(view: ViewSpec, run: Outcome, output: dict[str, Any], page: Slice, asked: Shown) -> dict[str, Any]:
    columns = _columns(output, view, page.items, asked)
    items = _arranged(page.items, columns, asked)
    return {
        "columns": columns,
        "rows": [_row(item, columns, as_card=view.kind == "cards") for item in items],
        "words": _words(run, page, len(items), asked.find),
        "json_text": pretty_json([item.payload for item in items]) if view.kind == "json" else "",
        "has_previous": page.first > 1,
        "has_next": page.has_next,
        "is_priced": any(item.amount_micro_usd for item in page.items),
        "said": _unknown_columns(view, columns, page.items),
    }


def _figures(view: ViewSpec, run: Outcome, output: dict[str, Any]) -> dict[str, Any]:
    schema, result = properties_of(output, "result"), run.result or {}
    keys = view.keys or list(result)
    figures = [
        FigureView(
            bare_title_of(key, schema.get(key) or {}),
            one_line(cell_text(result.get(key)), MOST_FIGURE),
            unit=one_line(str((schema.get(key) or {}).get("unit") or ""), 20),
        )
        for key in keys
    ]
    missing = [bare_title_of(key, schema.get(key) or {}) for key in keys if key not in result]
    return {"figures": figures, "said": f"The agent did not return {listed(missing)}." if missing else ""}


def _columns(output: dict[str, Any], view: ViewSpec, items: Sequence[Item], asked: Shown) -> list[ColumnView]:
    schema = properties_of(output, "item")
    keys = view.keys or list(schema) or list(dict.fromkeys(key for item in items for key in item.payload))
    sorted_as = "descending" if asked.descending else "ascending"
    return [
        ColumnView(
            key,
            title_of(key, schema.get(key) or {}),
            is_numeric(schema.get(key), [item.payload.get(key) for item in items]),
            sorted_as if key == asked.sort else "none",
        )
        for key in keys[:MOST_COLUMNS]
    ]


def _unknown_columns(view: ViewSpec, columns: list[ColumnView], items: Sequence[Item]) -> str:
    missing = [column.title for column in columns if all(column.key not in item.payload for item in items)]
    return f"No row here has {listed(missing)}." if view.keys and items and missing else ""


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


def _row(item: Item, columns: list[ColumnView], *, as_card: bool) -> RowView:
    cells = [
        CellView(text := cell_text(item.payload.get(column.key)), column.numeric, text == NOTHING) for column in columns
    ]
    row = RowView(item.seq, cells, money_exact(item.amount_micro_usd))
    if not as_card or not cells:
        return row
    facts = [FactView(column.title, cell.text) for column, cell in zip(columns[1:], cells[1:], strict=True)]
    return replace(row, cells=[], heading=cells[0].text, facts=facts)


def _words(run: Outcome, page: Slice, number: int, find: str) -> str:
    if not page.items:
        return "No rows yet."
    last = page.first + len(page.items) - 1
    where = f"Rows {count(page.first)}\N{EN DASH}{count(last)} of {count(max(run.item_count, last))}"
    found = (
        f", {count(number)} of them with \N{LEFT DOUBLE QUOTATION MARK}{find}\N{RIGHT DOUBLE QUOTATION MARK}"
        if find
        else ""
    )
    return f"{where}{found}.{TOGETHER}"
