"""JSON as Postgres can store it."""

import re
from typing import Any

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any, *, instead: str = "\N{REPLACEMENT CHARACTER}") -> Any:
    """The same JSON without what Postgres cannot store: `instead` stands for each NUL and lone surrogate."""
    if isinstance(value, str):
        return UNSTORABLE.sub(instead, value)
    if isinstance(value, list):
        return [storable(part, instead=instead) for part in value]
    if isinstance(value, dict):
        return {storable(name, instead=instead): storable(part, instead=instead) for name, part in value.items()}
    return value
