"""The state behind the profile: zone, picture, ways in, and leaving."""

import pytest

from agent_platform.core import mail
from agent_platform.core.ids import digest
from agent_platform.core.settings import get_settings
from agent_platform.pages.settings import workspace
from agent_platform.services import catalog, identity, tenancy
from agent_platform.state._shell import shell_of
from agent_platform.state.profile import ProfileState
from agent_platform.state.session import Session
from agent_platform.state.settings import MembersState, WorkspaceState
from tests.api.site.test_storefronts import picture
from tests.doubles.people import inside
from tests.doubles.tab import Page
from tests.services.tenancy.test_keys import join

HOST = "http://northwind.localhost:3000"


@pytest.fixture
def open_page(northwind, enter, said):
    async def open_page(kind, path, caller=northwind.owner):
        enter(caller)
        opened = Page(kind, f"{HOST}{path}")
        await opened.send("open")
        return opened

    return open_page


def person_on(settings, user_id):
    host = f"northwind.{settings.base_netloc}"
    token = identity.in_platform(identity.open_session, user_id=user_id, browser=identity.Browser(host, "", ""))
    return identity.in_platform(identity.find_caller, token_hash=digest(token), host=host)


async def test_who_has_chosen_no_zone_sees_the_workspace_s(northwind, open_page, settings):
    owner = northwind.owner.user_id
    inside(northwind.id, tenancy.set_time_zone, time_zone="asia/tokyo", by=owner)
    assert person_on(settings, owner).time_zone == "Asia/Tokyo"
    opened = await open_page(ProfileState, "/settings/profile")
    assert opened.state.time_zone == ""
    await opened.send("choose_time_zone", "europe/berlin")
    await opened.send("save")
    assert opened.state.time_zone == "Europe/Berlin"
    assert person_on(settings, owner).time_zone == "Europe/Berlin"


async def test_the_dialog_opens_its_button_for_the_right_words_only(open_page):
    opened = await open_page(ProfileState, "/settings/profile")
    await opened.send("ask_delete", True)
    await opened.send("write_confirmation", "Mara")
    assert not opened.state.confirmed
    await opened.send("write_confirmation", "mara okafor")
    assert opened.state.confirmed
    await opened.send("ask_delete", False)
    assert (opened.state.confirmation, opened.state.confirmed) == ("", False)


async def test_who_alone_owns_what_others_use_reads_what_to_do_first(northwind, open_page):
    assert (await open_page(ProfileState, "/settings/profile")).state.profile.stays == ""
    join(northwind.id, "admin")
    stays = (await open_page(ProfileState, "/settings/profile")).state.profile.stays
    assert "Northwind" in stays
    assert "Make somebody else owner" in stays


async def test_every_page_says_that_the_account_goes_and_keeps_it(northwind, enter, said, settings):
    owner = northwind.owner.user_id
    identity.in_platform(identity.request_deletion, user_id=owner, confirmation="Mara Okafor")
    enter(person_on(settings, owner))
    opened = Page(Session, f"{HOST}/overview")
    await opened.send("load_shell")
    assert opened.state.shell.leaving
    await opened.send("keep_account")
    assert opened.state.shell.leaving == ""
    assert person_on(settings, owner).delete_at is None


async def test_a_link_is_sent_to_an_address_that_is_to_sign_in(open_page, said, northwind, settings):
    opened = await open_page(ProfileState, "/settings/profile", person_on(settings, northwind.owner.user_id))
    await opened.send("write_way", "mara@example.com")
    await opened.send("add_way")
    assert opened.state.way == ""
    assert mail.list_kept(get_settings())[0].to == "mara@example.com"


async def test_a_picture_shows_in_profile_frame_and_members(northwind, open_page, settings):
    owner = northwind.owner.user_id
    key = identity.in_platform(identity.set_avatar, user_id=owner, content=picture())
    path = f"/people/{owner}/picture?v={key[:16]}"
    opened = await open_page(ProfileState, "/settings/profile", person_on(settings, owner))
    await opened.send("take_picture", "sent")
    assert (opened.state.profile.picture, opened.state.shell.picture) == (path, path)
    members = await open_page(MembersState, "/settings/members")
    assert [(one.initials, one.picture) for one in members.state.people.members] == [("MO", path)]
    await opened.send("remove_picture")
    assert (opened.state.profile.picture, opened.state.profile.initials) == ("", "MO")


async def test_the_logo_of_the_workspace_is_that_of_its_storefront(northwind, open_page):
    inside(northwind.id, catalog.set_logo, content=picture(), by=northwind.owner.user_id)
    opened = await open_page(WorkspaceState, "/settings/workspace")
    assert opened.state.workspace.logo.startswith("/storefront/logo?v=")
    assert shell_of(northwind.owner).logo == opened.state.workspace.logo
    await opened.send("remove_logo")
    assert (opened.state.workspace.logo, opened.state.shell.logo) == ("", "")


async def test_whoever_cannot_change_the_workspace_sees_what_it_is(northwind, open_page, settings):
    viewer = join(northwind.id, "viewer")
    opened = await open_page(WorkspaceState, "/settings/workspace", person_on(settings, viewer))
    assert (opened.state.workspace.name, opened.state.workspace.time_zone) == ("Northwind", "UTC")
    [choice] = [one for one in conditions(workspace().render()) if "Move to this address" in str(one["true_value"])][
        -1:
    ]
    assert '"admin"' in choice["cond_state"]
    assert '"owner"' in choice["cond_state"]
    said = str(choice["false_value"])
    assert "An admin can change this" in said
    assert "Save" not in said


def conditions(drawn):
    """Every choice that a page makes, the innermost last."""
    if isinstance(drawn, dict):
        own = [drawn] if "cond_state" in drawn else []
        return own + [found for value in drawn.values() for found in conditions(value)]
    if isinstance(drawn, list):
        return [found for value in drawn for found in conditions(value)]
    return []
