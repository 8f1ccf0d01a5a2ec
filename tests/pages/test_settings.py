"""The state behind settings: what is refused leaves nothing open behind it."""

import pytest

from agent_platform.core.errors import AppError
from agent_platform.state.profile import ProfileState
from agent_platform.state.settings import MembersState, WorkspaceState
from tests.doubles.tab import Page

HOST = "http://northwind.localhost:3000"


@pytest.fixture
def open_page(northwind, enter, said):
    enter(northwind.owner)

    async def open_page(kind, path):
        opened = Page(kind, f"{HOST}{path}")
        await opened.send("open")
        return opened

    return open_page


async def test_a_link_to_the_settings_leads_to_the_profile(northwind, enter):
    enter(northwind.owner)
    [led] = await Page(ProfileState, f"{HOST}/settings").send("begin")
    assert "/settings/profile" in str(led.args)


async def test_a_refused_leave_shuts_its_dialog_first(open_page):
    opened = await open_page(WorkspaceState, "/settings/workspace")
    await opened.send("ask_leave", True)
    steps = opened.begin("leave")
    await anext(steps)
    assert not opened.state.asking_leave
    with pytest.raises(AppError, match="owner"):
        await anext(steps)


async def test_a_dialog_does_not_come_back_with_the_page(open_page):
    opened = await open_page(WorkspaceState, "/settings/workspace")
    await opened.send("ask_leave", True)
    await opened.send("open")
    assert not opened.state.asking_leave


async def test_a_refused_removal_shuts_its_dialog_first(northwind, open_page):
    opened = await open_page(MembersState, "/settings/members")
    await opened.send("ask_remove", str(northwind.owner.user_id), "Mara Okafor")
    steps = opened.begin("remove")
    await anext(steps)
    assert opened.state.removing == ""
    with pytest.raises(AppError):
        await anext(steps)
