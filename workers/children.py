"""One child of the nursery, as the supervisor sees it."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

from workers.console import Output
from workers.nursery import Birth, Nursery


class NurseryDied(Exception):
    """Its children died with it."""


async def bear(nursery: Nursery, name: str, argv: Sequence[str], environment: dict[str, str]) -> "Child":
    """A running child that was told `environment` and nothing else. Raises: NurseryDied."""
    try:
        birth = nursery.give_birth(name, argv)
    except OSError as error:
        raise NurseryDied from error
    child = Child(name, birth)
    with suppress(BrokenPipeError):
        os.write(birth.environment, json.dumps(environment).encode())
    os.close(birth.environment)
    await child.was_born.wait()
    if child.pid == 0:
        raise NurseryDied
    return child


class Child:
    def __init__(self, name: str, birth: Birth) -> None:
        self.name = name
        self.born = time.monotonic()
        self.output = Output(name, birth.output)
        self.pid = 0
        self.code: int | None = None
        self.was_born = asyncio.Event()
        self._life = birth.life
        self._told = b""
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(birth.life, self._listen)

    @property
    def alive(self) -> bool:
        return self.pid != 0 and not self._ended.is_set()

    def send(self, number: signal.Signals) -> None:
        """The child gets the signal if it still lives."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> str:
        """How it ended, in words. Raises: NurseryDied when nobody can know."""
        await self._ended.wait()
        with suppress(TimeoutError):  # a grandchild may still hold the output
            await asyncio.wait_for(self.output.closed.wait(), 0.5)
        if self.code is None:
            raise NurseryDied
        if self.code < 0:
            return f"was ended by {signal.Signals(-self.code).name}"
        return f"ended with code {self.code}"

    def _listen(self) -> None:
        piece = os.read(self._life, 64)
        self._told += piece
        numbers = self._told.split(b"\n")[:-1]
        if numbers:
            self.pid = int(numbers[0])
            self.was_born.set()
        if len(numbers) == 2:
            self.code = int(numbers[1])
        if not piece:
            asyncio.get_running_loop().remove_reader(self._life)
            os.close(self._life)
            self.was_born.set()
            self._ended.set()
