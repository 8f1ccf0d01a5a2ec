"""Example pages, formatted: what a run was given, what it put out, and the facts of that run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

import plotly.graph_objects as go

from agent_platform.core.ids import shown
from agent_platform.models.runs import RunState
from agent_platform.services import examples
from agent_platform.services.runs import Item
from agent_platform.views.format import bytes_text, count, date_text, day_text, duration_ms, money_text, plain_text
from agent_platform.views.parts import FactView
from agent_platform.views.pricing import unit_words
from agent_platform.views.run_cells import REST, cell_text, pretty_json
from agent_platform.views.run_chart import chart_of
from agent_platform.views.run_files import DocumentView, FileView, document_of
from agent_platform.views.run_output import TOGETHER, OutputView, Shown, Slice, output_of
from agent_platform.views.run_views import FILE_KINDS, ROW_KINDS, chosen_view
from agent_platform.views.run_words import one_line, rows_text

MOST_TITLE, MOST_LINE = examples.MOST_TITLE, examples.MOST_LINE
PAGE_ROWS = 25
LONG = 120  # characters of an input that stand beside its name; a longer one gets lines of its own
NOT_HERE = "\nThe rest is left out here."
BY_PUBLISHER = "sandbox time: its publisher ran it"


@dataclass(frozen=True)
class ExampleRowView:
    """One example of a list."""

    id: str
    title: str
    line: str
    href: str
    about: str


@dataclass(frozen=True)
class ExampleView:
    """`given` are inputs that fit on a line, `texts` the longer ones; `files` were put out and cannot be fetched here."""

    title: str = ""
    line: str = ""
    slug: str = ""
    agent: str = ""
    agent_href: str = ""
    address: str = ""
    category: str = ""
    run_href: str = ""
    facts: list[FactView] = field(default_factory=list)
    given: list[FactView] = field(default_factory=list)
    texts: list[FactView] = field(default_factory=list)
    files: list[FactView] = field(default_factory=list)
    saved: str = ""


@dataclass(frozen=True)
class FilledView:
    """The example whose input a form holds; `gone` says that there is none at the address that was asked for."""

    title: str = ""
    href: str = ""
    gone: bool = False


@dataclass(frozen=True)
class OfferView:
    """Whether the page of a run offers to keep it as an example, why it cannot be one, and where it was kept already."""

    offered: bool = False
    why_not: str = ""
    href: str = ""


@dataclass(frozen=True)
class Produced:
    """What the example keeps, as the views of a run's output take it."""

    item_count: int
    result: dict[str, Any] | None
    state: str = RunState.SUCCEEDED.value


@dataclass(frozen=True)
class Seen:
    """The open view of the output with what its kind needs beside it."""

    output: OutputView
    figure: go.Figure | None
    document: DocumentView
    pages: int


def example_path(publisher: str, agent: str, slug: str) -> str:
    return f"/agents/{publisher}/{agent}/examples/{slug}"


def example_rows(
    found: Sequence[examples.ExampleCard], *, publisher: str, agent: str, now: datetime
) -> list[ExampleRowView]:
    return [
        ExampleRowView(
            id=shown("exa", one.id),
            title=one_line(one.title),
            line=one_line(one.line),
            href=example_path(publisher, agent, one.slug),
            about=f"version {one.version}, run {day_text(one.ran_at, now)}",
        )
        for one in found
    ]


def example_view(facts: examples.ExampleFacts, *, now: datetime, zone: tzinfo = UTC) -> ExampleView:
    address = f"{facts.publisher}/{facts.agent_slug}"
    card = facts.card
    lines = _given(facts)
    return ExampleView(
        title=one_line(card.title),
        line=one_line(card.line),
        slug=facts.agent_slug,
        agent=one_line(facts.agent_name),
        agent_href=f"/agents/{address}",
        address=address,
        category=facts.category.capitalize(),
        run_href=f"/agents/{address}?tab=run&example={card.slug}",
        facts=_facts(facts, now, zone),
        given=[one for one in lines if not _is_long(one.value)],
        texts=[one for one in lines if _is_long(one.value)],
        files=[FactView(one_line(one.name, 200), bytes_text(one.bytes)) for one in facts.kept.files],
        saved=f"Saved {day_text(facts.saved_at, now, zone)} by {one_line(facts.publisher_name, 60)}, and not changed since.",
    )


