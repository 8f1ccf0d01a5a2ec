import re

import psycopg
import pytest

from agent_platform.core import mail
from agent_platform.core.errors import InputInvalid
from agent_platform.core.ids import digest
from agent_platform.services import identity, tenancy
from agent_platform.services.identity import Provider
from agent_platform.services.identity.errors import CodeRefused, IdentityTaken, LastIdentity
from tests.doubles.people import arrive, found, inside


@pytest.fixture
def ann(settings):
    return arrive("Ann Lee", 1, email="ann@example.com")


def open_session(person):
    token = identity.in_platform(
        identity.open_session, user_id=person.id, browser=identity.Browser("localhost", "", "")
    )
    return identity.in_platform(identity.find_caller, token_hash=digest(token), host="localhost"), token


def test_a_new_name_shows_in_every_workspace(ann):
    acme = found(ann, "acme")
    changed = identity.in_platform(
        identity.update_profile,
        user_id=ann.id,
        display_name=" Ann  Li\u200b ",
        time_zone="asia/tokyo",
        color_mode="dark",
    )
    assert (changed.display_name, changed.time_zone, changed.color_mode) == ("Ann Li", "Asia/Tokyo", "dark")
    for tenant_id in (acme, ann.home):
        assert [member.display_name for member in inside(tenant_id, tenancy.list_members)] == ["Ann Li"]
    caller, _ = open_session(ann)
    assert (caller.user_name, caller.time_zone) == ("Ann Li", "Asia/Tokyo")


@pytest.mark.parametrize(
    "wrong",
    [{"display_name": " "}, {"time_zone": "Mars/Olympus"}, {"color_mode": "pink"}, {"time_zone": "../etc/passwd"}],
)
def test_a_wrong_profile_changes_nothing(ann, wrong):
    right = {"display_name": "Ann", "time_zone": "UTC", "color_mode": "light"}
    with pytest.raises(InputInvalid):
        identity.in_platform(identity.update_profile, user_id=ann.id, **(right | wrong))
    assert identity.in_platform(identity.get_profile, user_id=ann.id).display_name == "Ann Lee"


def test_the_notice_address_changes_by_a_link_to_the_new_with_a_note_to_the_old(ann, settings):
    acme = found(ann, "acme")
    identity.in_platform(identity.ask_notice_email, user_id=ann.id, email="Ann@New.example")
    [sent] = mail.list_kept(settings)
    assert sent.to == "ann@new.example"
    code = re.search(r"code=([\w-]{43})", sent.text)[1]
    assert identity.in_platform(identity.get_profile, user_id=ann.id).notice_email == "ann@example.com"
    with pytest.raises(CodeRefused):
        identity.in_platform(identity.confirm_notice_email, user_id=arrive("Eve", 2).id, code=code)
    identity.in_platform(identity.confirm_notice_email, user_id=ann.id, code=code)
    assert identity.in_platform(identity.get_profile, user_id=ann.id).notice_email == "ann@new.example"
    assert inside(acme, tenancy.list_members)[0].email == "ann@new.example"
    assert mail.list_kept(settings)[0].to == "ann@example.com"
    with pytest.raises(CodeRefused):
        identity.in_platform(identity.confirm_notice_email, user_id=ann.id, code=code)


def test_the_last_way_to_sign_in_stays(ann):
    caller, _ = open_session(ann)
    [only] = identity.in_platform(identity.list_identities, user_id=ann.id)
    with pytest.raises(LastIdentity):
        identity.in_platform(
            identity.remove_identity, user_id=ann.id, identity_id=only.id, session_id=caller.session_id
        )
    identity.in_platform(
        identity.add_identity,
        user_id=ann.id,
        provider=Provider.EMAIL,
        subject="ann@example.com",
        label="ann@example.com",
    )
    other, _ = open_session(ann)
    identity.in_platform(identity.remove_identity, user_id=ann.id, identity_id=only.id, session_id=caller.session_id)
    assert [row.provider for row in identity.in_platform(identity.list_identities, user_id=ann.id)] == ["email"]
    assert [row.id for row in identity.in_platform(identity.list_sessions, user_id=ann.id)] == [caller.session_id]
    assert other.session_id != caller.session_id
    assert arrive("Ann Lee", 1).id != ann.id


@pytest.mark.sec
def test_nobody_removes_or_takes_the_identity_of_another(ann):
    bob = arrive("Bob", 2)
    caller, _ = open_session(bob)
    [anns] = identity.in_platform(identity.list_identities, user_id=ann.id)
    identity.in_platform(identity.remove_identity, user_id=bob.id, identity_id=anns.id, session_id=caller.session_id)
    assert identity.in_platform(identity.list_identities, user_id=ann.id) == [anns]
    with pytest.raises(IdentityTaken):
        identity.in_platform(identity.add_identity, user_id=bob.id, provider=Provider.GITHUB, subject="1", label="x")


@pytest.mark.sec
def test_an_address_is_no_bridge_between_mail_and_github(ann, database):
    mailed = identity.in_platform(
        identity.sign_in,
        provider=Provider.EMAIL,
        subject="ann@example.com",
        label="ann@example.com",
        display_name="ann",
        email="ann@example.com",
    )
    assert mailed.id != ann.id
    with psycopg.connect(database.superuser) as connection:
        assert connection.execute("select count(*) from platform.users").fetchone() == (2,)
