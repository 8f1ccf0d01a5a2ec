"""Runs that a run starts: by the same door as all others, under its cap, in the name of the same person."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import PaymentRequired
from agent_platform.core.ids import shown
from agent_platform.core.live import publish_after_commit
from agent_platform.core.policy import Caller
from agent_platform.models.runs import FINAL_RUN_STATES, Origin, Run, RunState
from agent_platform.services.runs._actions import begin_stop
from agent_platform.services.runs._egress import still_speaks
from agent_platform.services.runs._request import RunRequest
from agent_platform.services.runs._speaker import speaking_attempt
from agent_platform.services.runs._start import start
from agent_platform.services.runs._states import lock_run, tell
from agent_platform.services.runs._terms import MOST_DEPTH
from agent_platform.services.runs.errors import EventRefused, NotPermitted

MOST_CHILDREN = 50
MOST_AT_ONCE = 8
MOST_KEY_CHARACTERS = 200
MOST_ITEMS = 1_000
MOST_ITEMS_BYTES = 4 * 1_048_576
MOST_INPUT_BYTES = 1_048_576
STOPPED_BY = "its parent run"
ORPHANS = text(
    "SELECT c.tenant_id, c.id AS run_id FROM app.runs c JOIN app.runs p ON (p.tenant_id, p.id) = (c.tenant_id, c.parent_run_id)"
    " WHERE c.tenant_id = :tenant AND c.finished_at IS NULL AND c.stop_reason IS NULL"
    " AND (p.finished_at IS NOT NULL OR p.stop_reason = 'cancelled')"
)


@dataclass(frozen=True)
class ChildRequest:
    """What an agent wants another agent to do."""

    agent: str
    input: dict[str, Any]
    max_micro_usd: int
    key: str
    version: str | None


def read_child_request(body: bytes) -> tuple[ChildRequest, float]:
    """The request, and how many seconds its caller waits for an answer. Raises: EventRefused."""
    try:
        raw = json.loads(body)
        key, wanted, cap = str(raw["key"]), raw["input"], raw["max_micro_usd"]
        wait = float(raw.get("wait_seconds", 0))
        version = None if raw.get("version") is None else str(raw["version"])[:40]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EventRefused("The body must be JSON with agent, input, max_micro_usd and key.") from None
    if not isinstance(wanted, dict) or len(body) > MOST_INPUT_BYTES:
        raise EventRefused("`input` is an object of at most 1 MiB.")
    if isinstance(cap, bool) or not isinstance(cap, int) or cap < 1:
        raise EventRefused("`max_micro_usd` is a whole number of micro-dollars.")
    if not 0 < len(key) <= MOST_KEY_CHARACTERS:
        raise EventRefused(f"`key` has 1 to {MOST_KEY_CHARACTERS} characters.")
    return ChildRequest(str(raw.get("agent", ""))[:100], wanted, cap, key, version), wait


def start_child(session: TenantSession, *, run_id: UUID, attempt: int, request: ChildRequest) -> UUID | None:
    """The child of this key, started now or in an earlier attempt; None in a dry run, where nobody is called.

    Raises: NotPermitted, EventRefused, PaymentRequired, and whatever keeps a run from starting.
    """
    parent, _ = speaking_attempt(session, run_id, attempt)
    if request.agent not in parent.options.get("agents", ()):
        raise NotPermitted(
            f"{request.agent or 'An agent without a name'} is not among permissions.agents of this agent's manifest. Nothing was started.",
            reason="agent",
        )
    if parent.is_dry_run:
        tell(session, parent, "run.called", agent=request.agent, answer="dry run")
        return None
    known = _known(session, parent, request)
    if known is not None:
        return known.id
    room = _room(session, parent, request)
    publisher, _, slug = request.agent.partition("/")
    child = start(
        session,
        RunRequest(
            publisher,
            slug,
            request.input,
            _key(parent, request),
            cap_micro_usd=min(request.max_micro_usd, room),
            origin=Origin.TEST if parent.origin == Origin.TEST else Origin.PARENT,  # at the platform's expense, too
            version=request.version,
            parent=parent,
        ),
        caller=_caller(parent),
    )
    parent.child_count += 1
    parent.child_micro_usd += child.cap_micro_usd
    tell(
        session,
        parent,
        "run.called",
        agent=request.agent,
        child=shown("run", child.id),
        cap_micro_usd=child.cap_micro_usd,
    )
    publish_after_commit(session, f"run:{parent.id}")
    return child.id


def child_answer(session: TenantSession, *, run_id: UUID, attempt: int, child_id: UUID) -> dict[str, Any]:
    """How far the child is; with its output once it is final. Raises: TokenDead when its parent's attempt is over."""
    still_speaks(session, run_id=run_id, attempt=attempt)
    child = session.get_one(Run, (session.tenant_id, child_id))
    answer: dict[str, Any] = {
        "run_id": shown("run", child.id),
        "state": child.state,
        "final": child.state in FINAL_RUN_STATES,
    }
    if not answer["final"]:
        return answer
    error = {"class": child.failure_class, "code": child.failure_code, "message": child.failure_message}
    return answer | {
        "result": child.result,
        "items": _items(session, child),
        "item_count": child.item_count,
        "cost_micro_usd": child.charged_micro_usd + child.child_micro_usd,
        "error": error if child.failure_class else None,
    }


