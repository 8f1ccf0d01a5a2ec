"""The one choke point of events: cookie -> session -> member of the host's tenant -> policy of the handler -> rate."""

from typing import Any
from urllib.parse import quote

import reflex as rx
import structlog
from reflex.middleware.middleware import Middleware
from reflex.state import (
    BaseState,
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
    UpdateVarsInternalState,
)
from reflex_base.constants.compiler import CompileVars
from reflex_base.constants.state import FIELD_MARKER
from reflex_base.event import Event
from reflex_base.event.context import EventContext
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from agent_platform.core.errors import AppError, Forbidden, Unauthenticated
from agent_platform.core.floods import RATES, Rates
from agent_platform.core.ids import digest, new_id
from agent_platform.core.policy import Caller, Policy, policy_of, require
from agent_platform.core.settings import get_settings
from agent_platform.core.visit import place_of
from agent_platform.edge.arguments import take_arguments
from agent_platform.edge.hosts import host_name
from agent_platform.state.callers import CheckedEvent, Visitor, enter_event, find_caller, visitor_of
from agent_platform.state.failures import fails_page
from agent_platform.state.session import Session, notice_of, refusal_of, shown_once
from agent_platform.views.notice import Notice

log = structlog.get_logger()
OPEN = Policy("public")
CONNECTS = format_event_handler(State.event_handlers["hydrate_and_load"])
LOADED = format_event_handler(OnLoadInternalState.event_handlers["set_is_hydrated"])  # the last event of a page's load
TOLD_BY_NEW_PAGES = CompileVars.PAYLOAD_HASHES  # a page that connects again holds no beginning any more
# What begins the loading of a page: while it fails, nothing that the page loads is even asked for.
OPENERS = frozenset(
    format_event_handler(handler)
    for handler in (
        State.event_handlers["hydrate"],
        State.event_handlers["hydrate_and_load"],
        OnLoadInternalState.event_handlers["on_load_internal"],
    )
)
# What the framework itself sends; each touches only what the browser may set or see of its own tab.
FRAMEWORK_HANDLERS = OPENERS | frozenset(
    format_event_handler(handler)
    for handler in (
        OnLoadInternalState.event_handlers["set_is_hydrated"],
        FrontendEventExceptionState.event_handlers["handle_frontend_exception"],
    )
)
# Registered by the framework for every state and needed by none of ours: nobody may call them.
BLOCKED_NAMES = frozenset({"setvar", "set_is_hydrated", "update_vars_internal"})
# What a tab keeps for us and may tell us again; nothing else may be set by a browser.
STORAGE_HANDLER = format_event_handler(UpdateVarsInternalState.event_handlers["update_vars_internal"])
KEPT_BY_TABS = frozenset({f"{Session.get_full_name()}.click_key{FIELD_MARKER}"})
MOST_KEPT_CHARACTERS = 64


class HandlerWithoutPolicy(RuntimeError):
    """Names the handlers that anybody could call."""


class Gate(Middleware):
    """A handler runs only after this has found its caller and the policy allows it."""

    def __init__(self) -> None:
        self._rates = Rates()

    async def preprocess(self, app: Any, state: BaseState, event: Event) -> StateUpdate | None:
        """None lets the handler run, in this task and for the caller that `current_caller()` names there."""
        router = EventContext.get().router_data or state.router_data
        headers = router.get("headers", {})
        visitor = visitor_of(headers.get("cookie", ""), headers.get("host", ""))
        if _is_page_load(app, event, router):
            fails_page()
        try:
            caller = await self._admit(event, visitor, str(router.get("ip", "")))
        except AppError as error:
            return _refused(error, app, event, router)
        session = await state.get_state(Session)
        _keep_to_owner(session, visitor, caller)
        if event.name == CONNECTS:
            session._connects_again = TOLD_BY_NEW_PAGES not in event.payload  # noqa: SLF001
            session._place = session._place if session._connects_again else ""  # noqa: SLF001
        elif event.name == LOADED:
            session._place = session._arriving  # noqa: SLF001
        return None

    async def _admit(self, event: Event, visitor: Visitor, address: str) -> Caller:
        if host_name(visitor.host) is None:
            raise Forbidden("This page was opened at an address that is not ours.")
        wanted = OPEN if _tells_what_a_tab_keeps(event) else _policy_of_event(event.name)
        caller = await find_caller(visitor)
        enter_event(CheckedEvent(visitor, wanted, address), caller)
        token = EventContext.get().token
        if not EventContext.get().router_data:  # of no socket, so the cookie above is of whoever used this tab before
            raise Forbidden("This came from no open page. Reload the page and try again.")
        self._rates.count(wanted, str(caller.session_id or f"{place_of(address)} {token}"))
        require(caller, wanted)
        if event.name not in FRAMEWORK_HANDLERS and event.name != STORAGE_HANDLER:
            take_arguments(RegistrationContext.get().event_handlers[event.name].handler.fn, event.payload)
        return caller


