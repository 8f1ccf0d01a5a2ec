"""The dialog in which a reviewer says why something that was put away comes back."""

from typing import Any

import reflex as rx

from agent_platform.core.policy import REVIEWERS, policy
from agent_platform.services import catalog


class WayBack(rx.State, mixin=True):
    """One of `_put_away` is asked about at a time; the page has it as `chosen`."""

    asking: bool = False
    reason: str = ""

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def ask(self, wanted: str) -> None:
        page: Any = self
        for one in self._put_away():
            if one.id == wanted:
                page.chosen, self.asking, self.reason = one, True, ""

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def show(self, shown: bool) -> None:
        self.asking = shown

    @rx.event
    @policy("viewer", platform=REVIEWERS)
    async def write_reason(self, value: str) -> None:
        self.reason = value[: catalog.MOST_REASON]

    def _put_away(self) -> list[Any]:
        raise NotImplementedError

    def _shut(self) -> None:
        self.asking, self.reason = False, ""
