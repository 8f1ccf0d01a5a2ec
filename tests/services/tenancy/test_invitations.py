import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from agent_platform.core import mail
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.settings import get_settings
from agent_platform.services import identity, tenancy
from agent_platform.services.tenancy.errors import (
    AlreadyMember,
    InvitationForAnother,
    InvitationInvalid,
    MembersFull,
    RoleTooLow,
)
from tests.doubles.people import arrive, enrol, found, inside


@pytest.fixture
def owner(settings):
    return arrive("Ann Lee", 1)


@pytest.fixture
def acme(owner):
    return found(owner, "acme")


BOB = "bob@example.com"


def ask(acme, owner, *, email=BOB, role="member"):
    return inside(acme, tenancy.invite, email=email, role=role, by=owner.id)


def accept(code, person):
    return identity.in_platform(tenancy.accept_invitation, code=code, user_id=person.id)


def test_an_invitation_makes_the_person_a_member_with_the_offered_role_once(acme, owner):
    code, bob, eve = ask(acme, owner), arrive("Bob", 2, email=BOB), arrive("Eve", 3, email=BOB)
    joined = accept(code, bob)
    assert (joined.slug, joined.role) == ("acme", "member")
    assert [w.slug for w in identity.in_platform(tenancy.list_workspaces, user_id=bob.id)] == ["bob", "acme"]
    with pytest.raises(InvitationInvalid):
        accept(code, eve)
    assert identity.in_platform(tenancy.find_invitation, code=code) is None


def mails():
    return [message.to for message in mail.list_kept(get_settings())]


def test_a_hand_that_presses_twice_sends_one_mail_and_leaves_one_invitation(acme, owner):
    with ThreadPoolExecutor(2) as pool:
        codes = [made.result() for made in [pool.submit(ask, acme, owner) for _ in range(2)]]
    assert sorted(code is None for code in codes) == [False, True]
    assert mails() == [BOB]
    assert len(inside(acme, tenancy.list_invitations)) == 1
    assert accept(next(code for code in codes if code), arrive("Bob", 2, email=BOB)).role == "member"


def test_an_address_that_is_invited_again_has_one_open_invitation_and_the_older_link_is_dead(acme, owner, database):
    first = ask(acme, owner)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update app.invitations set created_at = created_at - interval '2 minutes'")
    second, third = ask(acme, owner, email="Bob@Example.com"), ask(acme, owner, role="viewer")
    assert mails() == [BOB, BOB, BOB]
    assert [(one.email, one.role) for one in inside(acme, tenancy.list_invitations)] == [(BOB, "viewer")]
    bob = arrive("Bob", 2, email=BOB)
    for dead in (first, second):
        with pytest.raises(InvitationInvalid):
            accept(dead, bob)
    assert accept(third, bob).role == "viewer"


def test_an_invitation_is_used_once_even_by_two_at_the_same_moment(acme, owner):
    code, people = ask(acme, owner), [arrive("Bob", 2, email=BOB), arrive("Eve", 3, email=BOB)]

    def try_to_join(person):
        try:
            return accept(code, person).role
        except InvitationInvalid:
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_to_join, people)) == ["member", "refused"]


def test_revoked_expired_and_invented_invitations_read_the_same(acme, owner, database):
    bob = arrive("Bob", 2)
    revoked, expired = ask(acme, owner), ask(acme, owner, email="c@example.com")
    [newer, older] = inside(acme, tenancy.list_invitations)
    assert {newer.email, older.email} == {"bob@example.com", "c@example.com"}
    chosen = newer if newer.email == "bob@example.com" else older
    inside(acme, tenancy.revoke_invitation, invitation_id=chosen.id, by=owner.id)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update app.invitations set expires_at = now() where email = 'c@example.com'")
    sentences = set()
    for code in (revoked, expired, "x" * 43):
        with pytest.raises(InvitationInvalid) as refusal:
            accept(code, bob)
        sentences.add(refusal.value.sentence)
    assert len(sentences) == 1


def test_only_the_hash_of_a_code_is_stored(acme, owner, database):
    code = ask(acme, owner)
    with psycopg.connect(database.superuser) as connection:
        for table in ("invitations", "lookups", "audit_log", "outbox"):
            for (row,) in connection.execute(f"select t::text from app.{table} t"):
                assert code not in row


