"""What the demo consumer wants of each sample agent: files of its bundle, whole or cut, and questions to them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent_platform.services.demo._bundles import AGENTS

Store = Callable[[str, str, bytes], str]
ENOUGH_RUNS = 21  # a quote takes its figures from twenty finished runs
FEW_RUNS = 5  # a first start should not take much longer
NO_TEXT = b"\x00\x01\x02 not a text file \xff" * 8
QUESTIONS = (
    "How many days of leave may be carried over into the next year?",
    "What is the limit for a hotel per night?",
    "When is a doctor's certificate needed?",
    "How much may I spend on equipment without asking?",
    "Which colour has the company car of the founder?",  # no document says so
    "What is the daily rate in Switzerland?",
    "How long is the period of notice?",
    "Who is told about a stolen device?",
)


@dataclass(frozen=True)
class Wish:
    """One sample agent, run `times` times on what lies in its folder `samples`. Agents that need a network have none."""

    publisher: str
    slug: str
    times: int
    given: Callable[["Wish", int, Store], dict[str, Any]]
    files: tuple[tuple[str, str], ...]

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    @property
    def folder(self) -> Path:
        return AGENTS / self.publisher / self.slug / "samples"


def _longer_each_time(wish: Wish, number: int, store: Store) -> dict[str, Any]:
    """The file cut to another length in each run, so that runs differ; in one of them it is no text at all."""
    ((name, media_type),) = wish.files
    lines = wish.read(name).splitlines(keepends=True)
    kept = lines[: max(2, len(lines) * (number + 5) // (wish.times + 5))]
    content = b"".join(kept) if number != wish.times // 2 else NO_TEXT
    path = Path(name)
    return {"file": store(f"{path.stem}-{number + 1:02d}{path.suffix}", media_type, content)}


def _another_question(wish: Wish, number: int, store: Store) -> dict[str, Any]:
    files = [store(name, media_type, wish.read(name)) for name, media_type in wish.files]
    return {"question": QUESTIONS[number % len(QUESTIONS)], "files": files}


def _another_budget(wish: Wish, number: int, store: Store) -> dict[str, Any]:
    ((name, media_type),) = wish.files
    content = wish.read(name) if number != wish.times // 2 else NO_TEXT
    return {"file": store(name, media_type, content), "max_tokens": 1_000 * (number + 1)}


WISHES = (
    Wish("openworks", "data-profiler", ENOUGH_RUNS, _longer_each_time, (("customers.csv", "text/csv"),)),
    Wish("openworks", "pii-redactor", ENOUGH_RUNS, _longer_each_time, (("support-tickets.csv", "text/csv"),)),
    Wish("mica-tools", "log-triage", ENOUGH_RUNS, _longer_each_time, (("orders.log", "text/plain"),)),
    Wish(
        "fieldnotes",
        "ask-my-documents",
        FEW_RUNS,
        _another_question,
        (("handbook.md", "text/markdown"), ("expenses.csv", "text/csv")),
    ),
    Wish("fieldnotes", "support-triage", FEW_RUNS, _longer_each_time, (("tickets.csv", "text/csv"),)),
    Wish("mica-tools", "repo-digest", FEW_RUNS, _another_budget, (("parcels.tar.gz", "application/gzip"),)),
)
