"""API keys: what they open, for whom, and how they end."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.ids import digest
from agent_platform.core.tokens import new_api_key, new_run_token
from agent_platform.models.tenancy import Membership
from agent_platform.services import audit, identity, tenancy
from agent_platform.services.tenancy import _keys
from agent_platform.services.tenancy.errors import KeysFull, RoleTooLow
from tests.factories import make_tenant, make_user

pytestmark = pytest.mark.usefixtures("settings")
BOTH = ["runs:read", "runs:write"]


@pytest.fixture
def mara():
    return make_user()


@pytest.fixture
def acme(mara):
    return make_tenant("acme", owner=mara)


def join(tenant_id, role, name="Ben"):
    user_id = make_user(name)
    with tenant_session(tenant_id) as session:
        session.add(Membership(tenant_id=tenant_id, user_id=user_id, role=role, features=[], display_name=name))
    return user_id


def make(tenant_id, by, *, scopes=BOTH, name="ci-bot", days=None):
    with tenant_session(tenant_id) as session:
        return tenancy.make_key(session, name=name, scopes=scopes, days=days, by=by)


def listed(tenant_id, by):
    with tenant_session(tenant_id) as session:
        return tenancy.list_keys(session, by=by)


def revoke(tenant_id, key_id, by):
    with tenant_session(tenant_id) as session:
        tenancy.revoke_key(session, key_id=key_id, by=by)


def holder(key):
    return identity.in_platform(tenancy.find_key_holder, key=key)


def set_role(tenant_id, user_id, role, by):
    with tenant_session(tenant_id) as session:
        tenancy.change_role(session, user_id=user_id, role=role, by=by)


def test_a_key_leads_to_its_maker_in_its_workspace_and_only_its_hash_is_kept(acme, mara, database):
    key = make(acme, mara)
    found = holder(key)
    assert (found.caller.tenant_id, found.caller.user_id, found.caller.role) == (acme, mara, "owner")
    assert found.caller.user_name == "Mara Okafor, key ci-bot"
    assert found.scopes == ("runs:read", "runs:write")
    with psycopg.connect(database.superuser) as connection:
        [stored] = connection.execute("SELECT row_to_json(k)::text FROM app.api_keys k").fetchall()
    assert key not in stored[0]
    assert digest(key) in stored[0]
    assert key[:10] in stored[0]


def test_making_and_revoking_are_audited_without_the_key(acme, mara):
    key = make(acme, mara)
    [one] = listed(acme, mara)
    assert (one.name, one.prefix, one.last_used_at, one.made_by_name) == ("ci-bot", key[:10], None, "Mara Okafor")
    revoke(acme, one.id, mara)
    with tenant_session(acme) as session:
        entries = audit.list_entries(session)
        assert audit.verify_chain(session) is None
    assert [entry.action for entry in entries][:2] == ["key.revoked", "key.made"]
    assert key not in str([entry.detail for entry in entries])
    assert listed(acme, mara) == []


@pytest.mark.sec
def test_a_revoked_key_opens_nothing_and_is_not_revoked_twice(acme, mara):
    key = make(acme, mara)
    [one] = listed(acme, mara)
    revoke(acme, one.id, mara)
    assert holder(key) is None
    with pytest.raises(NotFound, match="ended already"):
        revoke(acme, one.id, mara)


@pytest.mark.sec
def test_an_expired_key_opens_nothing_though_its_look_up_is_there(acme, mara, database):
    key = make(acme, mara, days=30)
    assert holder(key) is not None
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.api_keys SET expires_at = now() - interval '1 second'")
    assert holder(key) is None
    assert listed(acme, mara) == []
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.api_keys SET expires_at = NULL")
        connection.execute("UPDATE app.lookups SET expires_at = now() - interval '1 second' WHERE kind = 'api_key'")
    assert holder(key) is None


@pytest.mark.sec
def test_a_key_ends_when_its_maker_leaves_and_stays_ended_when_they_come_back(acme, mara):
    ben = join(acme, "member")
    key = make(acme, ben)
    with tenant_session(acme) as session:
        tenancy.remove_member(session, user_id=ben, by=mara)
    assert holder(key) is None
    with tenant_session(acme) as session:
        session.add(Membership(tenant_id=acme, user_id=ben, role="owner", features=[], display_name="Ben"))
    assert holder(key) is None


@pytest.mark.sec
def test_a_key_ends_when_its_maker_is_banned(acme, mara, database):
    key = make(acme, mara)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE platform.users SET banned_at = now() WHERE id = %s", [mara])
    assert holder(key) is None


@pytest.mark.sec
def test_a_key_loses_what_its_maker_loses_and_gains_nothing_new(acme, mara):
    ben = join(acme, "member")
    key, reading = make(acme, ben), make(acme, ben, scopes=["runs:read"])
    set_role(acme, ben, "viewer", mara)
    assert holder(key).scopes == ("runs:read",)
    assert [one.scopes for one in listed(acme, ben)] == [("runs:read",), ("runs:read",)]
    set_role(acme, ben, "admin", mara)
    assert holder(key).scopes == ("runs:read", "runs:write")
    assert holder(reading).scopes == ("runs:read",)


@pytest.mark.sec
def test_viewers_make_no_keys_and_nobody_makes_unknown_ones(acme, mara):
    vic = join(acme, "viewer")
    with pytest.raises(RoleTooLow):
        make(acme, vic, scopes=["runs:read"])
    for scopes in ([], ["runs:delete"], ["runs:read", "admin"]):
        with pytest.raises(InputInvalid):
            make(acme, mara, scopes=scopes)
    for days in (0, -1, 366):
        with pytest.raises(InputInvalid):
            make(acme, mara, days=days)
    with pytest.raises(InputInvalid):
        make(acme, mara, name="  ")


@pytest.mark.sec
def test_members_see_and_revoke_their_own_keys_and_admins_everybodys(acme, mara):
    ben, ann = join(acme, "member"), join(acme, "admin", "Ann")
    make(acme, ben, name="ben's")
    make(acme, mara, name="mara's")
    assert [key.name for key in listed(acme, ben)] == ["ben's"]
    assert [key.name for key in listed(acme, ann)] == ["mara's", "ben's"]
    [hers] = listed(acme, mara)[:1]
    with pytest.raises(RoleTooLow):
        revoke(acme, hers.id, ben)
    revoke(acme, hers.id, ann)
    assert [key.name for key in listed(acme, mara)] == ["ben's"]


@pytest.mark.sec
def test_another_workspace_cannot_see_or_revoke_a_key(acme, mara):
    key = make(acme, mara)
    [one] = listed(acme, mara)
    lena = make_user("Lena")
    rival = make_tenant("rival", owner=lena)
    assert listed(rival, lena) == []
    with pytest.raises(NotFound):
        revoke(rival, one.id, lena)
    assert holder(key) is not None


def test_the_last_use_is_known_to_the_minute(acme, mara, database):
    key = make(acme, mara)
    holder(key)
    first = listed(acme, mara)[0].last_used_at
    assert first is not None
    holder(key)
    assert listed(acme, mara)[0].last_used_at == first
    with psycopg.connect(database.superuser) as connection:
        connection.execute("UPDATE app.api_keys SET last_used_at = now() - interval '2 minutes'")
    holder(key)
    assert listed(acme, mara)[0].last_used_at > first


@pytest.mark.sec
def test_a_mistyped_key_asks_no_database():
    key = new_api_key()
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    with platform_session() as session:  # opens no connection until it is used
        for text in (wrong, key[:-1], key.lower() + "x", "", "apk_", new_run_token(), "apk_" + "é" * 36):
            assert tenancy.find_key_holder(session, key=text) is None
        assert session.connection is not None
        assert not session.in_transaction() or not session.get_transaction()._connections


def test_one_person_has_a_bounded_number_of_keys(acme, mara):
    for _ in range(_keys.MOST_KEYS):
        make(acme, mara)
    with pytest.raises(KeysFull):
        make(acme, mara)


@pytest.mark.sec
@pytest.mark.parametrize("loses", ["membership", "role"])
def test_who_leaves_or_loses_the_role_at_this_moment_makes_no_key_after_it(acme, mara, loses, database):
    ben = join(acme, "member")
    with ThreadPoolExecutor(1) as beside:
        with tenant_session(acme) as session:
            if loses == "membership":
                tenancy.remove_member(session, user_id=ben, by=mara)
            else:
                tenancy.change_role(session, user_id=ben, role="viewer", by=mara)
            session.flush()
            asked = beside.submit(make, acme, ben)
            wait_for_a_lock(database)
        with pytest.raises(RoleTooLow):
            asked.result()
    assert listed(acme, mara) == []


def wait_for_a_lock(database):
    """Somebody waits for what another transaction holds."""
    with psycopg.connect(database.superuser, autocommit=True) as connection:
        for _ in range(500):
            if connection.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waits for a lock.")