def refuse_unguarded(app: rx.App) -> None:
    """Returns only if handlers and socket are both behind a check. Raises: HandlerWithoutPolicy."""
    refuse_unmarked_handlers()
    refuse_open_socket(app)


def refuse_unmarked_handlers() -> None:
    """Returns only if every handler of every state has a policy and a known rate class. Raises: HandlerWithoutPolicy."""
    registered = RegistrationContext.ensure_context().event_handlers
    unmarked, unknown = [], []
    for name, handler in registered.items():
        if name in FRAMEWORK_HANDLERS or name.rpartition(".")[2] in BLOCKED_NAMES:
            continue
        wanted = policy_of(handler.handler.fn)
        if wanted is None:
            unmarked.append(_readable(handler.handler.fn))
        elif wanted.rate not in RATES:
            unknown.append(f"{_readable(handler.handler.fn)} ({wanted.rate})")
    if unmarked:
        raise HandlerWithoutPolicy(f"Say who may call it with @policy(...) beneath @rx.event: {', '.join(unmarked)}")
    if unknown:
        raise HandlerWithoutPolicy(f"These name a rate class that core/floods.py does not know: {', '.join(unknown)}")


def refuse_open_socket(app: rx.App) -> None:
    """Returns only if the socket checks Origin: an empty list would switch the check off. Raises: HandlerWithoutPolicy."""
    engine = getattr(app.sio, "eio", None)
    if engine is None or not callable(engine.cors_allowed_origins) or engine.transports != ["websocket"]:
        raise HandlerWithoutPolicy("The event socket must be websocket only, with a callable check of Origin.")


def _tells_what_a_tab_keeps(event: Event) -> bool:
    told = event.payload.get("vars")
    return (
        event.name == STORAGE_HANDLER
        and isinstance(told, dict)
        and set(told) <= KEPT_BY_TABS
        and all(isinstance(value, str) and len(value) <= MOST_KEPT_CHARACTERS for value in told.values())
    )


def _policy_of_event(name: str) -> Policy:
    if name in FRAMEWORK_HANDLERS:
        return OPEN
    registered = RegistrationContext.get().event_handlers.get(name)
    wanted = policy_of(registered.handler.fn) if registered else None
    if wanted is None or name.rpartition(".")[2] in BLOCKED_NAMES:
        log.warning("event_refused", handler=name[:200])
        raise Forbidden("This action does not exist. Reload the page and try again.")
    return wanted


def _refused(error: AppError, app: Any, event: Event, router: dict[str, Any]) -> StateUpdate:
    """A page that is refused says so itself."""
    if not _is_page_load(app, event, router):
        return StateUpdate(delta=shown_once(notice_of(error)))
    if isinstance(error, Unauthenticated):
        return StateUpdate(delta=shown_once(Notice(str(new_id()), leave_to=_sign_in(router))))
    return StateUpdate(delta=shown_once(refusal_of(error)))


def _is_page_load(app: Any, event: Event, router: dict[str, Any]) -> bool:
    if event.name in OPENERS:
        return True
    specs = app.get_load_events(str(router.get("asPath") or "/").partition("?")[0])
    return event.name in {loaded.name for loaded in Event.from_event_type(specs)}


def _sign_in(router: dict[str, Any]) -> str:
    """Base domain and workspaces have different doors; both check `next` again."""
    door = "/sign-in" if _on_base_domain(router) else "/auth/start"
    return f"{door}?next={quote(str(router.get('asPath') or '/'), safe='/')}"


def _on_base_domain(router: dict[str, Any]) -> bool:
    return host_name(str(router.get("headers", {}).get("host", ""))) == get_settings().base_host


def _keep_to_owner(session: Session, visitor: Visitor, caller: Caller) -> None:
    """The tab's token is chosen by the browser, so whoever continues a state is not always who filled it."""
    owner = digest(f"{host_name(visitor.host)} {caller.session_id or ''}")
    if session._owner == owner:  # noqa: SLF001  # underscored to keep it from browsers, not from us
        return
    if session._owner:  # noqa: SLF001
        session._get_root_state().reset()  # noqa: SLF001
    session._owner = owner  # noqa: SLF001


def _readable(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"
