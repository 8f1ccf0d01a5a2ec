"""The route table: what machines and sign-in use beside the pages. A route without a policy stops start-up."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from agent_platform.api import (
    brand,
    contact,
    demos,
    documents,
    downloads,
    health,
    people,
    shortcuts,
    sign_in,
    site,
    uploads,
    v1,
)
from agent_platform.api.problems import failed, problem_of
from agent_platform.api.site import missing_pages
from agent_platform.core.errors import AppError
from agent_platform.core.floods import RATES, Rates
from agent_platform.core.policy import Policy, policy_of, require, reset_caller, set_caller
from agent_platform.core.settings import Settings
from agent_platform.core.visit import place_of
from agent_platform.state.callers import find_caller

__all__ = ["RouteWithoutPolicy", "build", "guarded", "missing_pages", "routes"]
Endpoint = Callable[[Request], Awaitable[Response]]
NOT_BUILT = Path("/nonexistent")


class RouteWithoutPolicy(RuntimeError):
    """Names the routes that anybody could call."""


def routes(settings: Settings, built: Path = NOT_BUILT, pages: Iterable[str] = ()) -> list[BaseRoute]:
    """Every route, in the order they are tried; all of them win over pages. `built` and `pages` as in `site.routes`."""
    return [
        *health.routes(),
        *sign_in.routes(settings),
        *shortcuts.routes(),
        *brand.routes(),
        *documents.routes(),
        *contact.routes(),
        *uploads.routes(),
        *people.routes(),
        *downloads.routes(),
        *demos.routes(),
        v1.mount(),
        *site.routes(built, pages),
    ]


def build(settings: Settings, built: Path = NOT_BUILT, pages: Iterable[str] = ()) -> Starlette:
    """The application that Reflex is mounted beneath. Raises: RouteWithoutPolicy."""
    api = Starlette(routes=guarded(routes(settings, built, pages)), exception_handlers={Exception: failed})
    api.router.redirect_slashes = False  # a redirect would repeat whatever the request claimed as its address
    return api


def guarded(table: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The same routes, each entered only by callers its policy allows. Raises: RouteWithoutPolicy with their paths."""
    table = list(table)
    unmarked = [str(getattr(route, "path", route)) for route in table if _policy_of_route(route) is None]
    if unmarked:
        raise RouteWithoutPolicy(f"Say who may call it with @policy(...) on the endpoint: {', '.join(unmarked)}")
    unknown = {wanted.rate for route in table if (wanted := _policy_of_route(route)) and wanted.rate not in RATES}
    if unknown:
        raise RouteWithoutPolicy(f"core/floods.py does not know the rate class {', '.join(sorted(unknown))}")
    rates = Rates()
    return [_guarded(route, rates) for route in table]


def _policy_of_route(route: BaseRoute) -> Policy | None:
    if isinstance(route, Mount):
        return policy_of(route.app)
    return policy_of(route.endpoint) if isinstance(route, Route) else None


def _guarded(route: BaseRoute, rates: Rates) -> BaseRoute:
    if not isinstance(route, Route):
        return route  # a mounted application asks for its own keys; its mark says so
    wanted = policy_of(route.endpoint)
    assert wanted is not None
    return Route(
        route.path,
        _checked(route.endpoint, wanted, rates),
        methods=sorted(route.methods or {"GET"}),
        name=route.name,
        include_in_schema=route.include_in_schema,
    )


def _checked(endpoint: Callable[[Request], Any], wanted: Policy, rates: Rates) -> Endpoint:
    async def checked(request: Request) -> Response:
        caller = await find_caller(request.state.visitor)
        token = set_caller(caller)
        try:
            if wanted.rate != "event":
                rates.count(
                    wanted, str(caller.session_id or place_of(request.state.ap["address"])), *_searches(request, wanted)
                )
            require(caller, wanted)
            if inspect.iscoroutinefunction(endpoint):
                return await endpoint(request)
            return await run_in_threadpool(endpoint, request)
        except AppError as error:
            return problem_of(request, error)
        finally:
            reset_caller(token)

    return checked


def _searches(request: Request, wanted: Policy) -> tuple[str, ...]:
    """A page that is asked with words is a search as well."""
    return ("search",) if wanted.rate == "page" and request.query_params.get("q", "").strip() else ()
