"""One attempt's flood leaves the broker to the others; alone it has all of it."""

import asyncio
import time
from pathlib import Path
from uuid import UUID

import pytest

from agent_platform import broker
from agent_platform.broker.pacing import FREE_SECONDS, MOST_UNDER_WAY, OWED_SECONDS, SHARE, Account, Pace
from agent_platform.broker.speakers import Speaker

UNPACED = {
    "pacing.py": 2,  # the look for who speaks; the work itself
    "forwarding.py": 3,  # a request that was let through is closed in the log, whatever comes
    "proxy.py": 1,  # the look for who speaks
}


def speaker(number: int) -> Speaker:
    return Speaker("run", UUID(int=number), UUID(int=number), 1)


FLOOD, NEIGHBOUR = speaker(1), speaker(2)


class Hours:
    """Time that passes only when it is told to, for one pace; `rests` are those that were asked for."""

    def __init__(self) -> None:
        self.now = self.worked = 0.0
        self.rests: list[float] = []
        self.pace = Pace(lambda: self.now, lambda: self.worked, self.rest)

    async def rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds

    async def ask(self, who: Speaker, seconds: float = 0.0) -> None:
        await self.pace.work(who, lambda: self.compute(seconds))

    def compute(self, seconds: float) -> None:
        self.worked += seconds
        self.now += seconds


@pytest.mark.parametrize(
    ("spent", "later", "rest"),
    [
        (FREE_SECONDS / 2, 0, 0),
        (FREE_SECONDS, 0, 0),
        (FREE_SECONDS + 0.01, 0, 0.01 / SHARE),
        (FREE_SECONDS + 0.01, 0.01 / SHARE, 0),
        (FREE_SECONDS + 0.02, 0.01 / SHARE, 0.01 / SHARE),
        (1_000, 0, OWED_SECONDS / SHARE),
    ],
)
def test_who_has_had_more_than_its_share_rests_until_it_has_not(spent, later, rest):
    account = Account(10)
    account.spend(spent)
    assert account.rest_seconds(10 + later) == pytest.approx(rest)


def test_what_was_not_asked_for_is_not_saved_up():
    account = Account(0)
    account.rest_seconds(1_000)
    assert account.left == FREE_SECONDS


@pytest.mark.parametrize(("seconds", "most"), [(0.002, 0.05), (0.02, 0.05), (0.05, 0.05), (0.25, 0.25)])
async def test_beside_another_a_flood_gets_its_share_and_the_other_never_waits(seconds, most):
    hours = Hours()
    while hours.worked < 10:
        await hours.ask(NEIGHBOUR, 0.00001)
        await hours.ask(FLOOD, seconds)
    assert len(hours.rests) > 20
    assert 10 / hours.now < most * 1.05


async def test_alone_nobody_rests():
    hours = Hours()
    for _ in range(100):
        await hours.ask(FLOOD, 0.02)
    assert hours.rests == []


async def test_another_who_asked_long_ago_is_none():
    hours = Hours()
    await hours.ask(NEIGHBOUR)
    hours.now += 2
    await hours.ask(FLOOD, 1)
    assert hours.rests == []


async def test_a_call_that_fails_counts_as_any_other():
    hours = Hours()

    def fail() -> None:
        hours.worked += 1
        raise ZeroDivisionError

    await hours.ask(NEIGHBOUR)
    with pytest.raises(ZeroDivisionError):
        await hours.pace.work(FLOOD, fail)
    assert hours.rests == pytest.approx([OWED_SECONDS / SHARE])


async def test_of_one_attempt_one_call_is_worked_on_at_a_time():
    pace, at_once, most = Pace(), 0, 0

    def call() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.01)
        at_once -= 1

    await asyncio.gather(*(pace.work(NEIGHBOUR, call) for _ in range(5)))
    assert most == 1


async def test_one_call_too_many_of_an_attempt_waits_for_its_place_and_nobody_else():
    pace, end, begun = Pace(), asyncio.Event(), []

    async def call(number: int) -> None:
        async with pace.calling(FLOOD):
            begun.append(number)
            await end.wait()

    calls = [asyncio.create_task(call(number)) for number in range(MOST_UNDER_WAY + 2)]
    await asyncio.sleep(0)
    async with pace.calling(NEIGHBOUR):
        assert begun == list(range(MOST_UNDER_WAY))
        end.set()
    await asyncio.gather(*calls)
    assert begun == list(range(MOST_UNDER_WAY + 2))


def test_nothing_else_of_the_broker_goes_to_a_thread_unpaced():
    folder = Path(broker.__file__).parent
    found = {path.name: path.read_text(encoding="utf-8").count("run_in_threadpool(") for path in folder.glob("*.py")}
    assert {name: number for name, number in found.items() if number} == UNPACED
