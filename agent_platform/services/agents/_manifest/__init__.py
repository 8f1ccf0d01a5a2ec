"""agent.yaml as a frozen Manifest, or every mistake in it at once."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from agent_platform.core.errors import Problem
from agent_platform.services.agents._manifest.checks import Findings, Section
from agent_platform.services.agents._manifest.files import check_entry, check_samples
from agent_platform.services.agents._manifest.identity import CATEGORIES, Identity, read_identity
from agent_platform.services.agents._manifest.output import read_output
from agent_platform.services.agents._manifest.permissions import FROM_INPUT as HOST_FROM_INPUT
from agent_platform.services.agents._manifest.permissions import destroys, level_of, read_permissions, writes
from agent_platform.services.agents._manifest.pricing import read_pricing
from agent_platform.services.agents._manifest.reading import Unreadable, read_yaml
from agent_platform.services.agents._manifest.schemas import check_schema
from agent_platform.services.agents._manifest.trials import read_tests
from agent_platform.services.agents.errors import ManifestInvalid

__all__ = [
    "CATEGORIES",
    "HOST_FROM_INPUT",
    "Manifest",
    "Resources",
    "destroys",
    "parse_manifest",
    "problems_of_schema",
    "read_manifest",
    "writes",
]
KEYS = (
    "schema",
    "slug",
    "name",
    "version",
    "summary",
    "category",
    "tags",
    "kind",
    "source",
    "input",
    "output",
    "permissions",
    "env",
    "resources",
    "demo",
    "pricing",
    "tests",
)


@dataclass(frozen=True)
class Resources:
    memory_mb: int
    cpu: float
    disk_mb: int
    timeout_seconds: int
    parallel_runs: int


@dataclass(frozen=True)
class Manifest:
    """`output` has the keys item, result, files, views; `price` is the list a run keeps; `raw` is the file as JSON."""

    slug: str
    name: str
    version: str
    summary: str
    category: str
    tags: tuple[str, ...]
    kind: str
    entry: str
    env: dict[str, str]
    input_schema: dict[str, Any]
    output: dict[str, Any]
    permissions: dict[str, Any]
    permission_level: str
    resources: Resources
    demo: bool
    price: dict[str, Any]
    tests: list[dict[str, Any]]
    raw: dict[str, Any]


def problems_of_schema(schema: Any) -> list[Problem]:
    """What keeps a JSON Schema from being used as a form; the rules of `input`."""
    findings = Findings()
    check_schema(findings, "form", schema, must_be_object=True)
    return list(findings.problems)


def parse_manifest(text: str, *, files: Collection[str] | None = None) -> Manifest:
    """`files` are the paths of the bundle, where there is one: what the manifest names has to be among them.

    Raises: ManifestInvalid, whose errors name each path and the fix.
    """
    findings = Findings()
    try:
        raw = read_yaml(text, findings)
    except Unreadable as unreadable:
        raise ManifestInvalid((Problem("agent.yaml", str(unreadable)),)) from None
    return _built(findings, raw, files)


def read_manifest(raw: dict[str, Any]) -> Manifest:
    """The same from a manifest stored as JSON. Raises: ManifestInvalid."""
    return _built(Findings(), raw)


def _built(findings: Findings, raw: Any, files: Collection[str] | None = None) -> Manifest:
    if not isinstance(raw, dict):
        raise ManifestInvalid(
            (Problem("agent.yaml", "The file must be a mapping that begins with schema: and slug:."),)
        )
    top = Section(findings, "", raw, keys=KEYS)
    identity: Identity = read_identity(top)
    schema = check_schema(
        findings, "input", top.values.get("input", {"type": "object", "properties": {}}), must_be_object=True
    )
    _check_file_places(findings, schema or {})
    output = read_output(findings, top.values.get("output"))
    permissions = read_permissions(findings, top.values.get("permissions"), schema)
    demo = top.boolean("demo")
    if demo and any(permissions[key] for key in ("network", "connections", "models", "agents")):
        top.note("demo", "A demo runs without network, connections, models and other agents; write demo: false.")
    resources = _read_resources(findings, top.values.get("resources"))
    price = read_pricing(findings, top.values.get("pricing"))
    tests = read_tests(findings, top.values.get("tests"), schema)
    if files is not None:
        check_entry(findings, identity.entry, files)
        check_samples(findings, tests, schema or {}, files)
    if findings.problems or schema is None:
        raise ManifestInvalid(findings.problems)
    return Manifest(
        **vars(identity),
        input_schema=schema,
        output=output,
        permissions=permissions,
        permission_level=level_of(permissions),
        resources=resources,
        demo=demo,
        price=price,
        tests=tests,
        raw=raw,
    )


def _read_resources(findings: Findings, value: Any) -> Resources:
    keys = ("memory_mb", "cpu", "disk_mb", "timeout_seconds", "parallel_runs")
    section = Section(findings, "resources", value, keys=keys)
    return Resources(
        memory_mb=int(section.number("memory_mb", 512, low=64, high=8192)),
        cpu=float(section.number("cpu", 0.5, low=0.1, high=4, whole=False)),
        disk_mb=int(section.number("disk_mb", 256, low=16, high=10_240)),
        timeout_seconds=int(section.number("timeout_seconds", 600, low=5, high=86_400)),
        parallel_runs=int(section.number("parallel_runs", 50, low=1, high=1_000)),
    )


def _check_file_places(findings: Findings, schema: dict[str, Any]) -> None:
    """A file field stands at the top of the input, alone or as the entries of a list; deeper ones could not be given."""
    for name, field in schema.get("properties", {}).items():
        below = [
            (f"input.properties.{name}.{path}", inner)
            for path, inner in _below(field)
            if not (path == "items" and field.get("type") == "array")
        ]
        for path, inner in below:
            if inner.get("format") == "file":
                findings.add(path, "A file field must stand at the top of the input; move it there.")


def _below(schema: Any, path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    if not isinstance(schema, dict):
        return found
    inner = {
        "items": schema.get("items"),
        **{f"properties.{k}": v for k, v in (schema.get("properties") or {}).items()},
    }
    for name, value in inner.items():
        if isinstance(value, dict):
            here = f"{path}.{name}" if path else name
            found += [(here, value), *_below(value, here)]
    return found
