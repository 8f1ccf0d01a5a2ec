"""Semantic numbers of versions: order, and the next free one."""

from collections.abc import Collection

Number = tuple[int, int, int]


def number_of(text: str) -> Number:
    """`2.10.0` as (2, 10, 0), which sorts as people mean it."""
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def next_free(number: str, taken: Collection[str]) -> str:
    """The next patch of the same major and minor version that no version has."""
    major, minor, patch = number_of(number)
    used = {number_of(one)[2] for one in taken if number_of(one)[:2] == (major, minor)}
    return f"{major}.{minor}.{max(used | {patch}) + 1}"
