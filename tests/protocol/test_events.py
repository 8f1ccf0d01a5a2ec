import asyncio

import pytest
from reflex_base.constants.state import FIELD_MARKER

from agent_platform.services import identity, tenancy
from tests.doubles import people
from tests.protocol.browser import PREFIX, PROBE, SESSION
from tests.protocol.conftest import signed_in
from tests.protocol.probe_app_words import SECRET_WORD

pytestmark = pytest.mark.sec


async def test_an_open_handler_runs_for_anybody(visit, world):
    tab = await visit().open_tab()
    await tab.call("open_door")
    await tab.until(lambda: tab.probe.get("seen") == "open_door nobody")


async def test_a_member_reaches_their_own_workspace_only_by_the_host(visit, world):
    tab = await visit("acme.localhost", world.member).open_tab()
    await tab.call("change", tenant_id=str(world.globex))
    await tab.until(lambda: tab.probe.get("seen") == "change acme")


async def test_a_service_learns_who_calls_it(visit, world):
    tab = await visit("acme.localhost", world.viewer).open_tab()
    await tab.call("who_am_i_in_the_service")
    await tab.until(lambda: tab.probe.get("seen") == "Vito in acme")


@pytest.mark.parametrize("handler", ["view", "change", "leave_something", "who_am_i_in_the_service", "follow"])
async def test_nobody_without_a_session_runs_a_guarded_handler(visit, world, handler):
    tab = await visit("acme.localhost").open_tab()
    await tab.call(handler)
    await tab.told("Sign in")
    await tab.settled()
    assert tab.probe["seen"] == "open_door nobody"
    assert tab.probe["rows"] == 0


FORGED = [
    ("settings____members_state", "change_role", {"member": "zzz", "role": "viewer"}),
    ("settings____members_state", "toggle_build", {"member": "zzz"}),
    ("settings____members_state", "revoke_invitation", {"invitation": "zzz"}),
    ("profile____profile_state", "revoke", {"session_id": "zzz"}),
    ("profile____profile_state", "remove_identity", {"identity_id": "zzz"}),
]


@pytest.mark.parametrize(("state", "handler", "payload"), FORGED, ids=lambda value: str(value)[:20])
async def test_an_id_that_is_none_reads_like_an_unknown_one(visit, world, state, handler, payload):
    tab = await visit("acme.localhost", world.owner).open_tab()
    await tab.send(f"{SESSION}.agent_platform___state___{state}.{handler}", **payload)
    await tab.told("This does not exist")


@pytest.mark.parametrize("payload", [{}, {"typed": 7}, {"typed": None}, {"typed": "a", "more": 1}])
async def test_an_event_that_does_not_fit_its_handler_is_refused_in_plain_words(visit, world, payload):
    tab = await visit().open_tab()
    await tab.call("break_down", **payload)
    await tab.told("What this page sent does not fit its action")
    await tab.settled()
    assert not any(notice["title"].startswith("Something failed") for notice in tab.notices)


async def test_what_cannot_be_stored_does_not_reach_a_handler(visit, world):
    tab = await visit().open_tab()
    await tab.call("repeat", typed="a\x00b\ud800c")
    await tab.until(lambda: tab.probe.get("seen") == "repeat abc")


async def test_a_viewer_may_not_change(visit, world):
    tab = await visit("acme.localhost", world.viewer).open_tab()
    await tab.call("change")
    assert (await tab.told("This needs the role member"))["level"] == "error"
    await tab.call("view")
    await tab.until(lambda: tab.probe.get("seen") == "view viewer")


async def test_a_session_of_another_host_is_none_here(visit, world):
    elsewhere = visit("acme.localhost")
    elsewhere.cookie = f"ap_sid={signed_in(world.owner, 'localhost')}"
    tab = await elsewhere.open_tab()
    await tab.call("view")
    await tab.told("Sign in")


async def test_a_member_of_one_workspace_is_a_stranger_in_another(visit, world):
    tab = await visit("globex.localhost", world.owner).open_tab()
    await tab.call("view")
    await tab.told("You are not a member of this workspace")
    await tab.call("change")
    await tab.settled()
    assert "change" not in tab.probe["seen"]


async def test_a_chained_handler_is_checked_like_one_that_is_called(visit, world):
    tab = await visit("acme.localhost", world.viewer).open_tab()
    await tab.call("chain")
    await tab.told("This needs the role member")


@pytest.mark.parametrize(
    "name",
    [
        f"{PROBE}.setvar",
        f"{PROBE}._hidden",
        f"{PROBE}.in_tenant",
        f"{PROBE}.say",
        f"{PROBE}.reset",
        f"{SESSION}.setvar",
        f"{PREFIX}.set_is_hydrated",
        f"{PREFIX}.setvar",
        f"{PREFIX}.reflex___state____update_vars_internal_state.update_vars_internal",
        "no.such.state.handler",
        "__import__",
    ],
)
async def test_a_forged_event_does_nothing(visit, world, name):
    tab = await visit("acme.localhost", world.owner).open_tab()
    await tab.send(name, var_name="seen", value="forged", vars={f"{PROBE}.seen": "forged"})
    await tab.settled()
    assert tab.probe["seen"] == "open_door Olga"


