"""What a demo has left, as downloads of whoever has its key."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api.downloads import send_export, send_file, send_log
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.policy import policy
from agent_platform.models.runs import Run
from agent_platform.services import runs, visitors


@policy("public", rate="export")
def export(request: Request) -> Response:
    """Every row of the demo. Raises: DemoGone, NotFound."""
    return send_export(*_of_key(request), ending=request.path_params["ending"])


@policy("public", rate="export")
def log(request: Request) -> Response:
    """Raises: DemoGone."""
    return send_log(*_of_key(request))


@policy("public", rate="export")
def file(request: Request) -> Response:
    """A file the demo has put, never shown in the browser. Raises: DemoGone, NotFound."""
    return send_file(*_of_key(request), name=request.path_params["name"])


def routes() -> list[Route]:
    base = "/download/demos/{key}"
    return [
        Route(f"{base}/export.{{ending}}", export, methods=["GET"]),
        Route(f"{base}/log.txt", log, methods=["GET"]),
        Route(f"{base}/files/{{name}}", file, methods=["GET"]),
    ]


def _of_key(request: Request) -> tuple[UUID, Run]:
    demo = visitors.find_demo(request.path_params["key"])
    with tenant_session(demo.tenant_id) as session:
        return demo.tenant_id, runs.get_run(session, run_id=demo.run_id)
