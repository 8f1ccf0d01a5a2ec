"""Who the agent is and where its code begins."""

import re
import sys
from dataclasses import dataclass
from typing import Any

from agent_platform.services.agents._manifest.checks import Findings, Section

SCHEMA = "agentplatform.dev/agent/v1"
SLUG = r"[a-z][a-z0-9-]{2,39}"
VERSION = r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})"
TAG = r"[a-z0-9][a-z0-9-]{0,29}"
ENTRY = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*"
CATEGORIES = ("data", "engineering", "finance", "operations", "research", "support", "web", "other")
KINDS = ("job", "chat")
SOURCES = ("code", "recipe", "image")
CLAUSE = re.compile(r"\s*(>=|<=|==|!=|~=|>|<)\s*(\d+)\.(\d+)(?:\.(?:\d+|\*))?\s*")
ENV_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
RESERVED_ENV = ("AP_", "OPENAI_", "PYTHON", "LD_")
MOST_ENV = 50


@dataclass(frozen=True)
class Identity:
    slug: str
    name: str
    version: str
    summary: str
    category: str
    tags: tuple[str, ...]
    kind: str
    entry: str
    env: dict[str, str]


def read_identity(top: Section) -> Identity:
    top.text("schema", f"write schema: {SCHEMA}.", pattern=re.escape(SCHEMA))
    return Identity(
        slug=top.text(
            "slug", "write 3 to 40 lower-case letters, digits and hyphens, beginning with a letter.", pattern=SLUG
        ),
        name=top.text("name", "write the name people see, such as Site Auditor.", most=60),
        version=top.text("version", "write three numbers with dots, such as 1.0.0.", pattern=VERSION),
        summary=top.text("summary", "say in one sentence what the agent does.", most=120),
        category=top.choice("category", CATEGORIES),
        tags=top.texts("tags", "write up to 30 lower-case letters, digits and hyphens.", pattern=TAG, most=10),
        kind=top.choice("kind", KINDS, default="job"),
        entry=_read_source(top.findings, top.values.get("source")),
        env=_read_env(top),
    )


def _read_source(findings: Findings, value: Any) -> str:
    if value is None:
        findings.add("source", 'This is missing; write source: {type: code, entry: "main:function"}.')
        return ""
    section = Section(findings, "source", value, keys=("type", "entry", "python"))
    kind = section.choice("type", SOURCES)
    if section.has("type") and kind != "code" and section.values["type"] == kind:
        section.note("type", f"Agents of type {kind} cannot be built on this installation; use type: code.")
    if section.has("python"):
        _check_python(section)
    return section.text("entry", "write module:function, such as main:audit.", pattern=ENTRY)


def _check_python(section: Section) -> None:
    wanted = section.text("python", 'write a version range in quotes, such as ">=3.11".', most=60)
    running = sys.version_info[:2]
    clauses = [CLAUSE.fullmatch(part) for part in wanted.split(",")]
    if not all(clauses):
        section.note("python", f'"{wanted[:60]}" does not fit; write a version range in quotes, such as ">=3.11".')
    elif not all(_holds(clause, running) for clause in clauses if clause):
        section.note("python", f"Agents run on Python {running[0]}.{running[1]} here, which {wanted} excludes.")


def _holds(clause: re.Match[str], running: tuple[int, ...]) -> bool:
    sign, wanted = clause[1], (int(clause[2]), int(clause[3]))
    return {
        ">=": running >= wanted,
        "<=": running <= wanted,
        "==": running == wanted,
        "!=": running != wanted,
        "~=": running[0] == wanted[0] and running >= wanted,
        ">": running > wanted,
        "<": running < wanted,
    }[sign]


def _read_env(top: Section) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in top.mapping("env", most=MOST_ENV).items():
        path = f"env.{name}"
        if not re.fullmatch(ENV_NAME, name):
            top.findings.add(path, "A variable's name has letters, digits and underscores; rename it.")
        elif name.startswith(RESERVED_ENV):
            top.findings.add(path, f"Names that begin with {name.split('_')[0]} belong to the platform; rename it.")
        elif not isinstance(value, str) or len(value) > 4096:
            top.findings.add(path, "Write the value as text in quotes, at most 4,096 characters.")
        else:
            found[name] = value
    return found
