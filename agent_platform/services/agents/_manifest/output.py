"""What a run gives back: rows, a result, files, and the views that show them."""

from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, Section
from agent_platform.services.agents._manifest.schemas import check_schema

FILE_NAME = r"[A-Za-z0-9][A-Za-z0-9._ -]{0,119}"
MEDIA_TYPE = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}"
VIEW_ID = r"[a-z][a-z0-9_-]{0,39}"
MOST_FILES = 50
MOST_VIEWS = 12
# type -> the keys it takes besides id, title and type; those that are needed come first
VIEW_TYPES = {
    "table": ("columns",),
    "cards": ("columns",),
    "figures": ("fields",),
    "markdown": ("file",),
    "file": ("file",),
    "files": (),
    "chart": ("x", "y", "chart"),
    "json": (),
}
CHARTS = ("bar", "line")


def read_output(findings: Findings, value: Any) -> dict[str, Any]:
    """{"item": schema or None, "result": schema or None, "files": [...], "views": [...]}."""
    section = Section(findings, "output", value, keys=("item", "result", "files", "views"))
    item = result = None
    if section.has("item"):
        item = check_schema(findings, "output.item", section.values["item"], must_be_object=True)
    if section.has("result"):
        result = check_schema(findings, "output.result", section.values["result"], must_be_object=False)
    files = [_read_file(findings, n, one) for n, one in enumerate(section.listing("files", most=MOST_FILES))]
    _refuse_twins(findings, "output.files", "name", [one["name"] for one in files])
    named = {one["name"] for one in files}
    known = {"columns": _names(section, "item", item), "fields": _names(section, "result", result), "files": named}
    views = [_read_view(findings, n, one, known) for n, one in enumerate(section.listing("views", most=MOST_VIEWS))]
    _refuse_twins(findings, "output.views", "id", [one["id"] for one in views])
    return {"item": item, "result": result, "files": files, "views": views}


def _names(section: Section, key: str, schema: dict[str, Any] | None) -> set[str] | None:
    """None for a faulty schema: its views are not judged."""
    return None if schema is None and section.has(key) else set((schema or {}).get("properties", {}))


def _read_file(findings: Findings, number: int, value: Any) -> dict[str, Any]:
    section = Section(findings, f"output.files[{number}]", value, keys=("name", "media_type", "title"))
    name = section.text("name", "write a plain file name without a slash, such as report.html.", pattern=FILE_NAME)
    return {
        "name": name,
        "media_type": section.text("media_type", "write a media type, such as text/html.", pattern=MEDIA_TYPE),
        "title": section.text("title", "write a title.", required=False, most=60) or name,
    }


def _read_view(findings: Findings, number: int, value: Any, known: dict[str, set[str] | None]) -> dict[str, Any]:
    given = value if isinstance(value, dict) else {}
    kind = given.get("type") if isinstance(given.get("type"), str) else ""
    extra = VIEW_TYPES.get(str(kind), tuple({key for keys in VIEW_TYPES.values() for key in keys}))
    section = Section(findings, f"output.views[{number}]", value, keys=("id", "title", "type", *extra))
    view: dict[str, Any] = {
        "id": section.text("id", "write a short id, such as pages.", pattern=VIEW_ID),
        "title": section.text("title", "write the title of the tab.", required=False, most=40),
        "type": section.choice("type", tuple(VIEW_TYPES)),
    }
    view["title"] = view["title"] or view["id"].replace("_", " ").replace("-", " ").capitalize()
    for key in VIEW_TYPES.get(str(kind), ()):
        view[key] = _view_key(section, key, known)
    return view


def _view_key(section: Section, key: str, known: dict[str, set[str] | None]) -> Any:
    match key:
        case "columns" | "fields":
            where = "output.item" if key == "columns" else "output.result"
            names = section.texts(key, f"name properties of {where}.", pattern=r"[^\s].{0,63}", most=60)
            for number, name in enumerate(names):
                _refuse_unknown(section, f"{key}[{number}]", name, known[key], where)
            return list(names) or sorted(known[key] or ())
        case "file":
            name = section.text("file", "name one of output.files.")
            if name and name not in (known["files"] or ()):
                section.note("file", f'"{name[:60]}" is not among output.files; list it there.')
            return name
        case "chart":
            return section.choice("chart", CHARTS, default="bar")
        case "y":
            return _lines(section, known)
        case _:
            name = section.text(key, "name a property of output.item.")
            if name:
                _refuse_unknown(section, key, name, known["columns"], "output.item")
            return name


def _lines(section: Section, known: dict[str, set[str] | None]) -> list[str]:
    """One property, or a list of them: a bar or line each."""
    if isinstance(section.values.get("y"), str):
        section.values = {**section.values, "y": [section.values["y"]]}
    names = section.texts("y", "name properties of output.item.", pattern=r"[^\s].{0,63}", most=6)
    if not names:
        section.note("y", "This is missing; name a property of output.item, or a list of them.")
    for number, name in enumerate(names):
        _refuse_unknown(section, f"y[{number}]", name, known["columns"], "output.item")
    return list(names)


def _refuse_unknown(section: Section, key: str, name: str, known: set[str] | None, where: str) -> None:
    if known is not None and name not in known:
        section.note(key, f'"{name[:60]}" is not a property of {where}; add it there or take it out here.')


def _refuse_twins(findings: Findings, path: str, key: str, names: list[str]) -> None:
    for number, name in enumerate(names):
        if name and name in names[:number]:
            findings.add(f"{path}[{number}].{key}", f'"{name[:60]}" is used twice; choose another.')
