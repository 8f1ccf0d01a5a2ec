"""What an example is made of, free of the database."""

from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class KeptFile:
    """A file that the run has put out; `text` is its content where the output has a view for it that draws text."""

    name: str
    media_type: str
    bytes: int
    text: str | None = None


@dataclass(frozen=True)
class Kept:
    """What a run was given and put out. `rows` are the first of `row_count`."""

    input: dict[str, Any]
    rows: list[dict[str, Any]]
    row_count: int
    result: dict[str, Any] | None
    files: list[KeptFile] = field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, stored: dict[str, Any]) -> "Kept":
        return cls(**{**stored, "files": [KeptFile(**one) for one in stored["files"]]})


@dataclass(frozen=True)
class ExampleCard:
    """One example of a list; its address is that of its agent and `slug`."""

    id: UUID
    slug: str
    title: str
    line: str
    version: str
    ran_at: datetime

    @classmethod
    def of(cls, example: Any) -> "ExampleCard":
        """`example` is a row that has these columns, whatever else it has."""
        return cls(*(getattr(example, name) for name in cls.names()))

    @classmethod
    def names(cls) -> list[str]:
        return [one.name for one in fields(cls)]


@dataclass(frozen=True)
class ExampleFacts:
    """A whole example page. `schema` and `output` are those of the version that ran, whatever is listed by now."""

    card: ExampleCard
    kept: Kept
    listing_id: UUID
    publisher: str
    publisher_name: str
    agent_slug: str
    agent_name: str
    category: str
    listed_version: str
    price_model: str
    price_label: str
    price_unit: str
    indexed: bool
    schema: dict[str, Any]
    output: dict[str, Any]
    duration_ms: int
    cost_micro_usd: int
    saved_at: datetime
