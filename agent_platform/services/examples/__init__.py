"""Example pages: a publisher's own finished runs with what they were given and put out, frozen for everybody to read."""

from agent_platform.services.examples._facts import ExampleCard, ExampleFacts, Kept, KeptFile
from agent_platform.services.examples._kept import (
    MOST_INPUT_BYTES,
    MOST_ROWS,
    MOST_ROWS_BYTES,
    why_private,
)
from agent_platform.services.examples._queries import (
    ExampleAddress,
    count_addresses,
    count_examples,
    find_input,
    get_example,
    list_addresses,
    list_examples,
)
from agent_platform.services.examples._save import (
    CHANGED,
    MOST_EXAMPLES,
    MOST_LINE,
    MOST_TITLE,
    Standing,
    list_own,
    may_keep,
    remove_example,
    rename_example,
    save_example,
    slug_of,
    standing,
)
from agent_platform.services.examples._shelf import publish_example
from agent_platform.services.examples.errors import ExampleRefused, NotPublisher, TooManyExamples

__all__ = [
    "CHANGED",
    "MOST_EXAMPLES",
    "MOST_INPUT_BYTES",
    "MOST_LINE",
    "MOST_ROWS",
    "MOST_ROWS_BYTES",
    "MOST_TITLE",
    "ExampleAddress",
    "ExampleCard",
    "ExampleFacts",
    "ExampleRefused",
    "Kept",
    "KeptFile",
    "NotPublisher",
    "Standing",
    "TooManyExamples",
    "count_addresses",
    "count_examples",
    "find_input",
    "get_example",
    "list_addresses",
    "list_examples",
    "list_own",
    "may_keep",
    "publish_example",
    "remove_example",
    "rename_example",
    "save_example",
    "slug_of",
    "standing",
    "why_private",
]
