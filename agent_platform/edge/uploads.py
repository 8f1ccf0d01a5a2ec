"""`POST /_upload`: checked before its first byte is read, and tied to the session whose tab it names.

The request names a tab by a token of the browser's choice, and Reflex then acts in that tab's state.
The gate therefore accepts an event without a connection of its own only while an upload of the same session is under way.
"""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

from agent_platform.core.errors import Forbidden, Unauthenticated
from agent_platform.state.callers import Visitor, find_caller

_under_way: Counter[tuple[str, UUID]] = Counter()


@contextlib.asynccontextmanager
async def checked_upload(visitor: Visitor, headers: dict[bytes, bytes]) -> AsyncIterator[None]:
    """Raises: Unauthenticated, Forbidden for anybody but a member of the workspace of this host."""
    caller = await find_caller(visitor)
    if caller.session_id is None:
        raise Unauthenticated
    if caller.role is None:
        raise Forbidden("You are not a member of this workspace. Ask an admin for an invitation.")
    key = (headers.get(b"reflex-client-token", b"").decode("latin-1"), caller.session_id)
    _under_way[key] += 1
    try:
        yield
    finally:
        _under_way[key] -= 1
        if not _under_way[key]:
            del _under_way[key]


def is_uploading(client_token: str, session_id: UUID | None) -> bool:
    return session_id is not None and (client_token, session_id) in _under_way
