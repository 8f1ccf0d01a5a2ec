"""A page that has lost its connection goes on where it was; one that is opened anew begins anew."""

import pytest

from tests.protocol.browser import SESSION

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


async def written(visitor, form):
    """A page in whose form something was typed, and which has just lost its connection."""
    path, state, field = form
    tab = await visitor.open_tab(path)
    await tab.send(f"{state}.write_{field}", value="Half a thought")
    await tab.until(lambda: tab.vars.get(state, {}).get(field) == "Half a thought")
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
    path, state, field = "/settings/keys", f"{SESSION}.agent_platform___state___keys____keys_state", "name"
    visitor = visit("acme.localhost", world.owner)
    first = await written(visitor, (path, state, field))
    elsewhere = await visitor.open_tab("/settings/agents", token=first.token, comes_back=True)
    await elsewhere.socket.close()
    back = await visitor.open_tab(path, token=first.token, comes_back=True)
    assert back.vars[state][field] == ""
