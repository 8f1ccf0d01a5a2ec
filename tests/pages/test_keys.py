"""The state behind API keys: what it keeps, what it refuses, and whose keys it shows."""

import json
import re

import pytest
from reflex_base.event.context import EventContext

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import AppError
from agent_platform.models.tenancy import Membership
from agent_platform.pages.keys import keys, make
from agent_platform.services import tenancy
from agent_platform.state.keys import KeysState
from tests.doubles.tab import Page
from tests.factories import caller_of, make_user

PATH = "http://northwind.localhost:3000/settings/keys"


async def opened():
    page = Page(KeysState, PATH)
    await page.send("open")
    return page


def join(workspace, role):
    user_id = make_user("Vic")
    with tenant_session(workspace.id) as session:
        session.add(Membership(tenant_id=workspace.id, user_id=user_id, role=role, features=[], display_name="Vic"))
    return caller_of(workspace.id, user_id, role=role, name="Vic")


async def test_what_the_form_refuses_is_a_sentence_beside_its_field_until_that_is_mended(northwind, enter):
    enter(northwind.owner)
    page = await opened()
    await page.send("make")
    assert "A name has 1 to 80" in page.state.name_fault
    await page.send("write_name", "ci-bot")
    await page.send("toggle_reads")
    await page.send("toggle_writes")
    assert page.state.name_fault == ""
    await page.send("make")
    assert "at least one thing" in page.state.scopes_fault
    await page.send("toggle_reads")
    assert (page.state.scopes_fault, page.state.keys) == ("", [])


def test_the_field_of_a_refused_name_is_marked_as_wrong():
    assert re.search(r'"aria-invalid":[^,]*\.name_fault_', str(make()))


def test_viewers_read_why_they_make_no_key_and_who_helps():
    assert "ask an owner or admin of this workspace" in str(keys())


@pytest.mark.sec
async def test_viewers_see_none_of_others_and_somebody_elses_key_is_not_theirs_to_revoke(northwind, enter):
    with tenant_session(northwind.id) as session:
        by = northwind.owner.user_id
        tenancy.make_key(session, name="ci-bot", scopes=["runs:read"], days=None, by=by)
        [key] = tenancy.list_keys(session, by=by)
    enter(join(northwind, "viewer"))
    page = await opened()
    assert page.state.keys == []
    for guess in (str(key.id), "nonsense", str(northwind.id)):
        await page.send("ask_revoke", guess, "x")
        steps = page.begin("revoke")
        await anext(steps)
        assert page.state.revoking == ""
        with pytest.raises(AppError):
            await anext(steps)


@pytest.mark.sec
async def test_a_new_key_is_told_and_not_kept(northwind, enter):
    told = []

    async def keep(_token, delta):
        told.append(delta)

    async def drop(*_events):
        return None

    EventContext.set(EventContext(token="tab", state_manager=None, enqueue_impl=drop, emit_delta_impl=keep))
    enter(northwind.owner)
    page = await opened()
    await page.send("write_name", "ci-bot")
    await page.send("choose_ends", "never")
    await page.send("make")
    assert (page.state.made, page.state.secret) == ("ci-bot", "")
    [key] = page.state.keys
    [[secret]] = [values.values() for delta in told for values in delta.values()]
    assert secret.startswith(key.prefix[:-1])
    assert (key.name, key.ends, key.used) == ("ci-bot", "never", "not yet")
    assert secret not in json.dumps(page.state.dict(), default=str)
