"""What a page is told when it loads."""

import asyncio
import json
import subprocess
import sys

import pytest

HYDRATE_BYTES = 8 << 10
HASHES = """
import asyncio, json
from reflex.istate.delta import _resolve_delta
from reflex.state import State, state_snapshot_hashes
from tests.protocol import probe_app  # registers the states that the server has
initial = asyncio.run(_resolve_delta(State(_reflex_internal_init=True).dict(initial=True)))
print(json.dumps(state_snapshot_hashes(initial)))
"""


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


def hashes_of_a_build() -> list[str]:
    command = [sys.executable, "-c", HASHES]
    build = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return json.loads(build.stdout.splitlines()[-1])


async def test_hydrating_a_guest_sends_little(visit, world):
    """A browser says by hash which states it holds already, from its build: a process that has done nothing else."""
    tab = await visit().open_tab(holds=await asyncio.to_thread(hashes_of_a_build))
    assert len(json.dumps(tab.vars)) <= HYDRATE_BYTES


async def test_the_browser_is_never_told_its_cookie(visit, world):
    visitor = visit("acme.localhost", world.member)
    tab = await visitor.open_tab()
    assert visitor.cookie.partition("=")[2] not in json.dumps(tab.vars)


async def test_a_guest_is_led_from_a_workspace_page_to_the_door_and_back(visit, world):
    tab = await visit("acme.localhost").open_tab("/overview")
    assert tab.session["notice"]["leave_to"] == "/auth/start?next=/overview"
    base = await visit().open_tab("/runs")
    assert base.session["notice"]["leave_to"] == "/sign-in?next=/runs"


async def test_a_stranger_is_told_why_a_page_cannot_be_shown(visit, world):
    tab = await visit("globex.localhost", world.owner).open_tab("/overview")
    assert tab.session["refusal"]["sentence"].startswith("You are not a member of this workspace")
