"""An agent that visitors may try, and the steps of a demo as the processes take them."""

import os
import time

import psycopg
from sqlalchemy import select
from sqlmodel import col

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.settings import get_settings
from agent_platform.models.catalogue import Listing, Release
from agent_platform.services import runs, tenancy, visitors
from tests.services.catalog.test_reviews import Shop
from tests.services.runs.conftest import item, manifest, result

ADDRESS = "203.0.113.7"


class Stall(Shop):
    """`consumer` is the workspace of all demos."""

    def __init__(self, pricing="per_event", **changed):
        super().__init__(pricing)
        self.buyer = self.consumer
        tenancy.in_platform(tenancy.ensure_demo_workspace)
        self.consumer = tenancy.find_demo_workspace()
        self.change(demo=True, **changed)

    def change(self, **parts):
        """The listed release says this too, as if it had been published so."""
        with publisher_session() as session:
            listing = session.get_one(Listing, self.listing_id)
            release = session.execute(select(Release).where(col(Release.id) == listing.release_id)).scalar_one()
            release.manifest = {**release.manifest, **manifest("counter", self.pricing), **parts}
            listing.demo = bool(parts.get("demo"))

    def try_it(self, given=None, address=ADDRESS, slug="counter"):
        wanted = {"n": 3} if given is None else given
        return visitors.start_demo(publisher="maker", slug=slug, given=wanted, address=address)

    def run_of(self, key):
        return visitors.in_demo(key, _run)

    def begin(self, key):
        run = self.run_of(key)
        assert self.launch(run)
        self.hand_input(run)
        return run

    def finish_demo(self, key):
        """It has put three rows, a line of log, a file and a result, and ended well."""
        run = self.begin(key)
        log = {"seq": 2, "type": "log", "lines": [{"at": "2026-11-29T10:00:00Z", "level": "info", "text": "counted"}]}
        self.speak(run, item(1, 3, event="page" if self.pricing == "per_event" else None), log, result(3))
        stored = objects.put(objects.tenant_folder(self.consumer), [b"what a visitor sent"], most_bytes=1_000)
        with acting_as("broker"), tenant_session(self.consumer) as session:
            fresh = runs.get_run(session, run_id=run.id)
            runs.store_output(session, fresh, name="out.txt", media_type="text/plain", stored=stored)
        self.end(run)
        return self.now_by_id(run.id)

    def sweep(self):
        with acting_as("worker"):
            return visitors.sweep_demos()

    def bytes_kept(self):
        folder = get_settings().objects_dir / objects.tenant_folder(self.consumer)
        return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []

    def age_bytes(self, seconds=3_600):
        folder = get_settings().objects_dir / objects.tenant_folder(self.consumer)
        for one in folder.iterdir():
            os.utime(one, (time.time() - seconds, time.time() - seconds))


class God:
    """Who may do what no process may: turn the clock back, look everywhere."""

    def __init__(self, url):
        self.url = url

    def do(self, statement, *values):
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def age(self, minutes):
        """Every demo began this long before it really did."""
        self.do(
            "UPDATE app.demos SET created_at = created_at - make_interval(mins => %s), expires_at = expires_at - make_interval(mins => %s)",
            minutes,
            minutes,
        )

    def left_of(self, run_id):
        """Tables that still hold a row of the run."""
        tables = self.do(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'run_id'"
            " WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        found = [name for (name,) in tables if self.do(f"SELECT 1 FROM app.{name} WHERE run_id = %s LIMIT 1", run_id)]
        return sorted([*found, *(["runs"] if self.do("SELECT 1 FROM app.runs WHERE id = %s", run_id) else [])])


def _run(session, *, run_id, caller):
    return runs.get_run(session, run_id=run_id)
