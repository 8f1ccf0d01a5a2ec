"""Demos as a browser's socket reaches them: what a visitor may decide, what they meet at the limits, and whose result nobody else sees."""

import asyncio

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.services import tenancy, visitors
from tests.protocol.browser import SESSION
from tests.services.visitors.stall import Stall

pytestmark = pytest.mark.sec
AGENT = f"{SESSION}.agent_platform___state___agent____agent_state"
DEMO = f"{SESSION}.agent_platform___state___demo____demo_page"
PATH = "/agents/maker/counter"
INPUT = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "title": "Number", "minimum": 1, "maximum": 100, "prefill": 3},
        "text": {"type": "string", "title": "Text", "maxLength": 2_000_000, "prefill": "hello"},
    },
}


@pytest.fixture(scope="module")
def stall(server):
    """The agent `maker/counter`, which may be tried."""
    made = Stall("per_event", input=INPUT)
    visitors.set_budget(visitors.Budget(900_000_000, 900_000_000))
    return made


@pytest.fixture(autouse=True)
def room(stall):
    """Every demo under way has ended, so that all places are free."""
    yield
    with acting_as("worker"), tenant_session(stall.consumer) as session:
        session.execute(text("UPDATE app.runs SET finished_at = now(), state = 'cancelled' WHERE finished_at IS NULL"))
        session.execute(text("DELETE FROM app.dispatch WHERE tenant_id = :tenant"), {"tenant": stall.consumer})
        session.execute(text("UPDATE app.tenant_slots SET taken = 0"))


async def at_the_agent(visitor, path=PATH):
    tab = await visitor.open_tab(path)
    await tab.until(lambda: tab.vars.get(AGENT, {}).get("showing") in {"ready", "missing", "suspended"})
    return tab


def led_to(tab):
    return [event["payload"]["path"] for event in tab.events if event["name"] == "_redirect"]


async def tried(tab):
    """The path that a click on Try demo led to; empty with the refusal in the tab's state."""
    before = len(led_to(tab))
    tab.vars[AGENT]["demo_refusal"] = ""
    await tab.send(f"{AGENT}.try_demo")
    await tab.until(lambda: len(led_to(tab)) > before or tab.vars[AGENT]["demo_refusal"])
    return (led_to(tab)[before:] or [""])[0]


async def page_of(visitor, path):
    tab = await visitor.open_tab(path)
    await tab.until(lambda: tab.vars.get(DEMO, {}).get("showing") in {"ready", "missing", "failed"})
    return tab


def newest(stall):
    with tenant_session(stall.consumer) as session:
        return session.execute(
            text("SELECT id, input, options, cap_micro_usd, timeout_seconds, memory_mb, retries_left, is_dry_run, origin, version"
                 " FROM app.runs ORDER BY created_at DESC, id DESC LIMIT 1")
        ).one_or_none()  # fmt: skip


async def test_one_click_tries_the_prefilled_input_and_leads_to_its_page(visit, stall):
    visitor = visit()
    tab = await at_the_agent(visitor)
    assert tab.vars[AGENT]["demo_note"].startswith("Free, without an account")
    path = await tried(tab)
    assert path.startswith("/demo/")
    page = await page_of(visitor, path)
    assert page.vars[DEMO]["showing"] == "ready"
    assert page.vars[DEMO]["demo"]["until"].endswith(" UTC")
    assert newest(stall).input == {"n": 3, "text": "hello"}


async def test_what_was_typed_is_what_runs_and_nothing_else_is_chosen(visit, stall):
    tab = await at_the_agent(visit())
    await tab.send(f"{AGENT}.change", name="n", value="7")
    for handler, told in (("write_cap", {"value": "999"}), ("choose_dry_run", {}), ("accept", {})):
        await tab.send(f"{AGENT}.{handler}", **told)
    assert await tried(tab)
    run = newest(stall)
    assert run.input["n"] == 7
    assert (run.cap_micro_usd, run.timeout_seconds, run.retries_left, run.is_dry_run, run.origin) == (
        20_000, 30, 0, True, "demo",
    )  # fmt: skip


