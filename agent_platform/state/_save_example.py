"""Keeping a run as an example of its agent: asked first, with what becomes public by it."""

from typing import Any

import reflex as rx

from agent_platform.core.policy import policy
from agent_platform.services.examples import MOST_LINE, MOST_TITLE
from agent_platform.state import _examples as examples
from agent_platform.views.examples import OfferView


class SaveExample(rx.State, mixin=True):
    """For the page of a run."""

    example: OfferView = OfferView()
    example_shown: bool = False
    example_title: str = ""
    example_line: str = ""

    @rx.event
    @policy("admin", feature="build")
    async def ask_example(self) -> None:
        """The form is open, or says why this run cannot be an example; nothing is saved."""
        self.example_shown = self.example.offered

    @rx.event
    @policy("viewer")
    async def set_example_shown(self, shown: bool) -> None:
        self.example_shown = shown

    @rx.event
    @policy("admin", feature="build")
    async def write_example_title(self, value: str) -> None:
        self.example_title = value[:MOST_TITLE]

    @rx.event
    @policy("admin", feature="build")
    async def write_example_line(self, value: str) -> None:
        self.example_line = value[:MOST_LINE]

    @rx.event
    @policy("admin", feature="build", rate="write")
    async def save_example(self) -> None:
        """The run is an example, and its page leads there."""
        page: Any = self
        if page._looking is None:  # noqa: SLF001  # of the same page
            return
        said = {"title": self.example_title, "line": self.example_line}
        await page.in_tenant(examples.save_example, run_id=page._looking.run_id, **said)  # noqa: SLF001
        self.example_shown = False
        await page.say("Saved as an example", note="Everybody can read it within seconds.")
        await page._look()  # noqa: SLF001

    def _forget_example(self) -> None:
        self.example, self.example_shown = OfferView(), False
        self.example_title = self.example_line = ""