def stop_children(*, tenant_id: UUID, run_id: UUID) -> int:
    """Every open child of a run that is over or being stopped is being stopped too. Safe to repeat."""
    with tenant_session(tenant_id) as session:
        children = list(
            session.execute(
                text(
                    "SELECT id FROM app.runs WHERE tenant_id = :tenant AND parent_run_id = :run AND finished_at IS NULL"
                ),
                {"tenant": tenant_id, "run": run_id},
            ).scalars()
        )
    for (
        child_id
    ) in children:  # each in a transaction of its own: a child that settles locks itself first, then its parent
        stop_child(tenant_id=tenant_id, run_id=child_id)
    return len(children)


def stop_child(*, tenant_id: UUID, run_id: UUID) -> None:
    with tenant_session(tenant_id) as session:
        child = lock_run(session, run_id)
        if child.state not in FINAL_RUN_STATES and child.stop_reason is None:
            begin_stop(session, child, by=STOPPED_BY)


def orphans_due() -> list[Any]:
    """Open children of runs that are over or being stopped, whatever became of the wake-up that was to stop them."""
    with dispatch_session() as session:
        tenants = list(
            session.execute(text("SELECT DISTINCT tenant_id FROM app.dispatch WHERE NOT holds_slot")).scalars()
        )
    found: list[Any] = []
    for tenant_id in tenants:
        with tenant_session(tenant_id) as session:
            found += session.execute(ORPHANS, {"tenant": tenant_id})
    return found


def _known(session: TenantSession, parent: Run, request: ChildRequest) -> Run | None:
    child = session.execute(
        select(Run).where(col(Run.tenant_id) == session.tenant_id, col(Run.idempotency_key) == _key(parent, request))
    ).scalar_one_or_none()
    if child is not None and child.agent_ref != request.agent:
        raise EventRefused(
            f"The key {request.key!r} was used to call {child.agent_ref}. Use another for {request.agent}."
        )
    return child


def _key(parent: Run, request: ChildRequest) -> str:
    return f"child {parent.id} {request.key}"


def _room(session: TenantSession, parent: Run, request: ChildRequest) -> int:
    """What of the parent's cap is left. Raises: EventRefused, PaymentRequired."""
    if parent.state != RunState.RUNNING:
        raise EventRefused("The run is being stopped; it starts no other.")
    if _depth(session, parent) >= MOST_DEPTH:
        raise EventRefused(
            f"Agents call agents {MOST_DEPTH} levels deep at most; this is the last. Nothing was started."
        )
    if parent.child_count >= MOST_CHILDREN:
        raise EventRefused(f"A run may start {MOST_CHILDREN} others; this one has. Nothing was started.")
    if _open(session, parent) >= MOST_AT_ONCE:
        raise EventRefused(f"{MOST_AT_ONCE} child runs are under way, the most at once. Nothing was started.")
    room = parent.cap_micro_usd - parent.charged_micro_usd - parent.child_micro_usd
    if room < 1:
        raise PaymentRequired(f"Nothing of this run's cap is left for {request.agent}. Nothing was started.")
    return room


def _depth(session: TenantSession, run: Run) -> int:
    """0 for a run that a person or program started."""
    depth, above = 0, run.parent_run_id
    while above is not None:
        depth += 1
        above = session.execute(
            text("SELECT parent_run_id FROM app.runs WHERE tenant_id = :tenant AND id = :run"),
            {"tenant": session.tenant_id, "run": above},
        ).scalar_one()
    return depth


def _open(session: TenantSession, parent: Run) -> int:
    return session.execute(
        text(
            "SELECT count(*) FROM app.runs WHERE tenant_id = :tenant AND parent_run_id = :run AND finished_at IS NULL"
        ),
        {"tenant": session.tenant_id, "run": parent.id},
    ).scalar_one()


def _caller(parent: Run) -> Caller:
    """The person who started the parent, with the role they had then."""
    known = parent.options.get("caller", {})
    return Caller(
        user_id=parent.started_by_user_id,
        user_name=parent.started_by_name,
        tenant_id=parent.tenant_id,
        tenant_slug=None,
        role=known.get("role"),
        features=tuple(known.get("features", ())),
        session_id=None,
    )


def _items(session: TenantSession, child: Run) -> list[Any]:
    rows = session.execute(
        text("SELECT payload FROM app.run_items WHERE tenant_id = :tenant AND run_id = :run ORDER BY seq LIMIT :most"),
        {"tenant": session.tenant_id, "run": child.id, "most": MOST_ITEMS},
    ).scalars()
    kept, size = [], 0
    for payload in rows:
        size += len(json.dumps(payload))
        if size > MOST_ITEMS_BYTES:
            break
        kept.append(payload)
    return kept
