"""What a run would cost and never exceed: one arithmetic for those who ask and for the run that is started."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.services import billing, catalog
from agent_platform.services.runs._input import checked_input
from agent_platform.services.runs._request import RunRequest

MOST_DRY_SECONDS = 120  # the time of a dry run is given away
MOST_MEMORY_MB = 8192


@dataclass(frozen=True)
class Quoted:
    """A quote, and the version of the agent that it is of."""

    agent_ref: str
    version: str
    quote: billing.Quote


@dataclass(frozen=True)
class Bounds:
    """The price list that the run keeps, and what it may cost and use at most."""

    price: dict[str, Any]
    cap_micro_usd: int
    memory_mb: int
    timeout_seconds: int


def quote(session: TenantSession, request: RunRequest) -> Quoted:
    """What `start` would promise for this request; nothing is started.

    Raises: NotFound, AgentNotAllowed, RunInputInvalid, CapBelowSmallest, PriceModelNotAvailable.
    """
    runnable = catalog.find_runnable(session, publisher=request.publisher, slug=request.slug, number=request.version)
    catalog.require_allowed(session, runnable)
    checked_input(session, runnable.manifest.input_schema, request.input)
    bounds = bounds_of(session, request, runnable)
    quoted = billing.quote(
        bounds.price,
        history=runnable.history,
        memory_mb=bounds.memory_mb,
        timeout_seconds=bounds.timeout_seconds,
        cap_micro_usd=bounds.cap_micro_usd,
    )
    return Quoted(runnable.agent_ref, runnable.version, quoted)


def bounds_of(session: TenantSession, request: RunRequest, runnable: catalog.Runnable) -> Bounds:
    """Without a cap in the request, the one that its memory and time lead to. Raises: CapBelowSmallest, PriceModelNotAvailable."""
    price = billing.frozen_at_accept(runnable.price, _units_this_month(session, runnable.agent_ref, runnable.price))
    billing.refuse_unchargeable(price)
    resources = runnable.manifest.resources
    most_seconds = resources.timeout_seconds
    if request.dry_run:
        price, most_seconds = billing.for_dry_run(price), min(most_seconds, MOST_DRY_SECONDS)
    memory_mb = min(request.memory_mb or resources.memory_mb, MOST_MEMORY_MB)
    seconds = min(request.timeout_seconds or most_seconds, most_seconds)
    cap = request.cap_micro_usd or billing.default_cap(
        price, runnable.history, most_compute_micro_usd=compute_cost_micro_usd(memory_mb, seconds * 1000)
    )
    billing.refuse_small_cap(price, cap)
    return Bounds(price, cap, memory_mb, seconds)


def _units_this_month(session: TenantSession, agent_ref: str, price: dict[str, Any]) -> dict[str, int]:
    if not any(event.get("tiers") or event.get("free_per_month") for event in price.get("events", {}).values()):
        return {}
    rows = session.execute(
        text(
            "SELECT c.event, sum(c.units) FROM app.run_charges c JOIN app.runs r ON (r.tenant_id, r.id) = (c.tenant_id, c.run_id)"
            " WHERE r.agent_ref = :agent AND c.voided_micro_usd < c.amount_micro_usd AND c.created_at >= date_trunc('month', now(), 'UTC')"
            " GROUP BY c.event"
        ),
        {"agent": agent_ref},
    )
    return {event: int(units) for event, units in rows}
