"""A page that has lost its connection goes on where it was; one that is opened anew begins anew."""

import asyncio
import json

import pytest

from tests.protocol.browser import PREFIX, SESSION

KEYS = "/settings/keys", f"{SESSION}.agent_platform___state___keys____keys_state", "name"
FORMS = {
    "/settings/profile": ("profile____profile_state", "name"),
    "/settings/workspace": ("settings____workspace_state", "name"),
    "/settings/keys": ("keys____keys_state", "name"),
    "/settings/agents": ("allowed____allowed_state", "agent"),
    "/settings/storefront": ("storefront____storefront_state", "headline"),
    "/start?new=1": ("start____start_state", "name"),
}


@pytest.fixture(params=FORMS)
def form(request) -> tuple[str, str, str]:
    state, field = FORMS[request.param]
    return request.param, f"{SESSION}.agent_platform___state___{state}", field


async def typed_in(visitor, form):
    """An open page in whose form something was typed."""
    path, state, field = form
    tab = await visitor.open_tab(path)
    await tab.send(f"{state}.write_{field}", value="Half a thought")
    await tab.until(lambda: tab.vars.get(state, {}).get(field) == "Half a thought")
    return tab


async def written(visitor, form):
    """The same, having just lost its connection."""
    tab = await typed_in(visitor, form)
    await tab.socket.close()
    return tab


async def test_what_was_typed_outlives_the_connection(visit, world, form):
    path, state, field = form
    visitor = visit("acme.localhost", world.owner)
    first = await written(visitor, form)
    again = await visitor.open_tab(path, token=first.token, comes_back=True)
    assert again.vars[state][field] == "Half a thought"


async def test_a_page_that_is_opened_anew_begins_anew(visit, world, form):
    path, state, field = form
    visitor = visit("acme.localhost", world.owner)
    first = await written(visitor, form)
    anew = await visitor.open_tab(path, token=first.token)
    assert anew.vars[state][field] != "Half a thought"


async def test_a_connection_that_is_back_on_another_page_finds_that_page(visit, world):
    path, state, field = KEYS
    visitor = visit("acme.localhost", world.owner)
    first = await written(visitor, KEYS)
    elsewhere = await visitor.open_tab("/settings/agents", token=first.token, comes_back=True)
    await elsewhere.socket.close()
    back = await visitor.open_tab(path, token=first.token, comes_back=True)
    assert back.vars[state][field] == ""


async def test_a_browser_that_went_without_a_word_comes_back_to_what_was_typed(visit, world):
    path, state, field = KEYS
    visitor = visit("acme.localhost", world.owner)
    silent = await typed_in(visitor, KEYS)  # reads nothing from now on, so it answers nothing
    again = await visitor.open_tab(path, token=silent.token, comes_back=True)
    assert again.vars[state][field] == "Half a thought"
    with pytest.raises(ConnectionError):
        await silent.until(lambda: False)


async def test_a_copied_tab_leaves_the_first_one_what_it_has(visit, world):
    path, state, field = KEYS
    visitor = visit("acme.localhost", world.owner)
    first = await typed_in(visitor, KEYS)
    listening = asyncio.create_task(first.until(lambda: first.vars[state].get(field) == "Another thought"))
    copy = await visitor.open_tab(path, token=first.token)
    assert copy.vars[state][field] == ""
    await first.send(f"{state}.write_{field}", value="Another thought")
    await listening


async def test_somebody_else_who_continues_a_tab_finds_it_empty(visit, world):
    path, state, field = KEYS
    first = await written(visit("acme.localhost", world.owner), KEYS)
    thief = await visit("acme.localhost", world.member).open_tab(path, token=first.token, comes_back=True)
    assert thief.vars[state][field] == ""


async def test_a_page_whose_load_was_broken_off_is_loaded_anew(visit, world):
    path, state, field = KEYS
    visitor = visit("acme.localhost", world.owner)
    first = await typed_in(visitor, KEYS)
    await first.socket.close()
    broken = await visitor.connect(first.token)
    await broken.send_str("40/_event,")
    router = {"pathname": path, "query": {}, "asPath": path, "headers": {}}
    boot = {"name": f"{PREFIX}.hydrate_and_load", "payload": {"vars": {}, "hashes": []}, "router_data": router}
    await broken.send_str("42/_event," + json.dumps(["event", boot]))
    while "is_hydrated" not in (await broken.receive()).data:
        pass
    await broken.close()  # before the page has been loaded to its end
    again = await visitor.open_tab(path, token=first.token, comes_back=True)
    assert again.vars[state][field] == ""
