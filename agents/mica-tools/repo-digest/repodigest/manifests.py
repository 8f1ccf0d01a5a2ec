"""Dependencies that manifests name, read as data and never run."""

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST_NAMES = 500
NAME = re.compile(r"[A-Za-z0-9@][A-Za-z0-9@._/:+-]{0,100}")
REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]{0,80})", re.MULTILINE)
GO_LINE = re.compile(r"^(?:require)?[ \t]{1,20}([a-z0-9.-]{1,80}\.[a-z]{2,10}/\S{1,120})[ \t]{1,20}v\S", re.MULTILINE)
GEM_LINE = re.compile(r"^[ \t]{0,40}gem[ \t]{1,10}[\"']([^\"'\n]{1,80})[\"']", re.MULTILINE)
MAVEN = re.compile(r"<dependency>\s{0,200}<groupId>([^<]{1,120})</groupId>\s{0,200}<artifactId>([^<]{1,120})</artifactId>")
BASE_IMAGE = re.compile(r"^FROM[ \t]{1,10}(?:--platform=\S{1,60}[ \t]{1,10})?(\S{1,200})", re.MULTILINE | re.IGNORECASE)


@dataclass
class Dependencies:
    """`scripts` are commands that the manifest offers, `name -> what`."""

    path: str
    names: list[str]
    scripts: dict[str, str]


def read_dependencies(path: str, text: str) -> Dependencies | None:
    """None for a manifest that names no dependencies or cannot be read."""
    name = path.rpartition("/")[2].lower()
    reader = READERS.get(name) or (_requirements if name.startswith("requirements") else None)
    if reader is None:
        return None
    try:
        names, scripts = reader(text[:1_000_000])
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    good = [one for one in dict.fromkeys(names) if isinstance(one, str) and NAME.fullmatch(one)]
    plain = {str(key)[:60]: str(value)[:120] for key, value in list(scripts.items())[:20]}
    return Dependencies(path, good[:MOST_NAMES], plain)


def _package_json(text: str) -> tuple[list[str], dict[str, Any]]:
    found = json.loads(text)
    names = [name for key in ("dependencies", "devDependencies", "peerDependencies") for name in found.get(key) or {}]
    return names, found.get("scripts") or {}


def _composer_json(text: str) -> tuple[list[str], dict[str, Any]]:
    found = json.loads(text)
    return [name for key in ("require", "require-dev") for name in found.get(key) or {}], found.get("scripts") or {}


def _pyproject(text: str) -> tuple[list[str], dict[str, Any]]:
    found = tomllib.loads(text)
    project, poetry = found.get("project") or {}, (found.get("tool") or {}).get("poetry") or {}
    listed = [*project.get("dependencies", []), *(one for group in (project.get("optional-dependencies") or {}).values() for one in group)]
    names = [match[1] for one in listed if (match := REQUIREMENT.match(str(one)))]
    names += [name for name in poetry.get("dependencies") or {} if name != "python"]
    return names, {**(project.get("scripts") or {}), **(poetry.get("scripts") or {})}


def _cargo(text: str) -> tuple[list[str], dict[str, Any]]:
    found = tomllib.loads(text)
    return [name for key in ("dependencies", "dev-dependencies", "build-dependencies") for name in found.get(key) or {}], {}


def _requirements(text: str) -> tuple[list[str], dict[str, Any]]:
    return REQUIREMENT.findall(text), {}


def _go_mod(text: str) -> tuple[list[str], dict[str, Any]]:
    return GO_LINE.findall(text), {}


def _gemfile(text: str) -> tuple[list[str], dict[str, Any]]:
    return GEM_LINE.findall(text), {}


def _pom(text: str) -> tuple[list[str], dict[str, Any]]:
    return [f"{group.strip()}/{artifact.strip()}" for group, artifact in MAVEN.findall(text)], {}


def _dockerfile(text: str) -> tuple[list[str], dict[str, Any]]:
    return [image.partition("@")[0] for image in BASE_IMAGE.findall(text)], {}


READERS: dict[str, Callable[[str], tuple[list[str], dict[str, Any]]]] = {
    "package.json": _package_json, "composer.json": _composer_json, "pyproject.toml": _pyproject, "cargo.toml": _cargo, "go.mod": _go_mod,
    "gemfile": _gemfile, "pom.xml": _pom, "dockerfile": _dockerfile,
}  # fmt: skip
