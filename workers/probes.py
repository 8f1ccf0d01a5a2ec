"""Whether a component answers, asked of the component itself."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import psycopg

from agent_platform.core.settings import Settings
from agent_platform.core.tokens import new_run_token
from agent_platform.sdk._door import address_of
from agent_platform.sdk._line import Line

ANSWER_SECONDS = 5.0
REFUSED_QUESTION = (
    "GET /runtime/v1/input HTTP/1.1\r\nHost: broker\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
)
TOKEN_REFUSED = 401


async def answers_http(settings: Settings, path: str = "/readyz") -> bool:
    """Whether the web process says 200. A probe speaks HTTP by hand: a client for it would cost more memory than the supervisor."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "localhost", ""} else settings.host  # noqa: S104 - not bound
    with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(host, settings.port)
            request = f"GET {path} HTTP/1.1\r\nHost: {settings.base_netloc}\r\nConnection: close\r\n\r\n"
            try:
                writer.write(request.encode())
                await writer.drain()
                status = await reader.readline()
            finally:
                writer.close()
            return b" 200 " in status
    return False


async def answers_socket(path: Path) -> bool:
    """Whether someone accepts connections on this unix socket."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            return True
    return False


def broker_answers(endpoint: str, *, seconds: float = ANSWER_SECONDS) -> bool:
    """Whether a sandbox would be heard there: a token that nobody has is refused, for which the broker must ask the database."""
    try:
        line = Line(address_of(endpoint), seconds)
    except OSError:
        return False
    try:
        line.send(REFUSED_QUESTION.format(token=new_run_token()).encode())
        return line.answer()[0] == TOKEN_REFUSED
    except OSError:
        return False
    finally:
        line.close()


def connected_applications(database_url: str) -> set[str]:
    """The names of all services that are connected to the database now; empty while it does not answer."""
    query = "select distinct application_name from pg_stat_activity where pid <> pg_backend_pid()"
    with suppress(psycopg.OperationalError), psycopg.connect(database_url, autocommit=True) as connection:
        return {name for (name,) in connection.execute(query)}
    return set()


async def wait_for_end(pid: int) -> None:
    """Returns when the process has ended, whether or not it is our child."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(fd, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(fd)
        os.close(fd)
