"""What outlives the daemon: one small file per sandbox, never with a token in it."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any


class Records:
    """`boxes/<name>.json` is a process to clean up after; `runs/<handle>.json` a status to report."""

    def __init__(self, folder: Path) -> None:
        self._boxes = folder / "boxes"
        self._runs = folder / "runs"
        self._boxes.mkdir(parents=True, exist_ok=True)
        self._runs.mkdir(exist_ok=True)
        for draft in (*self._boxes.glob("*.tmp"), *self._runs.glob("*.tmp")):
            draft.unlink()

    def log_path(self, handle: str) -> Path:
        return self._runs / f"{handle}.log"

    def save_box(self, name: str, content: dict[str, Any]) -> None:
        _save(self._boxes / f"{name}.json", content)

    def forget_box(self, name: str) -> None:
        (self._boxes / f"{name}.json").unlink(missing_ok=True)

    def boxes(self) -> dict[str, dict[str, Any]]:
        return _all_in(self._boxes)

    def save_run(self, handle: str, content: dict[str, Any]) -> None:
        _save(self._runs / f"{handle}.json", content)

    def forget_run(self, handle: str) -> None:
        (self._runs / f"{handle}.json").unlink(missing_ok=True)
        self.log_path(handle).unlink(missing_ok=True)

    def runs(self) -> dict[str, dict[str, Any]]:
        return _all_in(self._runs)


def _save(path: Path, content: dict[str, Any]) -> None:
    # Renamed into place: a daemon killed in between leaves the old file or the new one, never half of one.
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(content))
    os.replace(draft, path)  # noqa: PTH105 - a hot path


def _all_in(folder: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(folder.glob("*.json")):
        with suppress(ValueError, OSError):
            found[path.stem] = json.loads(path.read_text())
    return found
