"""Manifests of releases and versions, read once per process and content."""

import json
from functools import lru_cache
from typing import Any

from agent_platform.services.agents import Manifest, read_manifest


def manifest_of(raw: dict[str, Any]) -> Manifest:
    """The manifest behind stored JSON."""
    return _read(json.dumps(raw))


@lru_cache(maxsize=512)
def _read(stored: str) -> Manifest:
    return read_manifest(json.loads(stored))
