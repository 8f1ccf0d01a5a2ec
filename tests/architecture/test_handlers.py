"""Every handler of every state, and every route, says who may call it."""

from typing import get_args

import pytest
from reflex_base.registry import RegistrationContext
from sqlmodel import SQLModel
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

from agent_platform import api
from agent_platform.core.policy import policy, policy_of
from agent_platform.edge import gate
from agent_platform.models.runs import Run
from agent_platform.state.session import Session


def test_every_handler_of_the_application_has_a_policy():
    from reflex_base.registry import RegistrationContext

    import agent_platform.app  # noqa: F401  # registers all states

    gate.refuse_unmarked_handlers()
    ours = [n for n in RegistrationContext.ensure_context().event_handlers if "agent_platform___state" in n]
    assert len(ours) > 3


def test_every_route_of_the_application_has_a_policy(settings):
    routes = api.routes(settings)
    assert len(routes) > 5
    assert len(api.guarded(routes)) == len(routes)


async def bare(_request):
    return PlainTextResponse("")


@pytest.mark.parametrize("route", [Route("/bare", bare), Mount("/bare", app=bare), WebSocketRoute("/bare", bare)])
def test_a_route_without_policy_stops_the_start_and_is_named(route):
    with pytest.raises(api.RouteWithoutPolicy, match="/bare"):
        api.guarded([route])


def test_an_unknown_rate_class_of_a_route_stops_the_start():
    @policy("public", rate="often")
    async def hasty(_request): ...

    with pytest.raises(api.RouteWithoutPolicy, match="often"):
        api.guarded([Route("/hasty", hasty)])


def test_a_mark_survives_the_decorators():
    assert policy_of(Session.event_handlers["load_shell"].fn).role == "public"


def types_in(annotation) -> set[type]:
    """Every class named in `list[dict[str, Row]]`."""
    if isinstance(annotation, type) and not get_args(annotation):
        return {annotation}
    return {found for part in get_args(annotation) for found in types_in(part)}


def rows_in_the_open() -> list[str]:
    """Public vars that hold table rows: a public var is sent to the browser whole, ciphertext and all."""
    return [
        f"{state.__module__}.{state.__qualname__}.{name}"
        for state in RegistrationContext.ensure_context().base_states.values()
        for name, var in state.base_vars.items()
        if any(issubclass(kind, SQLModel) for kind in types_in(var._var_type))
    ]


def test_no_state_shows_a_table_row():
    import agent_platform.app  # noqa: F401  # registers all states

    assert rows_in_the_open() == [], "Show a view of it."


def test_a_row_in_the_open_is_seen():
    token = RegistrationContext.set(RegistrationContext.ensure_context().fork())
    try:

        class Spilling(Session):
            mine: list[Run] = []  # noqa: RUF012  # a var

        assert any(name.endswith("Spilling.mine") for name in rows_in_the_open())
    finally:
        RegistrationContext.reset(token)
