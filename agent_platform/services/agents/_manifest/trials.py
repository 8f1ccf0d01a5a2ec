"""The tests that a creator ships with an agent: an input and what a run on it must show."""

from collections.abc import Callable
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, Section

MOST_TESTS = 20
STATES = ("succeeded", "capped", "failed", "timed_out")
CLASSES = ("input", "agent", "upstream")


def _text(section: Section, key: str) -> str:
    return section.text(key, "write the text to look for.", most=200)


def _count(section: Section, key: str) -> float:
    return section.number(key, 0, low=0, high=1_000_000)


EXPECT: dict[str, Callable[[Section, str], Any]] = {
    "state": lambda section, key: section.choice(key, STATES),
    "error_class": lambda section, key: section.choice(key, CLASSES),
    "error_code": _text,
    "output_valid": lambda section, key: section.boolean(key),
    "items_min": _count,
    "items_max": _count,
    "seconds_max": lambda section, key: section.number(key, 1, low=0.1, high=86_400, whole=False),
    "cost_max": lambda section, key: section.money(key),
    "contains": _text,
}


def read_tests(findings: Findings, value: Any, schema: dict[str, Any] | None) -> list[dict[str, Any]]:
    """[{"name", "input": {...} or "prefill", "dry_run", "expect": {...}}]."""
    listed = Section(findings, "", {"tests": value}, keys=("tests",)).listing("tests", most=MOST_TESTS)
    tests = [_read_test(findings, number, one, schema) for number, one in enumerate(listed)]
    names = [test["name"] for test in tests]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            findings.add(f"tests[{number}].name", f'"{name[:60]}" is used twice; choose another.')
    return tests


def _read_test(findings: Findings, number: int, value: Any, schema: dict[str, Any] | None) -> dict[str, Any]:
    section = Section(findings, f"tests[{number}]", value, keys=("name", "input", "dry_run", "expect"))
    given = section.values.get("input", "prefill")
    if given == "prefill":
        _check_prefill(section, schema)
    elif not isinstance(given, dict):
        section.note("input", "Write the input as a mapping, or the word prefill.")
    return {
        "name": section.text("name", "name the case, such as empty file.", most=60),
        "input": given,
        "dry_run": section.boolean("dry_run"),
        "expect": _read_expected(findings, f"tests[{number}].expect", section.values.get("expect")),
    }


def _check_prefill(section: Section, schema: dict[str, Any] | None) -> None:
    if schema is None:
        return  # its own mistakes come first
    fields = schema.get("properties", {})
    bare = [name for name in schema.get("required", ()) if "prefill" not in fields.get(name, {})]
    if bare:
        section.note("input", f"The required field {bare[0]} has no prefill; add one, or write the input out.")


def _read_expected(findings: Findings, path: str, value: Any) -> dict[str, Any]:
    section = Section(findings, path, value, keys=tuple(EXPECT))
    if not section.values:
        section.findings.add(path, "Say what must hold, such as {state: succeeded}.")
    return {
        ("cost_max_micro_usd" if key == "cost_max" else key): read(section, key)
        for key, read in EXPECT.items()
        if section.has(key)
    }