async def test_arguments_that_are_sent_along_start_nothing(visit, stall):
    before = newest(stall)
    tab = await at_the_agent(visit())
    forged = {
        "cap_micro_usd": 1,
        "timeout_seconds": 9_999,
        "publisher": "maker",
        "address": "192.0.2.1",
        "given": {"n": 1},
    }
    await tab.send(f"{AGENT}.try_demo", **forged)
    await tab.settled()
    after = newest(stall)
    assert after == before or after.timeout_seconds == 30


@pytest.mark.parametrize(
    "name", ["_demo", "_page", "demo_note", "most_characters", "set_demo_note", "begin_demo", "_redraw"]
)
async def test_no_var_is_set_and_no_helper_called_from_outside(visit, stall, name):
    before = newest(stall)
    tab = await at_the_agent(visit())
    shown = dict(tab.vars[AGENT])
    await tab.send(f"{AGENT}.{name}", value="x", publisher="maker", slug="counter", given={})
    await tab.settled()
    assert tab.vars[AGENT] == shown
    assert newest(stall) == before
    assert led_to(tab) == []


async def test_an_agent_that_does_not_allow_it_is_refused_whatever_the_browser_sends(visit, stall):
    stall.change(input=INPUT, demo=False)
    try:
        tab = await at_the_agent(visit())
        assert tab.vars[AGENT].get("demo_note", "") == ""
        assert await tried(tab) == ""
        assert "offers no demo" in tab.vars[AGENT]["demo_refusal"]
    finally:
        stall.change(input=INPUT, demo=True)


async def test_a_page_without_an_agent_starts_nothing(visit, stall):
    tab = await at_the_agent(visit(), "/agents/maker/nothing")
    await tab.send(f"{AGENT}.try_demo")
    await tab.settled()
    assert led_to(tab) == []


async def test_five_an_hour_whatever_address_the_client_claims(visit, stall):
    visitor = visit()
    real = visitor.address
    for number in range(5):
        visitor.address = f"203.0.113.{number}, {real}"
        tab = await at_the_agent(visitor)
        await tab.send(f"{AGENT}.change", name="n", value=str(number + 1))
        assert await tried(tab), tab.vars[AGENT]["demo_refusal"]
    visitor.address = f"192.0.2.200, {real}"
    tab = await at_the_agent(visitor)
    assert await tried(tab) == ""
    assert tab.vars[AGENT]["demo_refusal"].startswith("5 demos were started from your address within an hour")
    assert "with an account you run it now" in tab.vars[AGENT]["demo_refusal"]


async def test_a_second_click_is_the_same_demo(visit, stall):
    tab = await at_the_agent(visit())
    assert await tried(tab) == await tried(tab)


async def test_a_long_text_is_named_and_an_endless_one_ends_the_connection(visit, stall):
    tab = await at_the_agent(visit())
    await tab.send(f"{AGENT}.change", name="text", value="x" * 50_000)
    field = lambda: next(one for one in tab.vars[AGENT]["fields"] if one["name"] == "text")  # noqa: E731
    await tab.until(lambda: field()["error"])
    assert field()["error"].startswith("This was cut at 50,000 characters, the most that fits here.")
    assert await tried(tab) == ""
    await tab.send(f"{AGENT}.change", name="text", value="y" * 50_000)
    assert await tried(tab) == ""  # cut anew, told anew
    assert await tried(tab) == ""  # a second click has looked at nothing
    await asyncio.sleep(1.1)
    assert await tried(tab) != ""
    await tab.send(f"{AGENT}.change", name="text", value="x" * 70_000)
    with pytest.raises(ConnectionError):
        await tab.settled()


async def test_wrong_input_is_marked_and_counts_for_nothing(visit, stall):
    tab = await at_the_agent(visit())
    await tab.send(f"{AGENT}.change", name="n", value="1000")
    await tab.send(f"{AGENT}.try_demo")
    await tab.until(lambda: any(one["error"] for one in tab.vars[AGENT]["fields"]))
    assert led_to(tab) == []


