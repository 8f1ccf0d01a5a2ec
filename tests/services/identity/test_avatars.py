"""Pictures of people: who sees them, and that nothing of the sent file is kept."""

from dataclasses import replace

import pytest

from agent_platform.core import images, objects
from agent_platform.core.errors import InputInvalid, NotFound, TooLarge
from agent_platform.core.ids import digest
from agent_platform.services import identity, tenancy
from tests.api.site.test_storefronts import picture
from tests.doubles.people import arrive, enrol, found, inside


@pytest.fixture
def ann(settings):
    return arrive("Ann Lee", 1)


@pytest.fixture
def bob(settings):
    return arrive("Bob", 2)


def set_picture(person, content=None):
    return identity.in_platform(identity.set_avatar, user_id=person.id, content=content or picture())


def caller_of(person, host):
    token = identity.in_platform(identity.open_session, user_id=person.id, browser=identity.Browser(host, "", ""))
    return identity.in_platform(identity.find_caller, token_hash=digest(token), host=host)


def test_members_of_the_same_workspace_see_it_and_nobody_else(ann, bob):
    acme, key = found(ann, "acme"), set_picture(ann)
    eve = caller_of(bob, "acme.localhost")
    with pytest.raises(NotFound):
        identity.in_platform(identity.read_avatar, caller=eve, user_id=ann.id)
    inside(acme, enrol, person=bob, role="viewer")
    seen = identity.in_platform(identity.read_avatar, caller=caller_of(bob, "acme.localhost"), user_id=ann.id)
    assert images.recoded(seen, most_side=8)
    assert {one.display_name: one.avatar_key for one in inside(acme, tenancy.list_members)} == {
        "Ann Lee": key,
        "Bob": None,
    }
    with pytest.raises(NotFound):
        identity.in_platform(identity.read_avatar, caller=caller_of(bob, "localhost"), user_id=ann.id)


def test_one_s_own_is_seen_everywhere(ann):
    set_picture(ann)
    assert identity.in_platform(identity.read_avatar, caller=caller_of(ann, "localhost"), user_id=ann.id)


def test_a_new_workspace_knows_the_picture(ann):
    key = set_picture(ann)
    assert inside(found(ann, "later"), tenancy.avatar_of, user_id=ann.id) == key


def test_another_picture_replaces_the_bytes_and_removing_leaves_none(ann, settings):
    first, second = set_picture(ann), set_picture(ann, picture(size=(200, 200)))
    folder = settings.objects_dir / f"users/{ann.id.hex}"
    assert first != second
    assert [one.name for one in folder.iterdir()] == [second]
    identity.in_platform(identity.remove_avatar, user_id=ann.id)
    assert list(folder.iterdir()) == []
    with pytest.raises(NotFound):
        identity.in_platform(identity.read_avatar, caller=caller_of(ann, "localhost"), user_id=ann.id)


@pytest.mark.parametrize(
    ("content", "refusal"), [(b"<svg/>", InputInvalid), (b"\0" * (images.MOST_BYTES + 1), TooLarge)]
)
def test_what_is_no_picture_is_not_stored(ann, content, refusal):
    with pytest.raises(refusal):
        set_picture(ann, content)
    assert caller_of(ann, "localhost").avatar_key is None


@pytest.mark.sec
def test_a_key_of_somebody_else_opens_nothing(ann, bob):
    key = set_picture(ann)
    forged = replace(caller_of(bob, "localhost"), avatar_key=key)
    with pytest.raises(NotFound):
        identity.in_platform(identity.read_avatar, caller=forged, user_id=bob.id)
    assert objects.read_bytes(f"users/{ann.id.hex}", key)
