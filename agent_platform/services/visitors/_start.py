"""The visitors' door to a demo: limits, then the door of all runs, in the workspace that the platform keeps for it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.ids import digest, new_id, new_secret
from agent_platform.core.keys import web_signing_key
from agent_platform.core.policy import Caller
from agent_platform.models.demos import Demo
from agent_platform.models.runs import Origin, Run
from agent_platform.services import catalog, runs
from agent_platform.services.visitors import _limits
from agent_platform.services.visitors._agent import agent_to_try, demo_workspace
from agent_platform.services.visitors._files import name_files
from agent_platform.services.visitors._rules import (
    CAP_MICRO_USD,
    MOST_SECONDS,
    SHOWN_MINUTES,
    marks_of,
    refuse_large,
)


def start_demo(*, publisher: str, slug: str, given: dict[str, Any], address: str) -> str:
    """The demo is accepted and will be deleted in an hour. Returns the key of its page, which is kept nowhere.

    Files are named by the keys that `store_file` gave. `address` is the visitor's, as the edge has found it. What else a run may be
    asked for is decided here: a demo reads only, costs the visitor nothing, and ends after 30 seconds.
    Raises: DemoRefused, DemoTooLarge, DemoLimit, RunInputInvalid, AgentNotFound, AgentNotRunnable, AgentSuspended.
    """
    refuse_large(given)
    marks, key = marks_of(address, web_signing_key(), datetime.now(UTC)), new_secret()
    with tenant_session(demo_workspace()) as session:
        agent = agent_to_try(session, publisher=publisher, slug=slug)
        _limits.refuse_spent(session, agent, marks=marks)  # whoever is over a limit does not wait to hear it
        _limits.take_turn(session)
        _limits.refuse_spent(session, agent, marks=marks)
        named = name_files(session, agent, given)
        refuse_large(given, files_bytes=named.bytes)
        run = _start(session, agent, publisher, slug, named.given)
        _keep(session, agent, run, key=key, mark=marks[0])
    return key


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
