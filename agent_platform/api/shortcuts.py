"""The settings' address without a topic leads to the first one."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api._entry import go
from agent_platform.core.policy import policy
from agent_platform.views.shell import SETTINGS


@policy("public")
async def begin(_request: Request) -> Response:
    return go(SETTINGS)


def routes() -> list[Route]:
    """The edge adds a slash where a built page lies in a folder."""
    return [Route(path, begin) for path in ("/settings", "/settings/")]
