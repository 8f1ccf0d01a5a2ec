"""What a page is told when it loads."""

import pytest


@pytest.fixture
def path() -> str:
    return "/"


async def test_a_guest_gets_an_empty_frame(visit, world, path):
    tab = await visit().open_tab(path)
    shell = tab.session["shell"]
    assert shell["signed_in"] is False
    assert shell["workspaces"] == []


async def test_a_member_gets_their_workspaces_and_the_month(visit, world, path):
    tab = await visit("acme.localhost", world.member).open_tab(path)
    shell = tab.session["shell"]
    assert (shell["user_name"], shell["role"], shell["workspace_name"]) == ("Mia", "member", "Acme")
    assert {link["slug"]: link["current"] for link in shell["workspaces"]}["acme"] is True
    assert shell["spent"] == "$0.00"


async def test_hydrating_a_guest_sends_little(visit, world, path):
    tab = await visit().open_tab(path)
    assert len(str(tab.vars)) < 64 << 10
