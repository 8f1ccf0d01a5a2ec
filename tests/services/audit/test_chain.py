from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy.exc import ProgrammingError

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id
from agent_platform.services import audit

pytestmark = pytest.mark.usefixtures("settings")


def note(tenant_id, number: int, **detail) -> None:
    with tenant_session(tenant_id) as session:
        audit.record(session, actor="user:1", action="thing.done", subject=f"thing:{number}", **detail)


def verdict(tenant_id):
    with tenant_session(tenant_id) as session:
        return audit.verify_chain(session)


@pytest.fixture
def tenant_id():
    tenant_id = new_id()
    for number in range(1, 6):
        note(tenant_id, number, amount=number, words=["ä", "\0nul", {"at": 1.5}], literal="\\u0000")
    return tenant_id


def test_an_untouched_chain_is_whole(tenant_id):
    assert verdict(tenant_id) is None


def test_entries_are_numbered_without_gaps_and_listed_newest_first(tenant_id):
    with tenant_session(tenant_id) as session:
        assert [entry.seq for entry in audit.list_entries(session, limit=3)] == [5, 4, 3]
        assert [entry.seq for entry in audit.list_entries(session, before_seq=3)] == [2, 1]


@pytest.mark.parametrize(
    ("tampering", "first_bad"),
    [
        ("update app.audit_log set subject = 'thing:9' where seq = 3", 3),
        ("update app.audit_log set actor = 'user:2' where seq = 1", 1),
        ("update app.audit_log set detail = detail || '{\"amount\": 7}' where seq = 4", 4),
        ("update app.audit_log set created_at = created_at + interval '1 second' where seq = 5", 5),
        ("delete from app.audit_log where seq = 2", 2),
        ("delete from app.audit_log where seq = 1", 1),
    ],
)
def test_a_changed_or_removed_entry_breaks_the_chain_at_its_number(tenant_id, database, tampering, first_bad):
    with psycopg.connect(database.superuser) as connection:
        connection.execute(tampering)
    assert verdict(tenant_id) == first_bad


@pytest.mark.parametrize("statement", ["UPDATE app.audit_log SET actor = 'x'", "DELETE FROM app.audit_log"])
def test_no_serving_role_can_change_or_remove_entries(tenant_id, database, statement):
    for role in ("app", "worker", "broker", "platform", "publisher"):
        with (
            psycopg.connect(getattr(database, role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_entries_written_at_once_form_one_chain():
    tenant_id = new_id()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: note(tenant_id, number), range(24)))
    assert verdict(tenant_id) is None
    with tenant_session(tenant_id) as session:
        assert len(audit.list_entries(session)) == 24


def test_a_rolled_back_action_leaves_no_entry(tenant_id):
    def fail_after_noting() -> None:
        with tenant_session(tenant_id) as session:
            audit.record(session, actor="user:1", action="thing.done", subject="thing:6")
            session.connection().exec_driver_sql("select no_such_column")

    with pytest.raises(ProgrammingError):
        fail_after_noting()
    assert verdict(tenant_id) is None
    note(tenant_id, 6)
    assert verdict(tenant_id) is None


def test_chains_of_two_workspaces_do_not_mix(tenant_id):
    other = new_id()
    note(other, 1)
    assert verdict(other) is None
    with tenant_session(other) as session:
        assert [entry.seq for entry in audit.list_entries(session)] == [1]
