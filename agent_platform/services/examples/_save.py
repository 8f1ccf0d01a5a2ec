"""A publisher shows one of its workspace's own runs to everybody: saved with what it was given and put out, renamed, taken away.

Examples lie behind the fence of the publisher; a job copies them to the catalogue (`_shelf`).
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from agent_platform.core import outbox, rate
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.core.ids import new_id
from agent_platform.core.policy import LADDER, Caller
from agent_platform.models.agents import Agent, AgentVersion
from agent_platform.models.catalogue import Listing, Release, ReleaseState
from agent_platform.models.examples import Example
from agent_platform.models.runs import Run, RunState
from agent_platform.services import audit, catalog, runs, tenancy
from agent_platform.services.examples._facts import ExampleCard
from agent_platform.services.examples._kept import keep, why_private
from agent_platform.services.examples.errors import ExampleRefused, NotPublisher, TooManyExamples

MOST_EXAMPLES = 20
MOST_TITLE = 80
MOST_LINE = 160
MOST_SLUG = 60
HOW_OFTEN = "40/hour; 120/day"
CHANGED = "example.changed"
NO_EXAMPLE = "This example is not there any more. Reload the page."


@dataclass(frozen=True)
class Standing:
    """Whether this person may show this run to everybody. `offered` is false where there is nothing to say about it; `slug` is of what was saved."""

    offered: bool = False
    why_not: str = ""
    slug: str = ""


def standing(session: TenantSession, *, run: Run, caller: Caller) -> Standing:
    """What the page of a run says about keeping it as an example."""
    if run.own_version_id is None or run.state != RunState.SUCCEEDED or not may_keep(caller):
        return Standing()
    if saved := _saved_as(session, run.id):
        return Standing(offered=True, slug=saved)
    _, release = _shown_as(session, run)
    return Standing(offered=True, why_not=_refusal(run, release))


def save_example(session: TenantSession, *, run_id: UUID, title: str, line: str, caller: Caller) -> ExampleCard:
    """The run is an example of its agent, and has its own page within seconds.

    Raises: NotPublisher, ExampleRefused, TooManyExamples, InputInvalid, NotFound, RateLimited.
    """
    if not may_keep(caller):
        raise NotPublisher
    run = runs.get_run(session, run_id=run_id)
    said = _checked(title, line)
    if run.own_version_id is None or run.state != RunState.SUCCEEDED:
        raise ExampleRefused(
            "Only a run of this workspace's own agent that has succeeded becomes an example. Nothing was saved."
        )
    _limit(caller)
    listing, release = _shown_as(session, run)
    _lock(session, run)
    if _saved_as(session, run.id):
        raise ExampleRefused("This run is an example already. Its words are changed in the studio.")
    if refusal := _refusal(run, release):
        raise ExampleRefused(f"{refusal} Nothing was saved.")
    assert listing is not None
    assert release is not None
    assert caller.user_id is not None
    taken = _slugs(session, listing.id)
    if len(taken) >= MOST_EXAMPLES:
        raise TooManyExamples(
            f"{listing.name} has {MOST_EXAMPLES} examples, which is the most. Remove one in the studio first; nothing was saved."
        )
    kept = keep(session, run, catalog.manifest_of(release.manifest).output)
    words: dict[str, Any] = said | _times(run)
    example = Example(
        tenant_id=session.tenant_id,
        id=new_id(),
        listing_id=listing.id,
        release_id=release.id,
        run_id=run.id,
        slug=slug_of(said["title"], taken),
        version=run.version,
        kept=kept.stored(),
        saved_by_user_id=caller.user_id,
        **words,
    )
    session.add(example)
    session.flush()
    _note(session, caller, "example.saved", example)
    return ExampleCard.of(example)


def rename_example(session: TenantSession, *, example_id: UUID, title: str, line: str, caller: Caller) -> None:
    """The example has these words; its address and what it shows stay. Raises: NotPublisher, NotFound, InputInvalid, RateLimited."""
    example = _own(session, example_id, caller)
    said = _checked(title, line)
    _limit(caller)
    example.title, example.line = said["title"], said["line"]
    session.flush()
    _note(session, caller, "example.renamed", example)


def remove_example(session: TenantSession, *, example_id: UUID, caller: Caller) -> None:
    """Nobody reads the example any more, within seconds. Raises: NotPublisher, NotFound, RateLimited."""
    example = _own(session, example_id, caller)
    _limit(caller)
    session.delete(example)
    session.flush()
    _note(session, caller, "example.removed", example)


def list_own(session: TenantSession, *, agent_id: UUID) -> list[ExampleCard]:
    """What the workspace has kept of this agent, the newest first."""
    rows = session.execute(
        select(*(getattr(Example, name) for name in ExampleCard.names()))
        .where(col(Example.tenant_id) == session.tenant_id, col(Example.listing_id) == agent_id)
        .order_by(col(Example.id).desc())
    )
    return [ExampleCard.of(row) for row in rows]


def may_keep(caller: Caller) -> bool:
    """Who answers reviews in the publisher's name also keeps its examples."""
    is_admin = caller.role is not None and LADDER.index(caller.role) >= LADDER.index("admin")
    return is_admin or (caller.role is not None and "build" in caller.features)