def see_example(facts: examples.ExampleFacts, *, asked: Shown, page: int = 1) -> Seen:
    """A page of the rows, or the figure or document of the chosen view, from what is kept alone."""
    output = _drawable(facts)
    view = chosen_view(output, asked.shape)
    items = [Item(n, row, 0, facts.card.ran_at) for n, row in enumerate(facts.kept.rows, 1)]
    pages = max(1, -(-len(items) // PAGE_ROWS))
    first = (min(max(1, page), pages) - 1) * PAGE_ROWS
    shown_rows = Slice(items[first : first + PAGE_ROWS], first + 1, has_next=first + PAGE_ROWS < len(items))
    produced = Produced(facts.kept.row_count, facts.kept.result)
    drawn = chart_of(view, items, output, total=len(items)) if view.kind == "chart" else None
    files = [FileView(one_line(one.name, 200), "", bytes_text(one.bytes)) for one in facts.kept.files]
    made = output_of(produced, output, shown_rows, asked, files=files, drawn=drawn)
    text = next((one.text for one in facts.kept.files if one.name == view.file and one.text is not None), None)
    document = document_of(view, view.file, text.encode()) if view.kind in FILE_KINDS and text else DocumentView()
    return Seen(_honest(made, facts), drawn.figure if drawn else None, document, pages)


def form_values(schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What a form of this schema holds for the input: a field that the example left out is empty, not prefilled."""
    return {name: given.get(name) for name in schema.get("properties", {})}


def kept_words(facts: examples.ExampleFacts) -> str:
    """Which rows are here, if not all of them."""
    kept, total = len(facts.kept.rows), facts.kept.row_count
    return f"This example keeps the first {count(kept)} of {rows_text(total)}." if kept < total else ""


def _drawable(facts: examples.ExampleFacts) -> dict[str, Any]:
    """The output of the manifest with those views only that can be drawn from what is kept."""
    texts = {one.name for one in facts.kept.files if one.text is not None}
    views = [
        view
        for view in facts.output.get("views") or []
        if view.get("type") != "files" and (view.get("type") not in FILE_KINDS or view.get("file") in texts)
    ]
    return {**facts.output, "views": views}


def _honest(view: OutputView, facts: examples.ExampleFacts) -> OutputView:
    """There is no export of an example, and its rows may be the first of many."""
    words = kept_words(facts) if view.kind in ROW_KINDS else ""
    said = " ".join(part for part in (view.said, words) if part)
    return replace(view, words=view.words.removesuffix(TOGETHER), said=said, json_text=_here(view.json_text))


def _here(text: str) -> str:
    return f"{text.removesuffix(REST)}{NOT_HERE}" if text.endswith(REST) else text


def _facts(facts: examples.ExampleFacts, now: datetime, zone: tzinfo) -> list[FactView]:
    card, kept = facts.card, facts.kept
    newer = f"now {facts.listed_version}" if facts.listed_version != card.version else ""
    rows = [FactView("Rows", count(kept.row_count))] if kept.row_count else []
    return [
        FactView("Version", card.version, newer),
        FactView("Ended", date_text(card.ran_at, now, zone)),
        FactView("Took", duration_ms(facts.duration_ms)),
        FactView("Cost", money_text(facts.cost_micro_usd), BY_PUBLISHER),
        *rows,
        FactView("Price of a run of yours", facts.price_label, unit_words(facts.price_model, facts.price_unit)),
    ]


def _given(facts: examples.ExampleFacts) -> list[FactView]:
    """The input in the words and the order of its form."""
    known, given = facts.schema.get("properties") or {}, facts.kept.input
    names = [*(name for name in known if name in given), *(name for name in given if name not in known)]
    return [_line(name, known.get(name) or {}, given[name]) for name in names]


def _line(name: str, rule: dict[str, Any], value: Any) -> FactView:
    title, unit = one_line(str(rule.get("title") or name), 80), one_line(str(rule.get("unit") or ""), 20)
    if isinstance(value, str) and _is_long(value):
        return FactView(title, plain_text(value), unit)
    if isinstance(value, dict | list) and len(json.dumps(value, ensure_ascii=False)) > LONG:
        return FactView(title, _here(pretty_json(value)), unit)
    return FactView(title, cell_text(value), unit)


def _is_long(text: str) -> bool:
    return len(text) > LONG or "\n" in text.strip()
