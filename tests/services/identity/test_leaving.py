"""Deleting an account: asked for, taken back, and what is left of it after fourteen days."""

import psycopg
import pytest

from agent_platform.core import mail
from agent_platform.core.db.engine import acting_as
from agent_platform.core.errors import InputInvalid
from agent_platform.core.ids import digest
from agent_platform.services import audit, identity, tenancy
from agent_platform.services.identity.errors import AccountBanned, OperatorStays, SoleOwner
from tests.doubles.people import arrive, enrol, found, inside


@pytest.fixture
def ann(settings):
    return arrive("Ann Lee", 1, email="ann@example.com")


@pytest.fixture
def bob(settings):
    return arrive("Bob", 2)


def leave(person, confirmation="Ann Lee"):
    return identity.in_platform(identity.request_deletion, user_id=person.id, confirmation=confirmation)


def keep(person):
    identity.in_platform(identity.keep_account, user_id=person.id)


def sweep():
    with acting_as("worker"):
        return identity.forget_leavers()


def sign_in(person, host="localhost"):
    token = identity.in_platform(identity.open_session, user_id=person.id, browser=identity.Browser(host, "", ""))
    return identity.in_platform(identity.find_caller, token_hash=digest(token), host=host)


def sessions(person):
    return identity.in_platform(identity.list_sessions, user_id=person.id)


def members(tenant_id):
    return {one.display_name: one.role for one in inside(tenant_id, tenancy.list_members)}


def told(database, statement, *values):
    with psycopg.connect(database.superuser) as connection:
        return connection.execute(statement, values).fetchone()


def let_pass(database, period):
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE platform.users SET delete_at = delete_at - %s::interval", (period,))


def actions(tenant_id):
    return [entry.action for entry in inside(tenant_id, audit.list_entries)]


def key_of(person):
    return inside(person.home, tenancy.make_key, name="ci", scopes=["runs:read"], days=None, by=person.id)


def test_who_asks_is_signed_out_everywhere_told_by_mail_and_may_come_back(ann, settings):
    sign_in(ann)
    at = leave(ann)
    assert sessions(ann) == []
    assert sign_in(ann).delete_at == at
    [sent] = mail.list_kept(settings)
    assert (sent.to, sent.subject) == ("ann@example.com", "Your account will be deleted")
    assert "account.deletion_requested" in actions(ann.home)


@pytest.mark.parametrize("words", ["ann  LEE", "ANN@example.com"])
def test_name_or_address_confirms(ann, words):
    assert leave(ann, words)


@pytest.mark.parametrize("words", ["", "Ann", "yes"])
def test_other_words_delete_nothing(ann, words):
    sign_in(ann)
    with pytest.raises(InputInvalid):
        leave(ann, words)
    assert len(sessions(ann)) == 1
    assert sign_in(ann).delete_at is None


def test_asking_again_changes_no_date(ann, database):
    first = leave(ann)
    let_pass(database, "1 day")
    assert leave(ann) < first


def test_keeping_the_account_undoes_it(ann, database):
    leave(ann)
    keep(ann)
    let_pass(database, "15 days")
    assert sweep() == 0
    assert sign_in(ann).delete_at is None
    assert actions(ann.home).count("account.kept") == 1


def test_the_only_owner_of_what_others_use_stays_and_reads_where(ann, bob):
    acme = found(ann, "acme")
    inside(acme, enrol, person=bob, role="admin")
    with pytest.raises(SoleOwner, match="Acme"):
        leave(ann)
    inside(acme, tenancy.change_role, user_id=bob.id, role="owner", by=ann.id)
    assert leave(ann)


def test_the_operator_stays(settings):
    identity.in_platform(identity.admin_link)
    operator = tenancy.find_operator_workspace()
    with pytest.raises(OperatorStays):
        identity.in_platform(identity.request_deletion, user_id=operator, confirmation="Operator")


@pytest.mark.sec
def test_keys_open_nothing_while_their_maker_is_leaving(ann):
    key = key_of(ann)
    assert identity.in_platform(tenancy.find_key_holder, key=key)
    leave(ann)
    assert identity.in_platform(tenancy.find_key_holder, key=key) is None
    keep(ann)
    assert identity.in_platform(tenancy.find_key_holder, key=key)


def test_nothing_is_forgotten_before_fourteen_days_are_over(ann, database):
    leave(ann)
    let_pass(database, "13 days 23:59:50")
    assert sweep() == 0
    assert members(ann.home) == {"Ann Lee": "owner"}
    let_pass(database, "10 seconds")
    assert sweep() == 1


def test_after_fourteen_days_nothing_tells_who_it_was(ann, bob, database):
    acme = found(bob, "acme")
    inside(acme, enrol, person=ann, role="member")
    key = key_of(ann)
    leave(ann)
    sign_in(ann)
    let_pass(database, "14 days")
    assert sweep() == 1
    row = told(
        database,
        "SELECT display_name, avatar_key, notice_email, delete_at, deleted_at IS NOT NULL FROM platform.users WHERE id = %s",
        ann.id,
    )
    assert row == ("Deleted person", None, None, None, True)
    for table in ("identities", "sessions", "one_time_codes", "platform_roles"):
        assert told(database, f"SELECT count(*) FROM platform.{table} WHERE user_id = %s", ann.id) == (0,)
    assert (members(acme), members(ann.home)) == ({"Bob": "owner"}, {})
    assert identity.in_platform(tenancy.find_key_holder, key=key) is None
    assert told(database, "SELECT count(*) FROM app.api_keys WHERE revoked_at IS NULL") == (0,)
    assert actions(ann.home)[0] == "account.deleted"
    with pytest.raises(AccountBanned):
        sign_in(ann)
    assert arrive("Ann Lee", 1).id != ann.id


def test_forgetting_again_changes_nothing_and_touches_nobody_else(ann, bob, database):
    leave(ann)
    let_pass(database, "14 days")
    assert (sweep(), sweep()) == (1, 0)
    assert members(bob.home) == {"Bob": "owner"}
    assert sign_in(bob).user_name == "Bob"


def test_what_was_cut_off_half_way_is_finished(ann, database):
    leave(ann)
    let_pass(database, "14 days")
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE platform.users SET deleted_at = now(), display_name = 'Deleted person'")
    with pytest.raises(AccountBanned):
        sign_in(ann)
    keep(ann)
    assert sweep() == 1
    assert members(ann.home) == {}


def test_where_the_other_owners_have_left_meanwhile_the_next_in_rank_owns(ann, bob, database):
    cleo, dan = arrive("Cleo", 3), arrive("Dan", 4)
    acme = found(ann, "acme")
    for person, role in ((bob, "owner"), (dan, "member"), (cleo, "admin")):
        inside(acme, enrol, person=person, role=role)
    leave(ann)
    inside(acme, tenancy.leave, user_id=bob.id)
    let_pass(database, "14 days")
    assert sweep() == 1
    assert members(acme) == {"Cleo": "owner", "Dan": "member"}


@pytest.mark.sec
def test_the_worker_sees_of_other_workspaces_only_who_is_due(ann, bob, database):
    leave(ann)
    seen = "SELECT count(*) FROM app.memberships"
    with psycopg.connect(database.worker) as connection:
        assert connection.execute(seen).fetchone() == (0,)
    let_pass(database, "14 days")
    with psycopg.connect(database.worker) as connection:
        assert connection.execute(seen).fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT subject FROM platform.identities")
