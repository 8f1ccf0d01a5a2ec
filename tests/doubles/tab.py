"""A page's state in one tab, without a server: what the gate and the browser do around it."""

import asyncio
from collections.abc import Callable
from types import MethodType
from typing import Any, Self
from urllib.parse import urlsplit

import reflex as rx

from agent_platform.state.session import Session


class Held:
    """A state as a background task has it: `async with` takes its lock, here nobody else wants it."""

    def __init__(self, state: rx.State) -> None:
        object.__setattr__(self, "state", state)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        return None

    @property
    def __class__(self) -> type:
        return type(self.state)

    def __getattr__(self, name: str) -> Any:
        """Its methods get what is held, as the framework's own do."""
        value = getattr(self.state, name)
        return MethodType(value.__func__, self) if isinstance(value, MethodType) else value

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.state, name, value)


async def until(happened: Callable[[], bool]) -> None:
    """Returns once it has happened. Fails after a patience that only a bug exhausts."""
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110  # the state is written by a task that tells nobody
            await asyncio.sleep(0.02)


class Page:
    """One state in one tab: events by name, as the gate lets them through."""

    def __init__(self, kind: type[rx.State], address: str) -> None:
        self.state: Any = kind(_reflex_internal_init=True)
        self.kind = kind
        self.go(address)

    def go(self, address: str) -> None:
        parts = urlsplit(address)
        data = {
            "pathname": parts.path,
            "asPath": address,
            "headers": {"host": "northwind.localhost:3000", "origin": "http://x"},
        }
        self.state.router_data = data
        self.state.router = rx.state.RouterData.from_router_data(data)

    async def send(self, handler: str, *arguments: Any) -> list[Any]:
        """What the handler returned or yielded."""
        made = self.kind.event_handlers[handler].fn(self.state, *arguments)
        if hasattr(made, "__aiter__"):
            return [one async for one in made]
        return [await made]

    async def begin_page(self) -> None:
        """The first of what each page loads."""
        async for _ in Session.event_handlers["load_shell"].fn(self.state):
            pass

    def begin(self, handler: str, *arguments: Any) -> Any:
        """The steps of a handler that yields, one by one: each yield is what the browser is told so far."""
        return self.kind.event_handlers[handler].fn(self.state, *arguments)

    async def follow(self, handler: str = "follow") -> None:
        await self.kind.event_handlers[handler].fn(Held(self.state))
