"""Request bodies of agents, counted while they stream."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from starlette.requests import Request

from agent_platform.core.errors import TooLarge

IN_MEMORY_BYTES = 1_048_576


async def read_body(request: Request, most_bytes: int) -> bytes:
    """Raises: TooLarge as soon as one byte too many has come."""
    parts, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise TooLarge(f"The body is larger than {most_bytes:,} bytes.")
        parts.append(chunk)
    return b"".join(parts)


@asynccontextmanager
async def spooled_body(request: Request, most_bytes: int) -> AsyncIterator[IO[bytes]]:
    """The body as a file at its start; kept in memory while it is small. Raises: TooLarge."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > most_bytes:
                raise TooLarge(f"A file may have {most_bytes // 1_048_576} MiB.")
            spool.write(chunk)
        spool.seek(0)
        yield spool
