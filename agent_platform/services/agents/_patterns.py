"""Regular expressions of creators, matched against text of consumers: refused where matching could take for ever.

A backtracking match costs about length ** repeats steps, doubled by each choice; so the shape of a pattern bounds how long
its text may be. Nested repeats, look-around and back-references have no such bound.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as sre  # pyright: ignore[reportAttributeAccessIssue]
from re import _parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

MOST_CHARACTERS = 200
MOST_CHOICES = 8
LONGEST_TEXT = (100_000, 100_000, 2_000, 400, 100)  # by the power of the text's length
SET_OPERATORS = ("[[", "--", "&&", "~~", "||")  # Source: https://docs.python.org/3/library/re.html, on FutureWarning
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
BOUNDLESS = (sre.ASSERT, sre.ASSERT_NOT, sre.GROUPREF, sre.GROUPREF_EXISTS)


class PatternRefused(ValueError):
    """One sentence: why, and what to write instead."""


@dataclass
class _Shape:
    repeats: int = 0
    choices: int = 0


@lru_cache(maxsize=1024)
def longest_text(pattern: str) -> int:
    """How many characters a text may have to be matched against this pattern. Raises: PatternRefused."""
    if len(pattern) > MOST_CHARACTERS:
        raise PatternRefused(f"The pattern has {len(pattern)} characters; at most {MOST_CHARACTERS} are allowed.")
    doubled = next((pair for pair in SET_OPERATORS if pair in pattern), None)
    if doubled:
        raise PatternRefused(
            f"{doubled} will mean something else in later versions of Python; put a backslash into it."
        )
    try:
        tree = _parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise PatternRefused(f"This is no regular expression ({error}).") from None
    shape = _Shape()
    _measure(tree, shape, repeated=False)
    anchored = bool(len(tree)) and tree[0][0] is sre.AT and tree[0][1] in {sre.AT_BEGINNING, sre.AT_BEGINNING_STRING}
    power = shape.repeats + (0 if anchored else 1)
    if power >= len(LONGEST_TEXT) or shape.choices > MOST_CHOICES:
        raise PatternRefused(
            "The pattern has too many repeats and choices; split the field or begin the pattern with ^."
        )
    return LONGEST_TEXT[power]


def _measure(tree: Any, shape: _Shape, *, repeated: bool) -> None:
    for operation, argument in tree:
        if operation in BOUNDLESS:
            raise PatternRefused("Look-around and back-references are not allowed in a pattern; write it without.")
        if operation in REPEATS:
            _measure_repeat(argument, shape, repeated=repeated)
        elif operation is sre.BRANCH:
            _refuse_nested(repeated=repeated)
            shape.choices += len(argument[1]) - 1
            for branch in argument[1]:
                _measure(branch, shape, repeated=repeated)
        elif operation is sre.SUBPATTERN:
            _measure(argument[3], shape, repeated=repeated)
        elif operation is sre.ATOMIC_GROUP:
            _measure(argument, shape, repeated=repeated)


def _measure_repeat(argument: Any, shape: _Shape, *, repeated: bool) -> None:
    low, high, body = argument
    if high != low:
        _refuse_nested(repeated=repeated)
        if high - low == 1:
            shape.choices += 1
        else:
            shape.repeats += 1
    _measure(body, shape, repeated=repeated or high > 1)


def _refuse_nested(*, repeated: bool) -> None:
    if repeated:
        raise PatternRefused(
            "A repeat or choice inside another repeat can take for ever; use one repeat, such as ^[a-z0-9-]+$."
        )
