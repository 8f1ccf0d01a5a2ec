"""What beat asks for each minute is what forgets people, and it leaves runs and money as they are."""

import psycopg

from agent_platform.core.db.engine import acting_as
from agent_platform.services import identity
from tests.doubles.running import make_run, make_workspace
from tests.factories import caller_of, make_tenant, make_user
from workers import beat, jobs

TABLES = ("runs", "journals", "postings", "accounts")
BOOKS = "SELECT " + ", ".join(
    f"(SELECT json_agg(to_jsonb(t) ORDER BY to_jsonb(t)::text)::text FROM app.{t} t)" for t in TABLES
)


def test_runs_and_money_of_who_has_left_stay_as_they_were(database, settings):
    mara = make_user("Mara Okafor")
    tenant_id = make_tenant("northwind", owner=mara)
    northwind = make_workspace(tenant_id=tenant_id, owner=caller_of(tenant_id, mara))
    make_run(northwind)
    identity.in_platform(identity.request_deletion, user_id=mara, confirmation="Mara Okafor")
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        connection.execute("UPDATE platform.users SET delete_at = now()")
        before = connection.execute(BOOKS).fetchone()
        with acting_as("worker"):
            jobs.forget_leavers()
        assert connection.execute(BOOKS).fetchone() == before
        assert connection.execute("SELECT display_name FROM platform.users").fetchone() == ("Deleted person",)
    assert all(before)


def test_beat_asks_for_it_every_minute():
    seconds, _ask = beat.DUTIES["accounts"]
    assert seconds == 60.0
    assert callable(vars(jobs)["forget_leavers"])
