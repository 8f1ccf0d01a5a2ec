"""Connections of a pool between two uses: asked after a rest, replaced when they broke, and never without what was planned on them."""

import psycopg
import pytest
from sqlalchemy import text

from agent_platform.core.db import engine
from agent_platform.core.db.engine import engine_of
from agent_platform.core.db.tenant import public_session

PLANNED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%is planned%'")


@pytest.fixture
def rested(settings, monkeypatch):
    """Every connection has rested for longer than it is trusted."""
    monkeypatch.setattr(engine, "TRUSTED_SECONDS", -1.0)


def backend():
    with public_session() as session:
        return session.execute(text("SELECT pg_backend_pid()")).scalar_one()


def test_a_connection_that_rested_keeps_what_was_planned_on_it(rested):
    for _ in range(8):
        with public_session() as session:
            session.execute(text('SELECT CAST(:n AS integer) AS "is planned"'), {"n": 1})
    with public_session() as session:
        assert session.execute(PLANNED).scalar_one() == 1


def test_who_comes_next_gets_the_connection_that_was_used_last(settings):
    with public_session() as one, public_session() as two:
        pids = [session.execute(text("SELECT pg_backend_pid()")).scalar_one() for session in (one, two)]
    assert len(set(pids)) == 2
    assert len({backend() for _ in range(5)}) == 1


def test_a_connection_that_broke_while_it_rested_is_replaced(rested):
    before = backend()
    with psycopg.connect(
        engine_of("app").url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [before])
    assert backend() != before
