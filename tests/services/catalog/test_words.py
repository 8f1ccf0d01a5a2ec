"""The dictionary of the directory: what public listings are found by, and what typing errors are compared with."""

import random

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session
from agent_platform.models.catalogue import ListedWord, Listing
from agent_platform.services import catalog
from tests.services.catalog.shelf import fill


def slugs(q: str, **how) -> list[str]:
    with public_session() as session:
        return [card.slug for card in catalog.search(session, q=q, **how).listings]


def known() -> set[str]:
    with public_session() as session:
        return set(session.execute(select(col(ListedWord.word))).scalars())


def test_words_of_public_listings_are_known_and_those_of_others_once_they_are_public(settings):
    ids = fill(zephyr={"name": "Zephyr Sorter", "tags": ["wind-power"], "visibility": "unlisted"})
    assert known().isdisjoint({"zephyr", "wind-power"})
    with publisher_session() as session:
        session.execute(update(Listing).where(col(Listing.id) == ids["zephyr"]).values(visibility="public"))
    assert known() >= {"zephyr", "sorter", "wind-power", "harbor"}
    assert slugs("zepyhr") == ["zephyr"]


def test_a_new_name_is_known(settings):
    ids = fill()
    with publisher_session() as session:
        session.execute(update(Listing).where(col(Listing.id) == ids["translator"]).values(name="Quillfeather"))
    assert slugs("quilfeathre") == ["translator"]


def test_words_that_no_public_listing_has_are_forgotten(settings):
    ids = fill(zephyr={"name": "Zephyr Sorter"})
    with publisher_session() as session:
        session.execute(update(Listing).where(col(Listing.id) == ids["zephyr"]).values(visibility="unlisted"))
        catalog.forget_words(session)
    assert "zephyr" not in known()
    assert slugs("translate") == ["translator"]


def test_terms_with_marks_of_the_query_language_are_asked_for_as_they_are(settings):
    fill(oneil={"name": r"Back\slash", "summary": "Reads https://example.com/it's?x='y'&z=! and example.com/o'neil."})
    assert any("'" in word for word in known())
    for asked in ("example", "example.com", "back slash", "examples backs"):
        assert slugs(asked) == ["oneil"], asked


def test_a_beginning_of_very_many_words_finds_them_all(settings):
    fill(**{f"many_{number}": {"name": f"Prefix{number:03d} Tool"} for number in range(30)})
    with public_session() as session:
        assert catalog.search(session, q="prefix").total == 30
    assert slugs("prefix007") == ["many-7"]


@pytest.mark.sec
def test_the_longest_texts_that_a_manifest_may_have_are_listed(settings):
    dice = random.Random(7)

    def rare(characters: int) -> str:
        return " ".join(chr(dice.randrange(0x20000, 0x2A6D0)) for _ in range(characters // 2))

    def word(length: int) -> str:
        return "".join(dice.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))

    fill(
        spaced={
            "name": rare(60),
            "summary": rare(120),
            "tags": [word(30) for _ in range(10)],
            "publisher_name": rare(80),
        },
        solid={
            "name": rare(120).replace(" ", ""),
            "summary": rare(240).replace(" ", ""),
            "tags": [word(30) for _ in range(10)],
            "publisher": word(32),
            "publisher_name": rare(160).replace(" ", ""),
        },
    )
    assert {"spaced", "solid"} <= set(slugs("")) | set(slugs("", sort="newest"))


def test_a_word_that_no_agent_has_does_not_spoil_the_others(settings):
    fill()
    assert slugs("qqqqzz csv")[0] in {"csv-merger", "data-profiler"}
    assert slugs("merge qqqqzz csv")[0] == "csv-merger"
    assert slugs("the of") == []
