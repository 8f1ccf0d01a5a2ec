"""Serves the broker until it is told to stop: the runtime API on its socket, and for agents of a cluster on a port; beside it the
proxy for ordinary clients.
"""

import asyncio
import os
import resource
import signal

import anyio.to_thread
from granian.constants import Interfaces
from granian.server.embed import Server

from agent_platform.broker.app import make_app
from agent_platform.broker.proxy import Proxy
from agent_platform.core.db.check import refuse_unsafe_role
from agent_platform.core.db.engine import POOL_SIZE, serve_as
from agent_platform.core.settings import get_settings

OPEN_FILES = 65_536
SOCKET_UMASK = 0o111  # sandboxes run under uids of their own; the folder above lets nobody else in


def main() -> None:
    serve_as("broker")
    refuse_unsafe_role("broker")
    asyncio.run(_serve())


async def _serve() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, OPEN_FILES), hard))  # a connection or two for each sandbox
    folder = get_settings().broker_dir
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "broker.sock"
    path.unlink(missing_ok=True)
    os.umask(SOCKET_UMASK)
    anyio.to_thread.current_default_thread_limiter().total_tokens = POOL_SIZE + 4
    egress = await Proxy().serve(folder / "egress.sock")
    app, settings = make_app(), get_settings()
    servers = [Server(app, interface=Interfaces.ASGI, uds=path, log_enabled=False, backlog=4096)]
    if port := settings.broker_port:
        servers.append(
            Server(app, interface=Interfaces.ASGI, address=settings.host, port=port, log_enabled=False, backlog=4096)
        )
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, servers)
    async with egress:
        await asyncio.gather(*(server.serve() for server in servers))


def _stop(servers: list[Server]) -> None:
    for server in servers:
        server.stop()
