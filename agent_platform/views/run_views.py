"""The views that a manifest declares for the output of its runs: which there are, and which one is open."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from agent_platform.models.runs import FINAL_RUN_STATES
from agent_platform.views.run_words import one_line

ROW_KINDS = frozenset({"table", "cards", "json", "chart"})
FILE_KINDS = frozenset({"markdown", "file"})
KINDS = ROW_KINDS | FILE_KINDS | {"figures", "files"}


class Outcome(Protocol):
    """What a run has come to: a run itself, or what an example keeps of one."""

    @property
    def state(self) -> str: ...
    @property
    def item_count(self) -> int: ...
    @property
    def result(self) -> dict[str, Any] | None: ...


@dataclass(frozen=True)
class ViewSpec:
    """One tab. `keys` are columns, fields or lines, as its kind needs; `x`, `chart` and `file` likewise."""

    id: str
    kind: str
    title: str
    keys: list[str] = field(default_factory=list)
    x: str = ""
    chart: str = "bar"
    file: str = ""


def views_of(output: dict[str, Any]) -> list[ViewSpec]:
    """The declared ones in their order, else the rows as a table; JSON is always there."""
    declared = [_spec(view) for view in output.get("views") or [] if view.get("id") and view.get("type") in KINDS]
    views = declared or [ViewSpec("table", "table", "Rows")]
    has_json = any(view.kind == "json" for view in views)
    return views if has_json else [*views, ViewSpec("json", "json", "JSON")]


def chosen_view(output: dict[str, Any], shape: str) -> ViewSpec:
    """The view of this id; the first for anything else."""
    views = views_of(output)
    return next((view for view in views if view.id == shape), views[0])


def nothing_in(view: ViewSpec, run: Outcome, files: list[str], *, unable: str = "") -> tuple[str, str]:
    """Title and sentence in place of a view with nothing to show, now or for good; empty when there is something.

    `unable` says why rows that are there cannot be drawn.
    """
    name = one_line(view.file, 120)
    words: dict[str, tuple[str, str]] = {
        "rows": ("Rows appear here as the agent stores them, each with its charge.", "a row"),
        "figures": ("Key figures appear here when the agent returns its result.", "a result"),
        "files": ("Files appear here as the agent puts them.", "a file"),
        name: ("It appears here as soon as the agent puts it.", "this file"),
    }
    if view.kind in ROW_KINDS:
        missing = "" if run.item_count else "rows"
    elif view.kind in FILE_KINDS:
        missing = "" if view.file in files else name
    else:
        there = run.result if view.kind == "figures" else files
        missing = "" if there else view.kind
    if not missing:
        return ("Nothing to draw", unable) if unable else ("", "")
    coming, ended = words[missing]
    if run.state in FINAL_RUN_STATES:
        return f"No {missing}", f"The run has ended without {ended}."
    return f"No {missing} yet", coming


def _spec(view: dict[str, Any]) -> ViewSpec:
    keys = view.get("columns") or view.get("fields") or view.get("y") or []
    return ViewSpec(
        id=view["id"],
        kind=view["type"],
        title=one_line(view.get("title") or view["id"], 40),
        keys=[keys] if isinstance(keys, str) else list(keys),
        x=view.get("x") or "",
        chart=view.get("chart") or "bar",
        file=view.get("file") or "",
    )
