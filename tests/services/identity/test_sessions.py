from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from agent_platform.core.errors import NotFound
from agent_platform.core.ids import digest, new_id
from agent_platform.services import audit, identity, tenancy
from agent_platform.services.identity.errors import AccountBanned, CodeRefused, SignInTooOld
from tests.doubles.people import arrive, enrol, found, inside


@pytest.fixture
def ann(settings):
    return arrive("Ann Lee", 1)


@pytest.fixture
def change(database):
    def change(statement, *values):
        with psycopg.connect(database.superuser) as connection:
            return connection.execute(statement, values).rowcount

    return change


def open_at(host, person, *, root_id=None):
    browser = identity.Browser(host, "Agent/1", "203.0.113.9")
    return identity.in_platform(identity.open_session, user_id=person.id, browser=browser, root_id=root_id)


def find(token, host):
    return identity.in_platform(identity.find_caller, token_hash=digest(token), host=host)


def test_a_caller_has_role_and_features_in_the_workspace_of_the_host(ann):
    bob, acme = arrive("Bob", 2), found(ann, "acme")
    inside(acme, enrol, person=bob, role="member", features=("build",))
    there = find(open_at("acme.localhost", bob), "ACME.localhost:3000")
    assert (there.user_id, there.tenant_id, there.tenant_slug) == (bob.id, acme, "acme")
    assert (there.role, there.features) == ("member", ("build",))
    owner = find(open_at("acme.localhost", ann), "acme.localhost")
    assert (owner.role, set(owner.features)) == ("owner", {"build", "billing"})


def test_on_the_base_host_a_caller_has_no_workspace(ann):
    me = find(open_at("localhost", ann), "localhost:3000")
    assert (me.user_name, me.tenant_id, me.role, me.features, me.platform_roles) == ("Ann Lee", None, None, (), ())


def test_a_session_alone_grants_nothing_in_a_workspace_of_others(ann):
    acme = found(ann, "acme")
    there = find(open_at("acme.localhost", arrive("Eve", 3)), "acme.localhost")
    assert (there.tenant_id, there.role, there.features) == (acme, None, ())


@pytest.mark.sec
@pytest.mark.parametrize("host", ["localhost", "other.localhost", "acme.localhost.evil.example", "acme-localhost", ""])
def test_a_session_is_none_on_any_other_host(ann, host):
    found(ann, "acme")
    assert find(open_at("acme.localhost", ann), host) is None


def test_a_lowered_or_removed_member_has_the_new_rights_at_the_next_look(ann):
    bob, acme = arrive("Bob", 2), found(ann, "acme")
    inside(acme, enrol, person=bob, role="admin")
    token = open_at("acme.localhost", bob)
    inside(acme, tenancy.change_role, user_id=bob.id, role="viewer", by=ann.id)
    assert find(token, "acme.localhost").role == "viewer"
    inside(acme, tenancy.remove_member, user_id=bob.id, by=ann.id)
    assert find(token, "acme.localhost").role is None


def test_a_deleted_workspace_is_nobodys(ann, change):
    acme = found(ann, "acme")
    token = open_at("acme.localhost", ann)
    change("update app.tenants set deleted_at = now() where id = %s", acme)
    assert find(token, "acme.localhost").tenant_id is None


@pytest.mark.parametrize(
    "statement",
    [
        "update platform.sessions set idle_expires_at = now()",
        "update platform.sessions set absolute_expires_at = now()",
        "update platform.users set session_epoch = session_epoch + 1",
        "update platform.users set banned_at = now()",
        "delete from platform.sessions",
    ],
)
def test_an_expired_outdated_banned_or_deleted_session_is_none(ann, change, statement):
    token = open_at("localhost", ann)
    assert find(token, "localhost")
    change(statement)
    assert find(token, "localhost") is None


def test_seen_moves_at_most_once_a_minute_and_never_past_the_absolute_end(ann, change, database):
    token = open_at("localhost", ann)

    def row():
        with psycopg.connect(database.superuser) as connection:
            query = "select last_seen_at, idle_expires_at, absolute_expires_at from platform.sessions"
            return connection.execute(query).fetchone()

    before = row()
    find(token, "localhost")
    assert row() == before
    change(
        "update platform.sessions set last_seen_at = now() - interval '2 minutes', absolute_expires_at = now() + interval '1 hour'"
    )
    find(token, "localhost")
    seen, idle, absolute = row()
    assert seen > before[0]
    assert idle == absolute


