"""One attempt's flood leaves the broker to the others; alone it has all of it."""

import asyncio
import time
from uuid import UUID

import pytest

from agent_platform.broker.pacing import FREE_SECONDS, OWED_SECONDS, SHARE, Account, Pace
from agent_platform.broker.speakers import Speaker

MARKER_SECONDS = 0.25  # less than a flood rests, more than a call takes


def speaker(number: int) -> Speaker:
    return Speaker("run", UUID(int=number), UUID(int=number), 1)


FLOOD, NEIGHBOUR, THIRD = speaker(1), speaker(2), speaker(3)


def compute() -> None:
    until = time.thread_time() + FREE_SECONDS + OWED_SECONDS
    while time.thread_time() < until:
        pass


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


async def order_of(pace: Pace, *speakers: Speaker) -> list[object]:
    """Who was answered when, with a marker a quarter of a second after the calls."""
    done: list[object] = []

    async def ask(who: Speaker) -> None:
        await pace.work(who, lambda: None)
        done.append(who)

    async def marker() -> None:
        await asyncio.sleep(MARKER_SECONDS)
        done.append("marker")

    await asyncio.gather(marker(), *map(ask, speakers))
    return done


async def test_beside_another_a_flood_rests_and_the_other_does_not():
    pace = Pace()
    await pace.work(FLOOD, compute)
    assert await order_of(pace, NEIGHBOUR, FLOOD) == [NEIGHBOUR, "marker", FLOOD]


async def test_alone_nobody_rests():
    pace = Pace()
    await pace.work(FLOOD, compute)
    assert await order_of(pace, FLOOD, FLOOD) == [FLOOD, FLOOD, "marker"]


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


async def test_what_a_call_raises_is_raised_and_the_next_one_is_worked_on():
    pace = Pace()
    with pytest.raises(ZeroDivisionError):
        await pace.work(THIRD, lambda: 1 // 0)
    assert await pace.work(THIRD, lambda: 7) == 7
