import pytest
import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.edge import gate
from agent_platform.state.session import Session


@pytest.fixture
def registry():
    """States made in a test are gone after it."""
    from reflex_base.registry import RegistrationContext

    ours = RegistrationContext.ensure_context().fork()
    token = RegistrationContext.set(ours)
    yield ours
    RegistrationContext.reset(token)


def test_a_handler_without_policy_stops_the_start_and_is_named(registry):
    class Careless(Session):
        @rx.event
        async def delete_everything(self): ...

    with pytest.raises(gate.HandlerWithoutPolicy, match=r"Careless\.delete_everything"):
        gate.refuse_unmarked_handlers()


def test_a_public_helper_of_a_state_is_a_handler_and_stops_the_start_too(registry):
    class Helpful(Session):
        def total(self): ...

    with pytest.raises(gate.HandlerWithoutPolicy, match=r"Helpful\.total"):
        gate.refuse_unmarked_handlers()


def test_an_unknown_rate_class_stops_the_start(registry):
    class Hasty(Session):
        @rx.event
        @policy("public", rate="often")
        async def go(self): ...

    with pytest.raises(gate.HandlerWithoutPolicy, match="often"):
        gate.refuse_unmarked_handlers()


def test_what_handlers_call_is_no_handler_itself():
    assert not {"in_tenant", "in_public", "say", "leave_for"} & set(Session.event_handlers)


def test_the_policy_is_seen_whichever_decorator_comes_first(registry):
    class Orderly(Session):
        @policy("public")
        @rx.event
        async def above(self): ...

        @rx.event
        @policy("public")
        async def beneath(self): ...

    gate.refuse_unmarked_handlers()


class App:
    def __init__(self, origins, transports=("websocket",)):
        engine = type("Engine", (), {"cors_allowed_origins": staticmethod(origins) if callable(origins) else origins})()
        engine.transports = list(transports)
        self.sio = type("Server", (), {"eio": engine})()


@pytest.mark.parametrize("origins", ["*", [], ["http://localhost:3000"], None])
def test_a_socket_without_a_callable_check_stops_the_start(origins):
    with pytest.raises(gate.HandlerWithoutPolicy):
        gate.refuse_open_socket(App(origins))


def test_a_socket_that_also_polls_stops_the_start():
    with pytest.raises(gate.HandlerWithoutPolicy):
        gate.refuse_open_socket(App(lambda _origin, _environ: False, ["websocket", "polling"]))
    gate.refuse_open_socket(App(lambda _origin, _environ: False))
