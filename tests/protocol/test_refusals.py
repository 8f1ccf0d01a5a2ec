"""A page that could not be loaded says so in its place, once."""

import asyncio
import os
import re
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from agent_platform.pages import SITE_MAP
from agent_platform.state.callers import CACHE_SECONDS
from tests.protocol.browser import PREFIX, Tab

pytestmark = pytest.mark.sec
CLOSED = {
    "/studio/agents/nosuch": "missing",
    "/ops/review/zzz": "refused",
    "/ops/reports/zzz": "refused",
    "/ops/review": "refused",
}
READS_FOR_ANYBODY = ["/", "/agents", "/agents/[publisher]/[slug]", "/publishers/[publisher]"]
LOAD = f"{PREFIX}.reflex___state____on_load_internal_state.on_load_internal"
SCHEMAS = ("app", "platform", "catalogue")


@pytest.fixture
def break_database(world, template):
    """Every question to the database fails while it is entered."""
    name = urlsplit(os.environ["DATABASE_URL_APP"]).path[1:]

    @contextmanager
    def broken():
        with psycopg.connect(template.on(name).superuser, autocommit=True) as connection:
            _rename(connection, {schema: f"{schema}_gone" for schema in SCHEMAS})
            try:
                yield
            finally:
                _rename(connection, {f"{schema}_gone": schema for schema in SCHEMAS})

    return broken


@pytest.mark.parametrize(("path", "kind"), CLOSED.items())
async def test_a_closed_page_says_so_in_its_place_and_nowhere_else(visit, world, path, kind):
    tab = await visit("acme.localhost", world.owner).open_tab(path)
    await refused(tab)
    await tab.settled()
    assert (tab.refusal, tab.notices) == (kind, [])


async def test_a_refused_page_is_forgotten_on_the_next(visit, world):
    tab = await visit("acme.localhost", world.owner).open_tab("/studio/agents/nosuch")
    await refused(tab)
    tab.path = "/studio"
    await tab.send(LOAD)
    await tab.until(lambda: not tab.refusal)


async def test_every_page_of_a_person_says_that_it_could_not_be_read(visit, world, break_database):
    tab = await visit("localhost", world.owner).open_tab("/docs")  # where nothing is followed, which would fail besides
    with break_database():
        await asyncio.sleep(CACHE_SECONDS)
        for page in SITE_MAP:
            tab.session["refusal"], tab.path = {}, opened(page.route)
            await tab.send(LOAD)
            await refused(tab)
            assert (tab.refusal, tab.notices) == ("failed", []), page.route


@pytest.mark.parametrize("route", READS_FOR_ANYBODY)
async def test_a_load_that_fails_behind_the_gate_says_so_too(visit, world, break_database, route):
    with break_database():
        tab = await visit().open_tab(opened(route))
        await refused(tab)
        await tab.settled()
    assert (tab.refusal, tab.notices) == ("failed", [])


async def refused(tab: Tab) -> None:
    await tab.until(lambda: tab.refusal)


def opened(route: str) -> str:
    """An address of the route whose parts are nobody's."""
    return re.sub(r"\[\w+\]", "nosuch", route)


def _rename(connection: psycopg.Connection, names: dict[str, str]) -> None:
    for old, new in names.items():
        connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))
