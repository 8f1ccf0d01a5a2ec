"""What the manifest names lies in the bundle: the module of the entry, and the files that its tests are given."""

from collections.abc import Collection
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, meant


def check_entry(findings: Findings, entry: str, files: Collection[str]) -> None:
    module = entry.partition(":")[0].replace(".", "/")
    if module and f"{module}.py" not in files and f"{module}/__init__.py" not in files:
        message = f"The zip holds no {module}.py; add the file, or name the module that holds the function."
        findings.add("source.entry", message)


def check_samples(
    findings: Findings, tests: list[dict[str, Any]], schema: dict[str, Any], files: Collection[str]
) -> None:
    """In a test, the value of a file field is a path in the bundle."""
    for number, test in enumerate(tests):
        given = test["input"] if isinstance(test["input"], dict) else {}
        for name, field in schema.get("properties", {}).items():
            for path in _paths(field, given[name]) if name in given else ():
                message = _what_is_wrong(path, files)
                if message:
                    findings.add(f"tests[{number}].input.{name}", message)


def _what_is_wrong(path: Any, files: Collection[str]) -> str:
    if not isinstance(path, str):
        return "Write the path of a file in the zip as text, such as samples/orders.csv."
    if path in files:
        return ""
    right = meant(path, files)
    way = f'did you mean "{right}"?' if right else "name one that is there."
    return f'The zip holds no "{path[:80]}"; add the file, or {way}'


def _paths(field: Any, value: Any) -> list[Any]:
    if not isinstance(field, dict):
        return []
    if field.get("format") == "file":
        return [value]
    items = field.get("items")
    is_list = isinstance(items, dict) and items.get("format") == "file" and isinstance(value, list)
    return value if is_list else []
