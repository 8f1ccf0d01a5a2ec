from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from agent_platform.cli import main
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import public_session
from agent_platform.core.errors import InputInvalid
from agent_platform.core.ids import new_id
from agent_platform.models.catalogue import ListedWord
from agent_platform.services import catalog, demo, quality
from agent_platform.services.catalog import Filters
from agent_platform.services.demo._made_up import made_up
from agent_platform.services.quality._due import due_listings
from tests.services.catalog.shelf import fill
from workers import seeding

pytestmark = pytest.mark.usefixtures("settings")


def found(**how) -> catalog.Page:
    with public_session() as session:
        return catalog.search(session, sort="used", **how)


def words() -> set[str]:
    with public_session() as session:
        return set(session.execute(select(col(ListedWord.word))).scalars())


def test_they_come_and_go_by_the_command_and_leave_real_agents_alone(capsys):
    fill()
    before = words()
    seeding.main("--listings", "300")
    assert words() > before
    assert "Added 300 synthetic listings" in capsys.readouterr().out
    assert found().total == 322
    seeding.main("--listings", "300")
    assert "Added 0" in capsys.readouterr().out
    seeding.main("--remove")
    assert "Removed 300" in capsys.readouterr().out
    assert found().total == 22
    assert words() == before
    assert demo.remove_synthetic() == 0


@pytest.mark.parametrize("options", [("--listings",), ("--listings", "-1"), ("--listings", "many"), ("--all",)])
def test_other_options_are_answered_with_the_usage(options):
    with pytest.raises(InputInvalid, match=r"Usage: agent-platform seed \[--listings NUMBER \| --remove\]"):
        seeding.main(*options)


def test_the_command_line_takes_the_options(capsys):
    main(["seed", "--listings", "10"])
    assert "Added 10" in capsys.readouterr().out


def test_they_are_counted_nowhere_and_their_figures_are_left_as_they_are():
    fill()
    demo.seed_synthetic(50)
    with public_session() as session:
        totals = catalog.totals(session)
    assert (totals.agents, totals.publishers) == (22, 1)
    before = {card.slug: card.runs_30d for card in found(filters=Filters(publisher=one_publisher())).listings}
    with acting_as("worker"):
        catalog.refresh_figures()
    assert {card.slug: card.runs_30d for card in found(filters=Filters(publisher=one_publisher())).listings} == before


def test_they_are_in_no_sitemap_and_are_neither_tested_nor_scored():
    demo.seed_synthetic(50)
    with public_session() as session:
        assert catalog.list_addresses(session, skip=0, most=100) == []
        assert catalog.last_changes(session) == {}
    with acting_as("worker"):
        assert due_listings(new_id(), datetime.now(UTC) + timedelta(hours=1)) == []
        assert quality.refresh_quality() == 0


def one_publisher() -> str:
    return made_up(1).publisher["handle"]


def test_each_has_a_page_that_agrees_with_its_card():
    demo.seed_synthetic(200)
    with public_session() as session:
        for card in catalog.search(session, sort="newest").listings:
            facts = catalog.get_listing(session, publisher=card.publisher, slug=card.slug)
            manifest = facts.manifest
            assert catalog.price_label(manifest.price) == (card.price_label, card.price_unit)
            assert manifest.permission_level == card.permission_level
            assert (manifest.category, manifest.kind, manifest.demo) == (card.category, card.kind, card.demo)
            assert "cannot be run" in facts.readme


def test_the_same_number_is_always_the_same_listing():
    assert made_up(7) == made_up(7)
    assert len({made_up(number).listing["slug"] for number in range(500)}) == 500


def test_most_runs_are_of_a_few_and_many_have_none():
    runs = sorted((made_up(number).listing["runs_30d"] for number in range(2_000)), reverse=True)
    assert sum(runs[:200]) > 0.8 * sum(runs)
    assert runs.count(0) > 500