def test_a_sign_out_ends_the_sessions_handed_over_and_no_others(ann):
    base, elsewhere = open_at("localhost", ann), open_at("localhost", ann)
    root = find(base, "localhost").session_id
    there = open_at("ann-lee.localhost", ann, root_id=root)
    identity.in_platform(identity.end_session, token=there)
    assert find(there, "ann-lee.localhost") is None
    assert find(base, "localhost") is None
    assert find(elsewhere, "localhost")


def test_nothing_is_handed_over_from_a_session_that_has_ended(ann):
    base = open_at("localhost", ann)
    root = find(base, "localhost").session_id
    identity.in_platform(identity.end_session, token=base)
    with pytest.raises(CodeRefused):
        open_at("ann-lee.localhost", ann, root_id=root)


def test_a_session_handed_over_ends_no_later_than_its_root(ann, change, database):
    root = find(open_at("localhost", ann), "localhost").session_id
    change("update platform.sessions set absolute_expires_at = now() + interval '1 hour'")
    open_at("ann-lee.localhost", ann, root_id=root)
    with psycopg.connect(database.superuser) as connection:
        ends = connection.execute("select absolute_expires_at from platform.sessions").fetchall()
    assert len(ends) == 2
    assert len(set(ends)) == 1


def test_sessions_past_their_end_are_swept_at_the_next_sign_in(ann, change, database):
    open_at("localhost", ann)
    change("update platform.sessions set absolute_expires_at = now()")
    open_at("localhost", ann)
    with psycopg.connect(database.superuser) as connection:
        assert connection.execute("select count(*) from platform.sessions").fetchone() == (1,)


def test_sign_out_everywhere_ends_every_session_even_one_opened_meanwhile(ann):
    tokens = [open_at("localhost", ann) for _ in range(3)]
    bobs = open_at("localhost", arrive("Bob", 2))
    identity.in_platform(identity.end_all_sessions, user_id=ann.id)
    assert [find(token, "localhost") for token in tokens] == [None] * 3
    assert find(bobs, "localhost")

    def race(turn):
        return open_at("localhost", ann) if turn else identity.in_platform(identity.end_all_sessions, user_id=ann.id)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(race, [1, 0]))
    assert len(identity.in_platform(identity.list_sessions, user_id=ann.id)) <= 1


def test_sessions_are_listed_and_one_can_be_ended_by_its_owner_only(ann):
    token = open_at("localhost", ann)
    [listed] = identity.in_platform(identity.list_sessions, user_id=ann.id)
    assert (listed.host, listed.user_agent, listed.address) == ("localhost", "Agent/1", "203.0.113.9")
    bob = arrive("Bob", 2)
    for person, session_id in ((bob, listed.id), (ann, new_id())):
        with pytest.raises(NotFound):
            identity.in_platform(identity.revoke_session, user_id=person.id, session_id=session_id)
    assert find(token, "localhost")
    identity.in_platform(identity.revoke_session, user_id=ann.id, session_id=listed.id)
    assert find(token, "localhost") is None


def test_a_hand_over_does_not_make_an_old_sign_in_fresh(ann, change):
    base = find(open_at("localhost", ann), "localhost").session_id
    identity.in_platform(identity.refuse_stale, session_id=base)
    change("update platform.sessions set created_at = now() - interval '11 minutes'")
    there = find(open_at("ann-lee.localhost", ann, root_id=base), "ann-lee.localhost").session_id
    for session_id in (base, there, new_id()):
        with pytest.raises(SignInTooOld):
            identity.in_platform(identity.refuse_stale, session_id=session_id)


def test_a_banned_person_gets_no_session(ann, change):
    change("update platform.users set banned_at = now()")
    with pytest.raises(AccountBanned):
        open_at("localhost", ann)
    with pytest.raises(AccountBanned):
        arrive("Ann Lee", 1)


def test_sign_in_and_sign_out_are_audited_in_the_persons_workspace(ann):
    identity.in_platform(identity.end_session, token=open_at("localhost", ann))
    entries = inside(ann.home, audit.list_entries)
    assert [entry.action for entry in entries] == ["session.ended", "session.opened", "tenant.created"]
    assert entries[1].detail == {"host": "localhost", "address": "203.0.113.9"}


def test_an_operator_carries_the_platform_role(settings):
    path = identity.in_platform(identity.admin_link)
    facts = identity.in_platform(
        identity.redeem_code, code=path.partition("=")[2], purpose=identity.CodePurpose.ADMIN, host="localhost"
    )
    browser = identity.Browser("platform-operator.localhost", "", "")
    token = identity.in_platform(identity.open_session, user_id=facts.user_id, browser=browser)
    me = find(token, "platform-operator.localhost")
    assert (me.platform_roles, me.role) == (("operator",), "owner")
