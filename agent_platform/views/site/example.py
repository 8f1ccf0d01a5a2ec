"""An example page, as everybody may read it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from agent_platform.services import examples
from agent_platform.views.directory import CATEGORIES
from agent_platform.views.examples import ExampleRowView, ExampleView, example_path, example_view, see_example
from agent_platform.views.format import plain_text
from agent_platform.views.markdown import render_markdown
from agent_platform.views.parts import FactView
from agent_platform.views.run_files import DocumentView
from agent_platform.views.run_output import OutputView, Shown
from agent_platform.views.run_views import FILE_KINDS, ROW_KINDS, chosen_view, views_of
from agent_platform.views.site import data
from agent_platform.views.site.blocks import (
    Block,
    Facts,
    Heading,
    Link,
    Links,
    Picture,
    Quoted,
    SitePage,
    Table,
    Text,
    Trail,
    Words,
)
from agent_platform.views.site.directory import category_trail

ROWS = {"id": "all-rows", "type": "table", "title": "Rows"}


def example_page(facts: examples.ExampleFacts, now: datetime, base_url: str) -> SitePage:
    """The same facts as the visible page, with the views of the output one below the other."""
    view = example_view(facts, now=now)
    path = example_path(facts.publisher, facts.agent_slug, facts.card.slug)
    category = facts.category if facts.category in CATEGORIES else ""
    trail = [*category_trail(category), Link(view.agent, view.agent_href), Link(view.title, path)]
    title = f"{view.title}, an example of {view.agent}"
    described = f"{view.line} A real run of {view.agent}, with its input and output."
    return SitePage(
        path=path,
        title=title,
        description=described,
        picture=_picture(view, facts),
        picture_path=f"/og{path}.png",
        twin=f"{path}.md",
        indexed=facts.indexed,
        current="agents",
        kind="article",
        data=[_article(facts, title, described, path, base_url), data.breadcrumbs(trail, base_url)],
        blocks=[Trail(trail), *_top(view), *_input(view), *_output(facts), *_files(view)],
    )


def example_links(rows: Sequence[ExampleRowView]) -> list[Block]:
    """The examples of an agent, as its own page leads to them."""
    if not rows:
        return []
    return [Heading("Examples"), Links([Link(one.title, one.href, one.line) for one in rows], "Examples")]


def _article(facts: examples.ExampleFacts, title: str, described: str, path: str, base_url: str) -> data.Object:
    agent = f"{base_url}/agents/{facts.publisher}/{facts.agent_slug}"
    return {
        **data.article(title, described, path, base_url),
        "datePublished": facts.saved_at.date().isoformat(),
        "author": {"@type": "Organization", "name": plain_text(facts.publisher_name)},
        "about": {
            "@type": "SoftwareApplication",
            "@id": f"{agent}#agent",
            "name": plain_text(facts.agent_name),
            "url": agent,
        },
    }


def _picture(view: ExampleView, facts: examples.ExampleFacts) -> Picture:
    known = {one.label.lower(): one.value for one in view.facts}
    figures = tuple((name, known[name]) for name in ("version", "took", "cost", "rows") if name in known)
    return Picture(view.title, view.address, view.line, figures, facts.agent_slug)


def _top(view: ExampleView) -> list[Block]:
    ways = [Link("Run with this input", view.run_href), Link(f"About {view.agent}", view.agent_href)]
    return [
        Heading(view.title, 1),
        Words(view.line, lead=True),
        Words(f"A real run of {view.address}. {view.saved}"),
        Facts(view.facts),
        Links(ways, "What to do", buttons=True),
    ]


def _input(view: ExampleView) -> list[Block]:
    shown: list[Block] = [Heading("Input")]
    if view.given:
        shown.append(Facts(view.given))
    for one in view.texts:
        shown += [Heading(one.label, 3), Text(one.value)]
    return shown if len(shown) > 1 else [*shown, Words("This run was started without input.")]


def _output(facts: examples.ExampleFacts) -> list[Block]:
    """The views that need no script, one below the other; a chart is drawn from rows, so these stand for it."""
    shown: list[Block] = [Heading("Output")]
    specs = [spec for spec in views_of(facts.output) if spec.kind not in {"json", "chart"}]
    if not any(spec.kind in ROW_KINDS for spec in specs) and facts.kept.rows:
        facts = replace(facts, output={**facts.output, "views": [*(facts.output.get("views") or []), ROWS]})
        specs.append(chosen_view(facts.output, ROWS["id"]))
    for spec in specs:
        seen = see_example(facts, asked=Shown(shape=spec.id))
        if seen.output.shape == spec.id and not seen.output.empty:
            shown += [Heading(spec.title, 3), *_view(seen.output), *_document(seen.document, facts, spec.file)]
    result = see_example(facts, asked=Shown(shape=specs[0].id if specs else "")).output.result
    if result and not any(spec.kind == "figures" for spec in specs):
        shown += [Heading("Result", 3), Facts(result)]
    return shown if len(shown) > 1 else [*shown, Words("This run put out nothing.")]


def _view(view: OutputView) -> list[Block]:
    said: list[Block] = [Words(view.said)] if view.said else []
    if view.kind == "figures":
        figures = [
            FactView(one.label, " ".join(part for part in (one.value, one.unit) if part)) for one in view.figures
        ]
        return [*said, Facts(figures)]
    if view.kind in FILE_KINDS:
        return said
    head = [column.title for column in view.columns]
    rows = [_cells(one.heading, one.facts, [cell.text for cell in one.cells]) for one in view.rows]
    return [*said, Words(view.words), Table(head, rows)]


def _cells(heading: str, facts: Sequence[FactView], cells: list[str]) -> list[str]:
    """A card is a row here."""
    return cells or [heading, *(one.value for one in facts)]


def _document(document: DocumentView, facts: examples.ExampleFacts, name: str) -> list[Block]:
    source = next((one.text or "" for one in facts.kept.files if one.name == name), "")
    if document.html:
        return [Quoted(render_markdown(source), plain_text(source))]
    return [Text(document.text)] if document.text else []


def _files(view: ExampleView) -> list[Block]:
    if not view.files:
        return []
    words = "Files are not for download here: run it to have them."
    return [Heading("Files"), Words(words), Facts(view.files)]
