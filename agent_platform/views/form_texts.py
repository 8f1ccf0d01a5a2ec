"""What a field holds for a value: one text for every kind, from which `read_form` makes the value again.

`true` or `false` for a boolean, a line for each tag; JSON of rows `{column: text}` for a table and of pairs `[name, text]`
for key-value, with every cell as it was typed: what cannot be read yet is not lost.
"""

import json
from typing import Any

from agent_platform.core.json_text import read_strictly
from agent_platform.views.form_kinds import LINES, ROWS, Schema, entry_of, kind_of, rules_of

UNREADABLE_ROWS = "cannot be read. Write it anew."


def text_of(rule: Schema, value: Any) -> str:
    """Empty for a value that this kind of field cannot show."""
    kind = kind_of(rule)
    if kind in ROWS:
        rows = _table_rows(rule, value) if kind == "table" else _pairs(rule, value)
        return json.dumps(rows, ensure_ascii=False) if rows else ""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in LINES and isinstance(value, list):
        return "\n".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False, indent=2) if kind == "json" else str(value)


def read_rows(rule: Schema, text: str) -> list[Any]:
    """The rows of texts that a table or key-value holds. Raises: ValueError where its text is made of anything else."""
    try:
        rows = read_strictly(text)
    except ValueError:
        raise ValueError(UNREADABLE_ROWS) from None
    fits = _is_table_row if kind_of(rule) == "table" else _is_pair
    if not isinstance(rows, list) or not all(fits(row) for row in rows):
        raise ValueError(UNREADABLE_ROWS)
    return rows


def is_blank(row: dict[str, str] | list[str]) -> bool:
    """Nothing was typed into it."""
    return not any(cell.strip() for cell in (row.values() if isinstance(row, dict) else row))


def _table_rows(rule: Schema, value: Any) -> list[dict[str, str]]:
    columns = rules_of(entry_of(rule))
    return [
        {name: text_of(columns[name], cell) for name, cell in row.items() if name in columns}
        for row in (value if isinstance(value, list) else ())
        if isinstance(row, dict)
    ]


def _pairs(rule: Schema, value: Any) -> list[list[str]]:
    """A mapping has each name once; pairs that cannot be a mapping come as a list."""
    pairs = [list(pair) for pair in value.items()] if isinstance(value, dict) else value
    entry = entry_of(rule)
    return [
        [one[0], text_of(entry, one[1])] for one in (pairs if isinstance(pairs, list) else ()) if _names_a_value(one)
    ]


def _names_a_value(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)


def _is_table_row(row: Any) -> bool:
    return isinstance(row, dict) and all(isinstance(cell, str) for cell in row.values())


def _is_pair(row: Any) -> bool:
    return _names_a_value(row) and isinstance(row[1], str)