async def test_another_visitor_sees_nothing_of_it(visit, stall):
    path = await tried(await at_the_agent(visit()))
    run = newest(stall)
    other = visit()
    for guess in ("A" * 43, shown("run", run.id), str(run.id), path.rpartition("/")[2][:-1], "..%2f", "x"):
        page = await page_of(other, f"/demo/{guess}")
        assert (page.vars[DEMO]["showing"], page.vars[DEMO].get("input_json", "")) == ("missing", ""), guess
    for handler in ("choose_tab", "find_rows", "next_page", "follow"):
        await page.send(
            f"{DEMO}.{handler}",
            **({"tab": "input"} if handler == "choose_tab" else {"words": "x"} if handler == "find_rows" else {}),
        )
    await page.settled()
    assert "hello" not in str(page.vars[DEMO])


async def test_the_workspace_that_keeps_demos_has_no_host_and_no_other_host_shows_them(visit, world, stall):
    await tried(await at_the_agent(visit()))
    run = shown("run", newest(stall).id)
    for host, person in (("demo.localhost", None), ("demo.localhost", world.owner), ("acme.localhost", world.owner)):
        for rest in ("export.json", "log.txt", "receipt.json", "files/x"):
            status = (await visit(host, person).get(f"/download/runs/{run}/{rest}")).status
            assert status == (421 if host.startswith("demo") else 404)
    tab = await visit("acme.localhost", world.owner).open_tab(f"/runs/{run}")
    await tab.settled()
    assert "hello" not in str(tab.vars)


async def test_its_rows_log_and_files_are_downloaded_by_its_key_alone(visit, stall):
    visitor = visit()
    key = (await tried(await at_the_agent(visitor))).rpartition("/")[2]
    stall.finish_demo(key)
    rows = await visitor.get(f"/download/demos/{key}/export.json")
    assert (rows.status, rows.headers["cache-control"]) == (200, "private, no-store")
    assert (await visitor.get(f"/download/demos/{key}/files/out.txt")).status == 200
    assert (await visitor.get(f"/download/demos/{key}/log.txt")).status == 200
    for path in (
        f"/download/demos/{'A' * 43}/export.json",
        f"/download/demos/{shown('run', newest(stall).id)}/export.json",
        f"/download/demos/{key}/receipt.json",
        f"/download/demos/{key}/export.exe",
        f"/download/demos/{key}/files/..%2f..%2fsecret",
    ):
        assert (await visitor.get(path)).status == 404, path
    page = await page_of(visitor, f"/demo/{key}")
    assert page.vars[DEMO]["head"]["downloads"] == f"/download/demos/{key}"
    assert [one["href"] for one in page.vars[DEMO]["files"]] == [f"/download/demos/{key}/files/out.txt"]
    assert page.vars[DEMO]["head"]["can_stop"] is page.vars[DEMO]["head"]["can_rerun"] is False


async def test_the_address_of_a_demo_is_told_to_no_search_engine_and_no_other_site(visit, stall):
    key = (await tried(await at_the_agent(visit()))).rpartition("/")[2]
    visitor = visit()
    answer = await visitor.get(f"/demo/{key}", Accept="text/html")
    assert (answer.status, answer.headers["x-robots-tag"]) == (200, "noindex")
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert (await visitor.get(f"/demo/{'A' * 43}", Accept="text/html")).status == 404


async def test_who_is_signed_in_sees_a_demo_by_its_key_and_is_led_on(visit, world, stall):
    path = await tried(await at_the_agent(visit()))
    page = await page_of(visit("localhost", world.owner), path)
    assert page.vars[DEMO]["showing"] == "ready"
    assert page.vars[DEMO]["way_on"].startswith("/auth/switch?to=")
    guest = await page_of(visit(), path)
    assert guest.vars[DEMO]["way_on"] == f"/sign-in?next={path}"


def test_nobody_is_a_member_of_the_workspace_that_keeps_demos(stall):
    with tenant_session(stall.consumer) as session:
        assert session.execute(text("SELECT count(*) FROM app.memberships")).scalar_one() == 0
        assert tenancy.get_workspace(session).slug == "demo"