async def test_a_tab_may_tell_the_key_of_its_next_click_and_nothing_beside_it(visit, world):
    tab = await visit("acme.localhost", world.owner).open_tab()
    kept = {f"{SESSION}.click_key{FIELD_MARKER}": "0" * 36}
    for told in (kept, kept | {f"{PROBE}.seen": "forged"}, {next(iter(kept)): "x" * 65}, {next(iter(kept)): ["x"]}):
        await tab.send(f"{PREFIX}.reflex___state____update_vars_internal_state.update_vars_internal", vars=told)
    await tab.told("This action does not exist")
    await tab.settled()
    assert tab.probe["seen"] == "open_door Olga"
    assert tab.session["click_key"] == "0" * 36


@pytest.mark.parametrize(
    "sent", ['42/_event,["event","not json"]', '42/_event,["event",7]', "42/_event,[", '42/_event,["event",{"name":7}]']
)
async def test_garbage_does_not_stop_the_next_visitor(visit, world, sent):
    tab = await visit().open_tab()
    await tab.socket.send_str(sent)
    other = await visit().open_tab()
    await other.settled()
    assert other.probe["seen"] == "open_door nobody"


async def test_a_planted_second_cookie_signs_nobody_in(visit, world):
    visitor = visit("acme.localhost", world.owner)
    visitor.cookie += f"; ap_sid={signed_in(world.stranger, 'acme.localhost')}"
    tab = await visitor.open_tab()
    await tab.call("view")
    await tab.told("Sign in")


async def test_a_tab_that_somebody_else_continues_is_empty(visit, world):
    first = await visit("acme.localhost", world.owner).open_tab()
    await first.call("leave_something")
    await first.until(lambda: first.probe.get("secret") == SECRET_WORD)
    await first.socket.close()
    for visitor in (visit("acme.localhost"), visit("acme.localhost", world.viewer)):
        thief = await visitor.open_tab(token=first.token)
        assert SECRET_WORD not in str(thief.vars)
        await thief.socket.close()


async def test_the_owner_continues_their_tab_after_a_reconnect(visit, world):
    visitor = visit("acme.localhost", world.owner)
    first = await visitor.open_tab()
    await first.call("leave_something")
    await first.until(lambda: first.probe.get("secret") == SECRET_WORD)
    await first.socket.close()
    again = await visitor.open_tab(token=first.token)
    assert again.probe["secret"] == SECRET_WORD


async def test_a_sign_out_ends_the_open_socket(visit, world):
    visitor = visit("acme.localhost", world.owner)
    tab = await visitor.open_tab()
    await tab.call("view")
    await tab.until(lambda: tab.probe.get("seen") == "view owner")
    await asyncio.to_thread(identity.in_platform, identity.end_session, token=visitor.cookie.partition("=")[2])
    with pytest.raises(ConnectionError):
        await tab.until(lambda: False)


async def test_a_background_task_stops_once_the_person_is_removed(visit, world):
    guest = people.arrive("Gina", 77)
    people.inside(world.acme, people.enrol, person=guest, role="viewer")
    tab = await visit("acme.localhost", guest).open_tab()
    await tab.call("follow")
    await tab.until(lambda: tab.probe.get("rows", 0) >= 1)
    assert tab.probe["seen"] == "follow acme"
    await asyncio.to_thread(people.inside, world.acme, tenancy.remove_member, user_id=guest.id, by=world.owner.id)
    await tab.told("You are not a member of this workspace")


async def test_a_flood_is_refused_and_forgotten(visit, world):
    tab = await visit("acme.localhost", world.owner).open_tab()
    for _ in range(100):
        await tab.call("change")
    await tab.told("That was faster than we can follow")
    other = await visit("acme.localhost", world.member).open_tab()
    await other.call("change")
    await other.until(lambda: other.probe.get("seen") == "change acme")


async def test_a_message_beyond_the_limit_closes_the_socket(visit, world):
    tab = await visit().open_tab()
    await tab.call("break_down", typed="x" * (65 << 10))
    with pytest.raises(ConnectionError):
        await tab.until(lambda: False)


@pytest.mark.sec
@pytest.mark.parametrize(("handler", "values"), [("decide", {"decision": "approve"}), ("open", {})])
async def test_the_owner_of_a_workspace_cannot_forge_a_reviewer_s_event(visit, world, handler, values):
    tab = await visit("acme.localhost", world.owner).open_tab("/ops/review")
    await tab.send(f"{SESSION}.agent_platform___state___review____review_page.{handler}", **values)
    await tab.told("This belongs to whoever runs the installation")
