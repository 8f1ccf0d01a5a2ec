"""Composition root."""

from agent_platform.core.log import configure_logs
from agent_platform.core.settings import get_settings

configure_logs(as_json=get_settings().env == "production")  # before Reflex, which logs headers

import asyncio  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402

import reflex as rx  # noqa: E402
from reflex.utils.prerequisites import get_web_dir  # noqa: E402
from starlette.types import ASGIApp  # noqa: E402

from agent_platform import api, pages  # noqa: E402
from agent_platform.components.theme import STYLESHEETS, head  # noqa: E402
from agent_platform.core import live  # noqa: E402
from agent_platform.core.db.check import refuse_unsafe_role  # noqa: E402
from agent_platform.core.db.engine import POOL_SIZE, serve_as  # noqa: E402
from agent_platform.core.start import refuse_unsafe_settings  # noqa: E402
from agent_platform.edge.gate import Gate, refuse_unguarded  # noqa: E402
from agent_platform.edge.origin import same_origin  # noqa: E402
from agent_platform.edge.wrap import Edge  # noqa: E402
from agent_platform.pages._colours import colours  # noqa: E402
from agent_platform.pages._connection import connection  # noqa: E402
from agent_platform.pages._notices import notices  # noqa: E402
from agent_platform.pages._served import served_head  # noqa: E402
from agent_platform.state.failures import log_browser_failure, show_failure  # noqa: E402


class Platform(rx.App):
    """Serves only when it is safe, and only through the edge: the framework's own wrapper would answer before it."""

    def __call__(self) -> ASGIApp:
        settings = get_settings()
        refuse_unsafe_settings(settings)
        for role in ("app", "platform"):
            refuse_unsafe_role(role)
        inner = super().__call__()
        refuse_unguarded(self)
        return Edge(inner, settings, BUILT)


async def use_as_many_threads_as_connections() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(POOL_SIZE, thread_name_prefix="service"))


BUILT = get_web_dir() / "build" / "client"
serve_as("app")
app = Platform(
    api_transformer=[
        api.build(get_settings(), BUILT, [page.route for page in pages.SITE_MAP]),
        api.missing_pages(BUILT),
    ],
    backend_exception_handler=show_failure,
    frontend_exception_handler=log_browser_failure,
    toaster=rx.fragment(notices(), colours(), served_head()),
    extra_app_wraps={(5, "Overlay"): connection},  # in place of the framework's, by its name
    stylesheets=STYLESHEETS,
    head_components=head(),
    html_lang="en",
)
assert app.sio is not None
app.sio.eio.cors_allowed_origins = same_origin  # never [], which would switch the check off
app.add_middleware(Gate(), index=0)
app.register_lifespan_task(use_as_many_threads_as_connections)
app.register_lifespan_task(live.subscribe)
pages.add_pages(app)
