"""What people see while processes die: a click is one run, pages come back by themselves, a tab that reads nothing harms nobody."""

import asyncio
import contextlib
import time
from pathlib import Path

import aiohttp
import pytest

from agent_platform.core.ids import shown
from tests.faults.load import Kind, accept, look
from tests.faults.tabs import AGENT, RUN, led_to, owner_of, stored_by
from tests.faults.witness import Witness
from workers.sandbox import tree

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.sandbox]
BACK_SECONDS = 10
FLOOD = Kind("flood", "counter", {"numbers": 800, "pause_ms": 0}, cap_micro_usd=10_000_000)


def runs_of(world, tenant) -> list[str]:
    with world.installation.connect() as connection:
        rows = connection.execute("SELECT id FROM app.runs WHERE tenant_id = %s", (tenant.id,)).fetchall()
    return [shown("run", row[0]) for row in rows]


async def ready(visitor, path: str, state: str, **kept):
    tab = await visitor.open_tab(path, **kept)
    await tab.until(lambda: tab.vars.get(state, {}).get("showing") == "ready")
    return tab


async def open_again(world, visitor, path: str, state: str, tab):
    """What a browser does when its socket breaks: it connects anew, with the token and the storage of the tab."""
    give_up_at = time.monotonic() + BACK_SECONDS * 3
    while True:
        try:
            return await ready(visitor, path, state, token=tab.token, storage=stored_by(tab))
        except (aiohttp.ClientError, ConnectionError, TimeoutError, TypeError):
            assert time.monotonic() < give_up_at, world.installation.tail()
            await asyncio.sleep(0.2)


async def test_a_click_whose_answer_was_lost_with_the_web_process_is_one_run(world):
    tenant, path = world.tenant(), f"/agents/{world.publisher}/echo"
    async with owner_of(world.installation, tenant) as owner:
        tab = await ready(owner, path, AGENT)
        await tab.send(f"{AGENT}.change", name="text", value="hello")
        await tab.send(f"{AGENT}.start")
        while not (accepted := runs_of(world, tenant)):  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.01)
        pid = world.installation.kill("web")  # what it answered has not been read
        world.installation.wait_until_back("web", pid)
        again = await open_again(world, owner, path, AGENT, tab)
        await again.send(f"{AGENT}.change", name="text", value="hello")
        await again.send(f"{AGENT}.start")
        await again.until(lambda: led_to(again))
        assert led_to(again) == [f"/runs/{accepted[0]}"]
        assert runs_of(world, tenant) == accepted
        await again.socket.close()
        other = await ready(owner, path, AGENT, token=tab.token, storage=stored_by(again))
        await other.send(f"{AGENT}.change", name="text", value="hello")
        await other.send(f"{AGENT}.start")  # on a page opened after the answer it is another wish
        await other.until(lambda: led_to(other))
        assert len(runs_of(world, tenant)) == 2


@pytest.mark.long
async def test_the_page_of_a_run_goes_on_after_the_web_process_was_killed(world):
    tenant, witness = world.tenant(), Witness()
    seen = accept(witness, tenant, world.publisher, Kind("on", "counter", {"numbers": 100, "pause_ms": 100}))
    path = f"/runs/{shown('run', seen.run_id)}"
    async with owner_of(world.installation, tenant) as owner:
        tab = await ready(owner, path, RUN)
        pid = world.installation.kill("web")
        world.installation.wait_until_back("web", pid)
        again = await open_again(world, owner, path, RUN, tab)
        await again.until(lambda: again.vars[RUN]["head"]["finished"])
        assert again.vars[RUN]["strip"]["state"] == "succeeded"
    look(witness, seen)
    assert world.verdict(witness) == []


@pytest.mark.long
async def test_a_tab_that_reads_nothing_slows_no_run_and_no_other_page(world, capsys):
    tenant, witness = world.tenant(), Witness()
    before = memory_mib(world.installation.pid_of("web"))
    async with owner_of(world.installation, tenant) as owner:
        seen = accept(witness, tenant, world.publisher, FLOOD)
        path = f"/runs/{shown('run', seen.run_id)}?tab=log"
        deaf = [await owner.open_tab(path) for _ in range(5)]  # nobody listens to them from here on
        most = before
        while look(witness, seen).finished_at is None:
            assert await asyncio.to_thread(world.installation.page_status, "/readyz") == 200
            most = max(most, memory_mib(world.installation.pid_of("web")))
            await asyncio.sleep(0.5)
        assert look(witness, seen).state == "succeeded"
        for tab in deaf:
            with contextlib.suppress(ConnectionError):
                await tab.socket.close()
    assert world.verdict(witness) == []
    with capsys.disabled():
        print(f"\nweb process beside five deaf tabs: {before:.0f} -> at most {most:.0f} MiB")


def memory_mib(pid: int) -> float:
    """Resident memory of the process and what it started."""
    pages = 0
    for one in (pid, *tree.descendants(pid)):
        with contextlib.suppress(OSError):
            pages += int(Path(f"/proc/{one}/statm").read_text(encoding="ascii").split()[1])
    return pages * tree.PAGE_BYTES / 2**20
