"""A request for an agent, formatted."""

from dataclasses import dataclass
from datetime import datetime

from agent_platform.core.ids import shown
from agent_platform.services import catalog
from agent_platform.views.format import ago, plain_text


@dataclass(frozen=True)
class WishView:
    id: str
    task: str
    searched: str
    ago: str


def wish_view(one: catalog.Wish, now: datetime) -> WishView:
    return WishView(shown("ask", one.id), plain_text(one.task), plain_text(one.searched), ago(one.created_at, now))
