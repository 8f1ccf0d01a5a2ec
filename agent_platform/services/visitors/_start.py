"""The visitors' door to a demo: limits, then the door of all runs, in the workspace that the platform keeps for it."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.ids import digest, new_id, new_secret
from agent_platform.core.keys import web_signing_key
from agent_platform.core.policy import Caller
from agent_platform.models.catalogue import ListingState
from agent_platform.models.demos import Demo
from agent_platform.models.runs import Origin, Run
from agent_platform.services import catalog, runs, tenancy
from agent_platform.services.visitors import _limits
from agent_platform.services.visitors._rules import (
    CAP_MICRO_USD,
    MOST_SECONDS,
    SHOWN_MINUTES,
    marks_of,
    refuse_large,
)
from agent_platform.services.visitors.errors import DemoRefused

FILE_ID = re.compile(r"file_[0-9a-fA-F]{32}")


def start_demo(*, publisher: str, slug: str, given: dict[str, Any], address: str) -> str:
    """The demo is accepted and will be deleted in an hour. Returns the key of its page, which is kept nowhere.

    `address` is the visitor's, as the edge has found it. What else a run may be asked for is decided here: a demo reads only,
    costs the visitor nothing, and ends after 30 seconds.
    Raises: DemoRefused, DemoTooLarge, DemoLimit, RunInputInvalid, AgentNotFound, AgentNotRunnable, AgentSuspended.
    """
    refuse_large(given)
    tenant_id = tenancy.find_demo_workspace()
    if tenant_id is None:
        raise DemoRefused("Demos are not set up on this installation yet. Make an account to run the agent.")
    marks, key = marks_of(address, web_signing_key(), datetime.now(UTC)), new_secret()
    with tenant_session(tenant_id) as session:
        agent = _agent(session, publisher, slug)
        _refuse_files(agent, given)
        _limits.refuse_spent(session, agent, marks=marks)  # whoever is over a limit does not wait to hear it
        _limits.take_turn(session)
        _limits.refuse_spent(session, agent, marks=marks)
        run = _start(session, agent, publisher, slug, given)
        _keep(session, agent, run, key=key, mark=marks[0])
    return key


def _agent(session: TenantSession, publisher: str, slug: str) -> catalog.Runnable:
    """The listed release, whatever this workspace has run of it before."""
    listing = catalog.find_listing(session, publisher=publisher, slug=slug)
    number = listing.version if listing else None
    agent = catalog.find_runnable(session, publisher=publisher, slug=slug, number=number)
    rests = listing is not None and listing.state == ListingState.DEPRECATED
    if agent.listing_id is None or rests or not catalog.allows_demo(agent.manifest):
        raise DemoRefused(f"The creator of {agent.name} offers no demo of it. Make an account to run it.")
    return agent


def _refuse_files(agent: catalog.Runnable, given: dict[str, Any]) -> None:
    """A file would be read from the workspace that all visitors share; so would a text that is the id of one."""
    for name, field, _ in runs.file_fields(agent.manifest.input_schema, given):
        raise DemoRefused(
            f"A demo takes no files: leave {field.get('title', name)} empty and write into the other fields, or make an account and upload it."
        )
    if any(FILE_ID.fullmatch(value) for value in runs.file_ids(given)):
        raise DemoRefused("A demo takes no files. Leave their ids out, or make an account and upload them.")


def _start(session: TenantSession, agent: catalog.Runnable, publisher: str, slug: str, given: dict[str, Any]) -> Run:
    request = runs.RunRequest(
        publisher,
        slug,
        given,
        f"demo {new_id()}",
        cap_micro_usd=CAP_MICRO_USD,
        timeout_seconds=MOST_SECONDS,
        origin=Origin.DEMO,
        accept_permissions=True,
        version=agent.version,
        dry_run=True,
    )
    return runs.start(session, request, caller=_visitor(session.tenant_id))


def _keep(session: TenantSession, agent: catalog.Runnable, run: Run, *, key: str, mark: str) -> None:
    assert agent.listing_id is not None
    _limits.set_aside(session, listing_id=agent.listing_id)
    expires_at = session.execute(
        text("SELECT now() + make_interval(mins => :minutes)"), {"minutes": SHOWN_MINUTES}
    ).scalar_one()
    session.add(
        Demo(
            tenant_id=session.tenant_id,
            listing_id=agent.listing_id,
            run_id=run.id,
            key_hash=digest(key),
            address_hash=mark,
            expires_at=expires_at,
        )
    )


def _visitor(tenant_id: UUID) -> Caller:
    """Nobody in person; as the platform's own, who may accept what a reviewer has let into the directory."""
    return Caller(None, "A visitor", tenant_id, None, "owner", (), None)
