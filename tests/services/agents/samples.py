"""Bundles and manifests that are right, to be made wrong in one place by a test."""

import copy
import io
import re
import zipfile
from typing import Any

import yaml

GOOD: dict[str, Any] = {
    "schema": "agentplatform.dev/agent/v1",
    "slug": "site-auditor",
    "name": "Site Auditor",
    "version": "1.0.0",
    "summary": "Finds broken links.",
    "category": "web",
    "tags": ["links", "seo"],
    "source": {"type": "code", "entry": "main:audit"},
    "input": {
        "type": "object",
        "required": ["start_url"],
        "properties": {
            "start_url": {"type": "string", "format": "uri", "prefill": "https://example.com/"},
            "max_pages": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        },
    },
    "output": {
        "item": {"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}},
        "files": [{"name": "report.html", "media_type": "text/html"}],
        "views": [{"id": "pages", "title": "Pages", "type": "table", "columns": ["path"]}],
    },
    "pricing": {"model": "per_run", "price": "0.02"},
}
NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|0o[0-7]+")
CODE = "from agent_platform.sdk import agent\n\n\n@agent\ndef audit(run):\n    return {}\n"


def manifest(**changes: Any) -> dict[str, Any]:
    """The good manifest with other values; a dotted name reaches inside, None removes a key."""
    made = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *parents, last = path.split("__")
        inside = made
        for parent in parents:
            inside = inside.setdefault(parent, {})
        if value is None:
            inside.pop(last, None)
        else:
            inside[last] = value
    return made


class Plainly(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def words(self, value: str) -> yaml.Node:
        """PyYAML writes YAML 1.1, in which `0E0` is text."""
        return self.represent_scalar("tag:yaml.org,2002:str", value, style='"' if NUMBER.fullmatch(value) else None)


Plainly.add_representer(str, Plainly.words)


def text_of(made: dict[str, Any]) -> str:
    return yaml.dump(made, Dumper=Plainly, sort_keys=False, allow_unicode=True)


def bundle(files: dict[str, str | bytes] | None = None, **changes: Any) -> bytes:
    """A zip of the good manifest, its code and `files`."""
    return zip_of({"agent.yaml": text_of(manifest(**changes)), "main.py": CODE, **(files or {})})


def zip_of(files: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return target.getvalue()
