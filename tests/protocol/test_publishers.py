"""Forged events at storefronts, allowed agents and saved ones, as a hostile browser sends them."""

import pytest

from agent_platform.services import catalog
from tests.doubles import people
from tests.protocol.browser import SESSION

pytestmark = pytest.mark.sec
STATE = f"{SESSION}.agent_platform___state___"
STOREFRONT, ALLOWED, SAVED = (
    STATE + name for name in ("storefront____storefront_state", "allowed____allowed_state", "saved____saved_state")
)
CHANGES = (
    (STOREFRONT, "switch", {}),
    (STOREFRONT, "write_headline", {"value": "Forged"}),
    (STOREFRONT, "save", {}),
    (STOREFRONT, "show_agent", {}),
    (STOREFRONT, "hide_agent", {"listing": "x"}),
    (STOREFRONT, "take_logo", {"upload": "file_x"}),
    (STOREFRONT, "remove_logo", {}),
    (ALLOWED, "choose", {"rule": "own"}),
    (ALLOWED, "allow", {}),
    (ALLOWED, "disallow", {"listing": "x"}),
)


@pytest.mark.parametrize("who", ["nobody", "viewer", "member", "stranger"])
async def test_whoever_is_no_admin_changes_nothing(visit, world, who):
    tab = await visit("acme.localhost", None if who == "nobody" else getattr(world, who)).open_tab()
    for state, handler, payload in CHANGES:
        await tab.send(f"{state}.{handler}", **payload)
    await tab.until(lambda: len(tab.notices) + len(tab.events) >= 1)
    await tab.settled()
    facts = people.inside(world.acme, catalog.get_storefront)
    assert (facts.is_on, facts.headline, facts.chosen, facts.logo_key) == (False, "", [], None)
    assert people.inside(world.acme, catalog.get_allowed).rule == "all"
    assert "Forged" not in str(tab.vars)


async def test_an_owner_s_event_changes_the_workspace_of_the_host_and_no_other(visit, world):
    tab = await visit("acme.localhost", world.owner).open_tab()
    await tab.send(f"{ALLOWED}.choose", rule="listed", tenant_id=str(world.globex))
    await tab.send(f"{ALLOWED}.choose", rule="listed")
    await tab.told("Saved")
    assert people.inside(world.acme, catalog.get_allowed).rule == "listed"
    assert people.inside(world.globex, catalog.get_allowed).rule == "all"
    await tab.send(f"{ALLOWED}.choose", rule="all")
    await tab.settled()


@pytest.mark.parametrize("rule", ["everything", "", "own'; DROP TABLE app.agent_rules; --", None, 7, ["own"]])
async def test_an_unknown_rule_is_refused(visit, world, rule):
    tab = await visit("acme.localhost", world.owner).open_tab()
    await tab.send(f"{ALLOWED}.choose", rule=rule)
    await tab.settled()
    assert people.inside(world.acme, catalog.get_allowed).rule == "all"


async def test_a_visitor_cannot_save_and_a_browser_cannot_set_whose_list_it_is(visit, world):
    tab = await visit().open_tab("/agents/nobody/nothing")
    await tab.send(f"{SAVED}.keep", wanted=True)
    await tab.told("Sign in")
    signed = await visit("localhost", world.member).open_tab("/agents/nobody/nothing")
    await signed.send(f"{SAVED}.keep", wanted=True, user_id=str(world.owner.id))
    await signed.send(f"{SAVED}._own", caller="x")
    await signed.settled()
    assert people.inside(world.owner.id, catalog.saved_agents) == ()


async def test_a_storefront_that_is_off_is_told_to_nobody_by_the_socket(visit, world):
    tab = await visit("acme.localhost").open_tab("/settings/storefront")
    assert tab.vars.get(STOREFRONT, {}).get("showing", "loading") == "loading"
