"""Examples: read by anybody, saved from a run and kept in the studio by their publisher."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from agent_platform.core.db.tenant import PublicSession, TenantSession
from agent_platform.core.ids import parse
from agent_platform.core.policy import Caller
from agent_platform.models.runs import Run
from agent_platform.services import agents, catalog, examples, tenancy
from agent_platform.views.examples import (
    ExampleRowView,
    ExampleView,
    FilledView,
    OfferView,
    Seen,
    example_path,
    example_rows,
    example_view,
    form_values,
    see_example,
)
from agent_platform.views.format import count
from agent_platform.views.run_output import Shown
from agent_platform.views.run_words import one_line


@dataclass(frozen=True)
class Wanted:
    """An example by its address; an address of another shape names none."""

    publisher: str = ""
    slug: str = ""
    example: str = ""

    @classmethod
    def at(cls, path: str) -> "Wanted":
        parts = path.strip("/").split("/")
        return cls(parts[1], parts[2], parts[4]) if len(parts) == 5 else cls()


@dataclass(frozen=True)
class Sight:
    """The page of an example: what never changes, and the open view of its output."""

    view: ExampleView
    seen: Seen


@dataclass(frozen=True)
class Filled:
    """What a form begins with; without an example there is nothing in it. `number` is how many its agent has, or empty."""

    view: FilledView = field(default_factory=FilledView)
    values: dict[str, Any] = field(default_factory=dict)
    number: str = ""


def read_example(session: PublicSession, *, wanted: Wanted, asked: Shown, page: int, zone: str) -> Sight:
    """Raises: NotFound."""
    facts = examples.get_example(session, publisher=wanted.publisher, slug=wanted.slug, example=wanted.example)
    view = example_view(facts, now=datetime.now(UTC), zone=ZoneInfo(zone))
    return Sight(view, see_example(facts, asked=asked, page=page))


def read_rows(session: PublicSession, *, publisher: str, slug: str) -> list[ExampleRowView]:
    """None for an agent that is not in the directory."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    if listing is None:
        return []
    found = examples.list_examples(session, listing_id=listing.id)
    return example_rows(found, publisher=publisher, agent=slug, now=datetime.now(UTC))


def fill_form(session: PublicSession, *, publisher: str, slug: str, example: str, schema: dict[str, Any]) -> Filled:
    """The form holds the input of the example, if one is asked for; says so where it is gone."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    number = examples.count_examples(session, listing_id=listing.id) if listing else 0
    bubble = count(number) if number else ""
    if not example:
        return Filled(number=bubble)
    found = examples.find_input(session, publisher=publisher, slug=slug, example=example[:200])
    if found is None:
        return Filled(FilledView(gone=True), number=bubble)
    title, given = found
    view = FilledView(one_line(title), example_path(publisher, slug, example))
    return Filled(view, form_values(schema, given), bubble)


def offer_of(session: TenantSession, *, run: Run, caller: Caller) -> OfferView:
    """Whether this person may keep the run as an example, or where it was kept already."""
    found = examples.standing(session, run=run, caller=caller)
    return OfferView(
        found.offered, found.why_not, f"/agents/{run.agent_ref}/examples/{found.slug}" if found.slug else ""
    )


def save_example(session: TenantSession, *, run_id: UUID, title: str, line: str, caller: Caller) -> None:
    examples.save_example(session, run_id=run_id, title=title, line=line, caller=caller)


def read_own(session: TenantSession, *, slug: str) -> list[ExampleRowView]:
    """What the workspace has kept of its agent. Raises: NotFound."""
    agent = agents.get_agent(session, slug=slug)
    publisher = tenancy.get_workspace(session).slug
    found = examples.list_own(session, agent_id=agent.id)
    return example_rows(found, publisher=publisher, agent=slug, now=datetime.now(UTC))


def rename_example(session: TenantSession, *, example: str, title: str, line: str, caller: Caller) -> None:
    examples.rename_example(session, example_id=parse("exa", example), title=title, line=line, caller=caller)


def remove_example(session: TenantSession, *, example: str, caller: Caller) -> None:
    examples.remove_example(session, example_id=parse("exa", example), caller=caller)
