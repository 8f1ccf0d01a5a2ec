"""Which agents are compared at all: in a large directory the most used ones, and more of those that have every word."""

import pytest

from agent_platform.services import catalog
from agent_platform.services.catalog import _ranking
from tests.services.catalog.shelf import fill, search, slugs

CROWD = _ranking.MOST_LOOKED_AT + 100
DEEP = CROWD - 50  # behind those that are looked at, in the order of use


@pytest.fixture
def crowd(settings):
    """Agents with one word; of the 300 most used the first `both` have two, as have those below that are given."""
    catalog.forget_facets()

    def made(both: int, *below: int) -> None:
        having = {*range(both), *below}
        fill(**{f"tool_{number:04}": named(number, both=number in having) for number in range(CROWD)})

    return made


def named(number: int, *, both: bool) -> dict[str, object]:
    """The less it is used, the better it fits: what is compared at all comes first."""
    words = "Zephyr CSV" if both else "CSV"
    name = f"{words} Tool" if both and number >= 300 else "Tool"
    return {"name": name, "summary": f"{words} work.", "tags": [], "runs_30d": 2 * CROWD - number}


def first(asked: str) -> list[str]:
    return slugs(search(q=asked))


def test_where_many_have_every_word_the_most_used_of_the_directory_are_looked_at(crowd):
    crowd(20, *range(400, 424), DEEP)
    assert first("zephyr csv") == [f"tool-{number:04}" for number in range(400, 424)]


def test_where_few_have_every_word_all_that_have_are_compared(crowd):
    crowd(5, *range(400, 410), DEEP)
    assert f"tool-{DEEP:04}" in first("zephyr csv")[:11]


def test_where_too_few_of_those_looked_at_have_every_word_all_that_have_are_compared(crowd):
    crowd(20, DEEP)
    assert first("zephyr csv")[0] == f"tool-{DEEP:04}"


def test_a_page_follows_on_the_other_by_the_same_order(crowd):
    crowd(20, *range(400, 410))
    page = search(q="zephyr csv", size=8)
    assert slugs(page) + slugs(search(q="zephyr csv", size=8, cursor=page.next_cursor)) == first("zephyr csv")[:16]
