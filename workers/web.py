"""The web process: the prebuilt front end, pages and API on one port."""

import os
import sys
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from agent_platform.core.settings import get_settings
from workers.nursery import end_with_parent

KILL_SECONDS = 5
# Source: reflex 0.10.1 reads these; the two with underscores are internal to it, and a test starts the server this way.
REFLEX = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
    "REFLEX_USE_GRANIAN": "1",
    "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "262144",
    "REFLEX_TELEMETRY_ENABLED": "false",
}

# Clients that Socket.IO imports where they are installed. A server needs none of them: together 10 MiB.
NOT_OURS = ("aiohttp", "requests", "valkey")


def main() -> None:
    """Serves until SIGTERM."""
    settings = get_settings()
    os.environ.update(REFLEX)
    server = Granian(
        "agent_platform.app:app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        factory=True,
        workers_kill_timeout=KILL_SECONDS,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=load_app, wrap_loader=False)


def load_app() -> Callable[..., Any]:
    """The ASGI app, in granian's own worker process, which ends when its parent is killed."""
    end_with_parent()
    sys.modules.update(dict.fromkeys(NOT_OURS))  # pyright: ignore[reportArgumentType, reportCallIssue]  # None: "not installed"
    from agent_platform.app import app  # after the environment is set, and never in the parent

    return app()
