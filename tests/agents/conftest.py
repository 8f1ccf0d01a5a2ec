"""The sample agents, loaded as the runner loads them: each from its own folder."""

import csv
import importlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from agent_platform.sdk.testing import TestRun, run_agent

AGENTS = Path(__file__).resolve().parents[2] / "agents"


class Bundle:
    """One agent's folder: its manifest, its entry point and its modules."""

    def __init__(self, address: str) -> None:
        self.folder = AGENTS / address
        self.manifest = yaml.safe_load((self.folder / "agent.yaml").read_text())
        module, _, function = self.manifest["source"]["entry"].partition(":")
        self.entry = getattr(self.module(module), function)

    def module(self, name: str) -> ModuleType:
        sys.path.insert(0, str(self.folder))
        sys.modules.pop("main", None)  # every bundle has one
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(self.folder))

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        return self.manifest["input"]["properties"]

    def with_defaults(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: field["default"] for name, field in self.fields.items() if "default" in field} | given

    def prefill(self) -> dict[str, Any]:
        return {name: field["prefill"] for name, field in self.fields.items() if "prefill" in field}

    def run(self, given: dict[str, Any] | None = None, **options: Any) -> TestRun:
        """One run with defaults added; a file field may name a file of the bundle, as in the manifest's tests."""
        values = dict(given or {})
        files = dict(options.pop("files", {}))
        for name, field in self.fields.items():
            if field.get("format") == "file" and name in values:
                files[name] = self.folder / values.pop(name)
            elif field.get("items", {}).get("format") == "file" and name in values:
                files |= {path: self.folder / path for path in values[name]}
        return run_agent(self.entry, self.with_defaults(values), files=files, **options)

    def run_as_given(self, given: dict[str, Any], contents: dict[str, bytes], **options: Any) -> TestRun:
        """One run with defaults added, whose lists of files name `contents`."""
        return run_agent(self.entry, self.with_defaults(given), files=contents, **options)


@pytest.fixture(scope="session")
def bundle() -> Callable[[str], Bundle]:
    loaded: dict[str, Bundle] = {}

    def load(address: str) -> Bundle:
        if address not in loaded:
            loaded[address] = Bundle(address)
        return loaded[address]

    return load


@pytest.fixture(autouse=True)
def settings_of_a_process() -> Iterator[None]:
    """An agent has a process of its own: what it sets for all of it ends with its test."""
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)


@pytest.fixture(scope="session")
def digest(bundle):
    return bundle("mica-tools/repo-digest")


@pytest.fixture
def read(digest):
    def run(content, *, check=True, **given):
        began = time.monotonic()
        done = digest.run(given, files={"file": content})
        assert time.monotonic() - began < 30
        assert not check or done.error is None, done.error
        return done

    return run