def test_the_link_is_mailed_and_built_from_the_configured_address(acme, owner, settings):
    code = ask(acme, owner)
    [message] = mail.list_kept(settings)
    assert message.to == "bob@example.com"
    assert f"{settings.base_url}/invite/{code}" in message.text


def test_a_refused_invitation_mails_nothing(acme, owner, settings):
    with pytest.raises(InputInvalid):
        ask(acme, owner, email="bob")
    assert mail.list_kept(settings) == []


def test_members_and_viewers_cannot_invite_and_admins_not_above_themselves(acme, owner):
    bob = arrive("Bob", 2)
    inside(acme, enrol, person=bob, role="member")
    with pytest.raises(RoleTooLow):
        ask(acme, bob, role="viewer")
    eve = arrive("Eve", 3)
    inside(acme, enrol, person=eve, role="admin")
    inside(acme, tenancy.invite, email="c@example.com", role="admin", by=eve.id)


@pytest.mark.sec
def test_nobody_becomes_owner_by_a_link(acme, owner, database):
    with pytest.raises(InputInvalid, match="Nobody becomes owner by a link"):
        ask(acme, owner, role="owner")
    code = ask(acme, owner)
    with psycopg.connect(database.superuser) as connection:
        connection.execute("update app.invitations set role = 'owner'")  # one of an older release
    with pytest.raises(InvitationInvalid):
        accept(code, arrive("Bob", 2, email=BOB))


@pytest.mark.sec
def test_who_holds_the_link_of_another_persons_invitation_is_refused(acme, owner):
    code = ask(acme, owner)
    for number, email in ((2, None), (3, "mallory@example.com"), (4, "bob@example.com.evil.example")):
        mallory = arrive("Mallory", number, email=email)
        with pytest.raises(InvitationForAnother, match=r"for b.@example\.com"):
            accept(code, mallory)
        with pytest.raises(InvitationForAnother):
            identity.in_platform(tenancy.find_invitation, code=code, user_id=mallory.id)
    assert len(inside(acme, tenancy.list_members)) == 1
    assert accept(code, arrive("Bob", 5, email=BOB)).role == "member"


def test_an_address_is_proved_by_an_e_mail_identity_or_a_confirmed_notice_address(acme, owner):
    by_link = identity.in_platform(
        identity.sign_in, provider=identity.Provider.EMAIL, subject=BOB, label=BOB, display_name="Bob"
    )
    assert accept(ask(acme, owner), by_link).role == "member"
    ned, code = arrive("Ned", 6), ask(acme, owner, email="Ned@Example.com")
    with pytest.raises(InvitationForAnother):
        accept(code, ned)
    identity.in_platform(identity.ask_notice_email, user_id=ned.id, email="ned@example.com")
    with pytest.raises(InvitationForAnother):
        accept(code, ned)
    link = mail.list_kept(get_settings())[0].text
    proof = re.search(r"code=([\w-]+)", link)[1]
    identity.in_platform(identity.confirm_notice_email, user_id=ned.id, code=proof)
    assert accept(code, ned).role == "member"


def test_who_is_a_member_already_does_not_use_the_invitation_up(acme, owner):
    code = ask(acme, owner)
    member = arrive("Bob", 2, email=BOB)
    inside(acme, enrol, person=member, role="viewer")
    with pytest.raises(AlreadyMember):
        accept(code, member)
    assert identity.in_platform(tenancy.find_invitation, code=code).workspace == "Acme"


def test_a_plan_has_room_for_its_members_and_no_more(owner):
    small = found(owner, "small", plan="free")
    codes = [ask(small, owner, email=f"m{number}@example.com") for number in range(2)]
    with pytest.raises(MembersFull):
        ask(small, owner, email="m3@example.com")
    for number, code in enumerate(codes, start=2):
        accept(code, arrive(f"Member {number}", number, email=f"m{number - 2}@example.com"))
    assert len(inside(small, tenancy.list_members)) == 3


def test_an_invitation_of_another_workspace_cannot_be_revoked_here(acme, owner):
    other = found(owner, "other-place")
    ask(acme, owner)
    [invitation] = inside(acme, tenancy.list_invitations)
    with pytest.raises(NotFound):
        inside(other, tenancy.revoke_invitation, invitation_id=invitation.id, by=owner.id)
    assert inside(acme, tenancy.list_invitations) == [invitation]
