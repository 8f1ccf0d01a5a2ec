"""What becomes of messages once they are done."""

from datetime import timedelta

from sqlalchemy import text

from agent_platform.core import outbox
from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from tests.factories import make_tenant
from workers import jobs

DAY = timedelta(days=1)


def put(tenant_id, kind: str) -> None:
    with tenant_session(tenant_id) as session:
        outbox.put(session, kind)


def age(kind: str, by: timedelta, *, ended: str = "") -> None:
    """The message is as old as that, and done or given up at the same time if `ended` names the column."""
    set_end = f", {ended} = now() - :by" if ended else ""
    with acting_as("worker"), dispatch_session() as session:
        session.execute(
            text(f"UPDATE app.outbox SET created_at = now() - :by{set_end} WHERE kind = :kind"),
            {"by": by, "kind": kind},
        )


def kinds(tenant_id) -> set[str]:
    with acting_as("worker"), dispatch_session() as session:
        found = session.execute(text("SELECT kind FROM app.outbox WHERE tenant_id = :id"), {"id": tenant_id})
        return set(found.scalars())


def test_messages_are_forgotten_fourteen_days_after_they_are_done(settings):
    tenant = make_tenant()
    before = kinds(tenant)
    for kind in ("old", "young", "waiting", "given up"):
        put(tenant, kind)
    age("old", 15 * DAY, ended="done_at")
    age("young", 13 * DAY, ended="done_at")
    age("waiting", 99 * DAY)
    age("given up", 99 * DAY, ended="dead_at")
    with acting_as("worker"):
        jobs.forget_done_messages()
    assert kinds(tenant) - before == {"young", "waiting", "given up"}


def test_a_worker_gone_wrong_cannot_delete_what_is_not_done(settings):
    tenant = make_tenant()
    put(tenant, "waiting")
    before = kinds(tenant)
    with acting_as("worker"), dispatch_session() as session:
        session.execute(text("DELETE FROM app.outbox"))
    assert kinds(tenant) == before


def test_what_is_forgotten_at_once_is_bounded(settings):
    tenant = make_tenant()
    before = kinds(tenant)
    for kind in ("one", "two", "three"):
        put(tenant, kind)
        age(kind, 15 * DAY, ended="done_at")
    with acting_as("worker"), dispatch_session() as session:
        assert outbox.forget_done(session, limit=2) == 2
    assert len(kinds(tenant) - before) == 1