def slug_of(title: str, taken: set[str]) -> str:
    """The title as part of an address, with a number behind it where another example has the same."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower())[:MOST_SLUG].strip("-") or "example"
    return next(one for one in (plain, *(f"{plain}-{n}" for n in range(2, MOST_EXAMPLES + 2))) if one not in taken)


def _shown_as(session: TenantSession, run: Run) -> tuple[Listing | None, Release | None]:
    """The agent's public entry, and the release that is the very version that ran; None for what is not public."""
    slug = run.agent_ref.partition("/")[2]
    listing = catalog.find_listing(session, publisher=tenancy.get_workspace(session).slug, slug=slug)
    if listing is None or listing.tenant_id != session.tenant_id:
        return None, None
    version = session.get(AgentVersion, (session.tenant_id, run.own_version_id))
    if version is None or version.agent_id != listing.id or catalog.suspension_of(session, listing.id) is not None:
        return None, None
    release = session.execute(
        select(Release).where(
            col(Release.listing_id) == listing.id,
            col(Release.number) == version.number,
            col(Release.state) == ReleaseState.PUBLISHED.value,
        )
    ).scalar_one_or_none()
    return listing, release


def _refusal(run: Run, release: Release | None) -> str:
    """Why this run cannot be shown to everybody, or empty."""
    if run.is_dry_run:
        return (
            "This was a dry run, which says nothing about real ones. Run it again without the tick, then save that run."
        )
    if release is None:
        return (
            f"Version {run.version} of this agent is not public. Publish it, run it, and save that run as an example."
        )
    return why_private(catalog.manifest_of(release.manifest), run.input)


def _times(run: Run) -> dict[str, Any]:
    assert run.finished_at is not None
    started = run.started_at or run.queued_at
    return {
        "ran_at": run.finished_at,
        "duration_ms": max(0, round((run.finished_at - started).total_seconds() * 1_000)),
        "cost_micro_usd": run.charged_micro_usd + run.child_micro_usd,
    }


def _lock(session: TenantSession, run: Run) -> None:
    """Two that save for one agent wait for each other, so that neither overlooks the other's example."""
    slug = run.agent_ref.partition("/")[2]
    session.execute(
        select(col(Agent.id))
        .where(col(Agent.tenant_id) == session.tenant_id, col(Agent.slug) == slug)
        .with_for_update()
    )


def _saved_as(session: TenantSession, run_id: UUID) -> str | None:
    return session.execute(
        select(col(Example.slug)).where(col(Example.tenant_id) == session.tenant_id, col(Example.run_id) == run_id)
    ).scalar_one_or_none()


def _slugs(session: TenantSession, listing_id: UUID) -> set[str]:
    of_listing = (col(Example.tenant_id) == session.tenant_id, col(Example.listing_id) == listing_id)
    return set(session.execute(select(col(Example.slug)).where(*of_listing)).scalars())


def _own(session: TenantSession, example_id: UUID, caller: Caller) -> Example:
    if not may_keep(caller):
        raise NotPublisher
    found = session.execute(
        select(Example)
        .where(col(Example.tenant_id) == session.tenant_id, col(Example.id) == example_id)
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(NO_EXAMPLE)
    return found


def _checked(title: str, line: str) -> dict[str, str]:
    """Both on one line each. Raises: InputInvalid."""
    said = {"title": (title, MOST_TITLE), "line": (line, MOST_LINE)}
    plain = {name: " ".join(text.replace("\0", "").split()) for name, (text, _) in said.items()}
    if any(not plain[name] or len(plain[name]) > most for name, (_, most) in said.items()):
        raise InputInvalid(
            f"Write a title of at most {MOST_TITLE} characters and a line of at most {MOST_LINE}. Nothing was saved."
        )
    return plain


def _limit(caller: Caller) -> None:
    rate.hit(f"example:{caller.user_id}", HOW_OFTEN)


def _note(session: TenantSession, caller: Caller, action: str, example: Example) -> None:
    subject = f"example:{example.id}"
    audit.record(session, actor=f"user:{caller.user_id}", action=action, subject=subject, title=example.title)
    outbox.put(session, CHANGED, example_id=example.id)
