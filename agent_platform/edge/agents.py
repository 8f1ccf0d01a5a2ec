"""The page of an agent that nobody offers answers 404. The browser draws that page too, so only the edge can say it."""

import asyncio

from agent_platform.state._agent import is_offered
from agent_platform.state.callers import Visitor, find_caller


async def leads_nowhere(path: str, visitor: Visitor) -> bool:
    """Whether this is the address of an agent's page, and there is none for this visitor."""
    parts = path.strip("/").split("/")
    if len(parts) != 3 or parts[0] != "agents":
        return False
    caller = await find_caller(visitor)
    return not await asyncio.to_thread(is_offered, caller, publisher=parts[1], slug=parts[2])
