"""The base of every page's state: who is here, in which workspace, and how a handler reaches the services."""

import asyncio
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import reflex as rx
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event.context import EventContext

from agent_platform.core import live
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import AppError, Forbidden, Unauthenticated
from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller, current_caller, policy, require, set_caller
from agent_platform.services.runs import IdempotencyKeyReused
from agent_platform.state._shell import choose_colours, keep_account, shell_of
from agent_platform.state.callers import CheckedEvent, current_event, find_caller, forget_caller
from agent_platform.views.notice import Notice, Refusal
from agent_platform.views.shell import ShellView

CLICK_KEY = re.compile(r"[0-9a-f-]{36}")
SHELL_PAUSE_SECONDS = 1.0


class Reaches:
    """What handlers call and browsers cannot: methods of a class that is no State are never registered as handlers."""

    async def in_tenant(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """What `function(tenant_session, **arguments)` returned, committed; it gets `caller` if it has such a parameter.

        Raises: Unauthenticated, Forbidden when the caller has no role in the workspace of this host, and what `function` raises.
        """
        return await asyncio.to_thread(_call_in_tenant, require_tenant(current_caller()), function, arguments)

    async def in_public(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """What `function(public_session, **arguments)` returned: the catalogue has no tenant."""
        return await asyncio.to_thread(_call_in_public, function, arguments)

    async def start_once(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """What `function(tenant_session, idempotency_key=, **arguments)` returned; a click that comes again has its first effect.

        The key lies in the browser's tab until its next page, so that it outlives this process: an answer that was lost with it
        is given by the next click.
        """
        tab: Any = self
        tab.click_key = _usable(tab.click_key)
        try:
            made = await self.in_tenant(function, idempotency_key=tab.click_key, **arguments)
        except IdempotencyKeyReused:  # by an earlier click with other values: this one is meant anew
            tab.click_key = str(new_id())
            made = await self.in_tenant(function, idempotency_key=tab.click_key, **arguments)
        tab._click_is_spent = True  # noqa: SLF001  # underscored to keep it from browsers
        return made

    async def say(self, title: str, *, note: str = "", level: str = "success") -> None:
        """The browser shows this sentence once. Use it instead of `rx.toast`, which would need `eval` in the browser."""
        await show_once(Notice(str(new_id()), level, title, note))  # pyright: ignore[reportArgumentType]

    async def tell_once(self, **values: Any) -> None:
        """The browser has these values of this state until its next page; they never lie in the state, nor wherever states are kept."""
        tab: Any = self
        told = {f"{name}{FIELD_MARKER}": value for name, value in values.items()}
        await EventContext.get().emit_delta({tab.get_full_name(): told})

    async def leave_for(self, path: str) -> None:
        """The browser loads this path of the same host as a full page: for routes that are no pages, such as `/auth/start`."""
        await show_once(Notice(str(new_id()), leave_to=path))


class Session(Reaches, rx.State):
    """Derive every page's state from it. Identity never rests here: `current_caller()` is found anew for each event."""

    shell: ShellView = ShellView()
    notice: Notice = Notice()
    refusal: Refusal = Refusal()  # pages show it in place of their content
    loaded: str = ""  # the path of the page that was loaded last
    returns: int = 0  # how often a page has come back after a lost connection
    click_key: str = rx.SessionStorage("")  # of the next click that starts something, see `start_once`
    _click_is_spent: bool = False
    _shell_turn: int = 0
    _connects_again: bool = False  # the gate saw a page that had lost its connection; nothing of it is loaded yet
    _is_back: bool = False  # the page was open already and has only been without a connection: what was typed stays
    _arriving: str = ""  # path and query of the page that is being loaded, but for the tab
    _place: str = ""  # of the one that has been loaded to its end; the gate sees that
    _owner: str = ""  # whose values these are; the gate empties the state when somebody else continues it

    @rx.event
    @policy("public")
    async def load_shell(self):
        """The frame shows the person and workspace of this host. Put it first into a page's `on_load`."""
        self.refusal = Refusal()
        yield  # before the first that can fail here: what fails is shown at once, and this would take it away later
        self._arrive()
        self.click_key = str(new_id()) if self._click_is_spent else _usable(self.click_key)
        self._click_is_spent = False
        self.shell = await asyncio.to_thread(shell_of, current_caller(), self.router.url.path)
        if self.shell.workspace_slug:
            yield Session.follow_shell

    @rx.event(background=True)
    @policy("public")
    async def follow_shell(self) -> None:
        """Money and counts of the frame move with the workspace, until the page is left or the person is no longer in it."""
        event, tenant_id = snapshot(), current_caller().tenant_id
        async with self:
            self._shell_turn += 1
            turn, path = self._shell_turn, self.router.url.path
        topics = (f"balance:{tenant_id}", f"usage:{tenant_id}")
        async for _ in live.nudges(*topics, idle=True, at_most_every=SHELL_PAUSE_SECONDS):
            shell = await asyncio.to_thread(shell_of, await find_caller(event.visitor), path)
            async with self:
                if self._shell_turn != turn or not shell.workspace_slug:
                    return
                if shell != self.shell:
                    self.shell = shell

    @rx.event
    @policy("public")
    async def choose_colours(self, color_mode: str) -> None:
        """A person's choice holds wherever they sign in; a visitor's stays in the browser, which knows it already."""
        if current_caller().user_id is not None:
            await asyncio.to_thread(choose_colours, current_caller(), color_mode)
            self._show_colours(color_mode)

    @rx.event
    @policy("signed_in")
    async def keep_account(self) -> None:
        """Whoever wanted to leave stays."""
        await asyncio.to_thread(keep_account, current_caller())
        forget_caller(current_event().visitor)
        self.shell = replace(self.shell, leaving="")
        await self.say("Your account stays", note="Your API keys work again.")

    def _arrive(self) -> None:
        query = {name: value for name, value in self.router.url.query_parameters.items() if name != "tab"}
        self.loaded = self.router.url.path.rstrip("/")
        before, self._place = self._place, ""
        self._arriving = f"{self.loaded}?{urlencode(sorted(query.items()))}"
        self._is_back, self._connects_again = self._connects_again and self._arriving == before, False
        self.returns += self._is_back

    def _show_colours(self, color_mode: str) -> None:
        forget_caller(current_event().visitor)  # what is remembered of this person has just become old
        self.shell = replace(self.shell, color_mode=color_mode)


def _usable(key: str) -> str:
    """The key as the browser has it, or a new one in place of none and of nonsense."""
    return key if CLICK_KEY.fullmatch(key) else str(new_id())


def require_tenant(caller: Caller) -> Caller:
    """The caller, known to be a member of the workspace of this host. Raises: Unauthenticated, Forbidden."""
    require(caller, current_event().wanted)
    if caller.user_id is None:
        raise Unauthenticated
    if caller.tenant_id is None:
        raise Forbidden("Open one of your workspaces first: this page belongs to a workspace.")
    if caller.role is None:
        raise Forbidden("You are not a member of this workspace. Ask an admin for an invitation.")
    return caller


def snapshot() -> CheckedEvent:
    """What a background task keeps of its event, for `in_tenant_of`."""
    return current_event()


async def in_tenant_of(event: CheckedEvent | Any, function: Callable[..., Any], **arguments: Any) -> Any:
    """As `in_tenant`, for background tasks: the session is looked up again each time, at most a second old.

    `event` is a `snapshot()`; anything else, such as the state itself, stands for the event that started this task.
    Raises: Unauthenticated once the session has ended, Forbidden once the role is gone.
    """
    checked = event if isinstance(event, CheckedEvent) else current_event()
    caller = await find_caller(checked.visitor)
    require(caller, checked.wanted)
    set_caller(caller)
    return await asyncio.to_thread(_call_in_tenant, require_tenant(caller), function, arguments)


def shown_once(value: Notice | Refusal) -> dict[str, dict[str, Any]]:
    """The delta that shows it in the browser. It is sent and not kept, so a page that is loaded again does not repeat it."""
    name = "notice" if isinstance(value, Notice) else "refusal"
    return {Session.get_full_name(): {f"{name}{FIELD_MARKER}": value}}


async def show_once(value: Notice | Refusal) -> None:
    await EventContext.get().emit_delta(shown_once(value))


def notice_of(error: AppError) -> Notice:
    return Notice(str(new_id()), "error", error.sentence)


def refusal_of(error: AppError) -> Refusal:
    kind = {401: "refused", 403: "refused", 404: "missing"}.get(error.status, "failed")
    return Refusal(kind, error.sentence)  # pyright: ignore[reportArgumentType]


def _call_in_tenant(caller: Caller, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    assert caller.tenant_id is not None
    if "caller" in inspect.signature(function).parameters:
        arguments = {"caller": caller, **arguments}
    with tenant_session(caller.tenant_id) as session:
        return function(session, **arguments)


def _call_in_public(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    with public_session() as session:
        return function(session, **arguments)
