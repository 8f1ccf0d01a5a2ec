"""Faults that may befall an installation at any moment, one at a time, chosen by chance."""

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from redis.exceptions import RedisError

from tests.faults.installation import SERVICES, Installation

LONGEST_FREEZE_SECONDS = 8.0
WEIGHTS = {"freeze": 3, "empty valkey": 2, "restart postgres": 1, "kill postgres": 1, "kill valkey": 1}


@dataclass(frozen=True)
class Fault:
    """`began` is the moment from which recovery is counted: the kill, or the end of a freeze."""

    name: str
    began: float


def kinds() -> dict[str, int]:
    """name -> how often it comes, relative to the others."""
    return {f"kill {name}": 2 for name in SERVICES} | WEIGHTS


def befall(installation: Installation, choice: random.Random) -> Fault | None:
    """One fault has happened; None when its process was not there, because an earlier one still holds it down."""
    names = kinds()
    name = choice.choices(list(names), list(names.values()))[0]
    verb, _, target = name.partition(" ")
    if verb == "freeze":
        return _freeze(installation, choice)
    if name == "empty valkey":
        return _attempt(name, installation.empty_valkey)
    number = signal.SIGINT if verb == "restart" else signal.SIGKILL
    began = time.monotonic()
    return Fault(name, began) if installation.kill(target, number) else None


def _freeze(installation: Installation, choice: random.Random) -> Fault | None:
    target = choice.choice(SERVICES)
    if not installation.pid_of(target):
        return None
    with installation.frozen(target):
        time.sleep(choice.uniform(1.0, LONGEST_FREEZE_SECONDS))
    return Fault(f"freeze {target}", time.monotonic())


def _attempt(name: str, act: Callable[[], None]) -> Fault | None:
    try:
        act()
    except RedisError:
        return None
    return Fault(name, time.monotonic())
