"""A demo is read by its key alone: neither its id nor that of its run leads to it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import digest
from agent_platform.core.policy import Caller
from agent_platform.models.demos import Demo
from agent_platform.services import tenancy
from agent_platform.services.visitors._rules import KEY
from agent_platform.services.visitors.errors import DemoGone


@dataclass(frozen=True)
class DemoFacts:
    tenant_id: UUID
    run_id: UUID
    expires_at: datetime


def find_demo(key: str) -> DemoFacts:
    """Raises: DemoGone for a key that is unknown, malformed or an hour old."""
    tenant_id = tenancy.find_demo_workspace() if KEY.fullmatch(key) else None
    if tenant_id is None:
        raise DemoGone
    with tenant_session(tenant_id) as session:
        found = session.execute(
            select(Demo).where(
                col(Demo.tenant_id) == tenant_id,
                col(Demo.key_hash) == digest(key),
                col(Demo.expires_at) > func.now(),
            )
        ).scalar_one_or_none()
    if found is None:
        raise DemoGone
    return DemoFacts(tenant_id, found.run_id, found.expires_at)


def in_demo(key: str, function: Callable[..., Any], **arguments: Any) -> Any:
    """What `function(tenant_session, **arguments, caller=)` returned for the run of this demo alone: it is given `run_id`.

    The caller has no role, so nothing can be done with the run but to look at it. Raises: DemoGone.
    """
    demo = find_demo(key)
    with tenant_session(demo.tenant_id) as session:
        return function(session, run_id=demo.run_id, caller=looking_on(demo.tenant_id), **arguments)


def looking_on(tenant_id: UUID) -> Caller:
    return Caller(None, "A visitor", tenant_id, None, None, (), None)
