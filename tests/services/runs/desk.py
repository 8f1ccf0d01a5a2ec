"""A workspace that may run an agent which reads files, and files that were sent to it some time ago."""

import os
import threading
import time

import psycopg
from psycopg.types.json import Jsonb

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id, shown
from agent_platform.core.settings import get_settings
from agent_platform.models.agents import Agent, AgentVersion
from agent_platform.services import runs
from tests.services.runs.conftest import Bench

INPUT = {
    "type": "object",
    "properties": {
        "file": {"type": "string", "format": "file", "title": "File"},
        "files": {"type": "array", "items": {"type": "string", "format": "file"}, "title": "Files"},
        "note": {"type": "string"},
    },
}
DAY = "24 hours"
SWEPT = "24 hours 6 minutes"  # a little after the end of its day


class Desk(Bench):
    """A workspace that may run an agent which reads files."""

    def __init__(self, database):
        super().__init__("free")
        self.god = database.superuser
        self.do(
            "UPDATE catalogue.releases SET manifest = (manifest::jsonb || jsonb_build_object('input', %s::jsonb))::json",
            Jsonb(INPUT),
        )

    def do(self, statement, *values):
        with psycopg.connect(self.god, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def send(self, content=b"a,b\n1,2\n", *, name="orders.csv", tenant=None, age=None):
        """The id of a new upload, sent that long ago."""
        with tenant_session(tenant or self.consumer) as session:
            kept = runs.store_upload(session, name=name, media_type="text/csv", chunks=[content], by=None)
        if age:
            self.let_pass(age, kept.id)
        return shown("file", kept.id)

    def let_pass(self, period, file_id=None):
        self.do(
            "UPDATE app.run_files SET created_at = created_at - %s::interval, expires_at = expires_at - %s::interval"
            " WHERE %s::uuid IS NULL OR id = %s::uuid",
            period, period, file_id, file_id,
        )  # fmt: skip
        for one in (get_settings().objects_dir / "tenants").glob("*/*"):
            os.utime(one, (time.time() - 90_000, time.time() - 90_000))

    def folder(self, tenant=None):
        return get_settings().objects_dir / objects.tenant_folder(tenant or self.consumer)

    def bytes_kept(self, tenant=None):
        return [one.name for one in self.folder(tenant).glob("*")]

    def rows(self):
        return {shown("file", one) for (one,) in self.do("SELECT id FROM app.run_files")}

    def sweep(self, **asked):
        with acting_as("worker"):
            return runs.sweep_uploads(**asked)

    def build(self, content):
        """The consumer has an agent of its own whose bundle is these bytes."""
        digest, agent_id = objects.put_bytes(objects.tenant_folder(self.consumer), content), new_id()
        version = {"number": "1.0.0", "manifest": {}, "manifest_text": "", "bundle_bytes": 1, "state": "ready"}
        with tenant_session(self.consumer) as session:
            session.add(Agent(tenant_id=self.consumer, id=agent_id, slug="own", name="Own"))
            session.flush()
            session.add(AgentVersion(tenant_id=self.consumer, id=new_id(), agent_id=agent_id, digest=digest, **version))


def waits(desk):
    """Returns once somebody waits for a lock of another. Fails when nobody does."""
    for _ in range(200):
        if desk.do("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"):
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def in_background(work):
    """(thread, what it returned or raised)."""
    told = []

    def run():
        try:
            told.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            told.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, told
