"""Which agents of others a workspace runs: all public ones, only those on its list, or none (P-26).

Read at every start of a run, a child's too, and once more before a run that has waited begins.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, InputInvalid, NotFound, Problem
from agent_platform.models.allowances import AgentRules, Allowed, AllowedAgent
from agent_platform.models.catalogue import Listing, ListingState, Release
from agent_platform.services import audit, tenancy
from agent_platform.services.catalog._runnable import Runnable
from agent_platform.services.catalog.errors import AgentNotAllowed

MOST_ALLOWED = 500
ACT = "choose_agents"


@dataclass(frozen=True)
class AllowedListing:
    """`state` is that of its listing: one that was withdrawn stays on the list and runs nothing."""

    listing_id: UUID
    publisher: str
    slug: str
    name: str
    state: str


@dataclass(frozen=True)
class AllowedFacts:
    rule: str
    agents: list[AllowedListing]


def get_allowed(session: TenantSession) -> AllowedFacts:
    rows = session.execute(
        select(col(Listing.id), col(Listing.publisher), col(Listing.slug), col(Listing.name), col(Listing.state))
        .join(AllowedAgent, col(AllowedAgent.listing_id) == col(Listing.id))
        .where(col(AllowedAgent.tenant_id) == session.tenant_id)
        .order_by(col(Listing.publisher), col(Listing.slug))
    )
    return AllowedFacts(_rule(session), [AllowedListing(*row) for row in rows])


def set_allowed(session: TenantSession, *, rule: str, by: UUID) -> None:
    """From this commit on no run of an agent that the rule leaves out starts. Raises: RoleTooLow, InputInvalid."""
    tenancy.acting_member(session, by, ACT)
    if rule not in tuple(Allowed):
        raise InputInvalid("Choose all public agents, only listed ones, or own ones only. Nothing was changed.")
    before = _rule(session)
    session.execute(
        insert(AgentRules)
        .values(tenant_id=session.tenant_id, allowed=rule)
        .on_conflict_do_update(index_elements=["tenant_id"], set_={"allowed": rule, "updated_at": func.now()})
    )
    _note(session, by, "agents.rule_changed", f"tenant:{session.tenant_id}", before=before, after=rule)


def allow_agent(session: TenantSession, *, address: str, by: UUID) -> str:
    """The agent at `publisher/slug` is on the list; its name. Raises: RoleTooLow, NotFound, InputInvalid, Conflict for a full list."""
    tenancy.acting_member(session, by, ACT)
    listing = _listed(session, address)
    number = session.execute(
        select(func.count()).select_from(AllowedAgent).where(col(AllowedAgent.tenant_id) == session.tenant_id)
    ).scalar_one()
    if number >= MOST_ALLOWED:
        raise Conflict(f"The list has room for {MOST_ALLOWED} agents. Remove one first. Nothing was changed.")
    row = {"tenant_id": session.tenant_id, "listing_id": listing.id}
    session.execute(insert(AllowedAgent).values(**row).on_conflict_do_nothing())
    _note(session, by, "agents.allowed", f"listing:{listing.id}", agent=f"{listing.publisher}/{listing.slug}")
    return listing.name


def disallow_agent(session: TenantSession, *, listing_id: UUID, by: UUID) -> None:
    """The agent is off the list. Raises: RoleTooLow, NotFound."""
    tenancy.acting_member(session, by, ACT)
    gone = session.execute(
        delete(AllowedAgent)
        .where(col(AllowedAgent.tenant_id) == session.tenant_id, col(AllowedAgent.listing_id) == listing_id)
        .returning(col(AllowedAgent.listing_id))
    ).first()
    if gone is None:
        raise NotFound("This agent is not on the list any more. Reload the page.")
    _note(session, by, "agents.disallowed", f"listing:{listing_id}")


def require_allowed(session: TenantSession, runnable: Runnable) -> None:
    """Returns for the workspace's own agents, and for those of others that its rule lets in. Raises: AgentNotAllowed."""
    if runnable.listing_id is None:
        return
    rule = _rule(session)
    if rule == Allowed.OWN:
        raise AgentNotAllowed(
            f"This workspace runs its own agents only, and {runnable.name} is not one of them. Nothing was charged. Ask an admin of the workspace."
        )
    if rule == Allowed.LISTED and runnable.listing_id not in _on_list(session, [runnable.listing_id]):
        raise AgentNotAllowed(
            f"{runnable.name} is not among the agents that this workspace runs. Nothing was charged. Ask an admin to put it on the list in the settings."
        )


def disallowed_releases(session: TenantSession, release_ids: Collection[UUID]) -> set[UUID]:
    """Those of the releases that the workspace does not run now."""
    rule = _rule(session)
    if rule == Allowed.ALL or not release_ids:
        return set()
    if rule == Allowed.OWN:
        return set(release_ids)
    pairs = session.execute(
        select(col(Release.id), col(Release.listing_id)).where(col(Release.id).in_(release_ids))
    ).all()
    allowed = _on_list(session, [listing_id for _, listing_id in pairs])
    return {release_id for release_id, listing_id in pairs if listing_id not in allowed}


def _rule(session: TenantSession) -> str:
    found = session.execute(
        select(col(AgentRules.allowed)).where(col(AgentRules.tenant_id) == session.tenant_id)
    ).scalar_one_or_none()
    return found or Allowed.ALL.value


def _on_list(session: TenantSession, listing_ids: Collection[UUID]) -> set[UUID]:
    query = select(col(AllowedAgent.listing_id)).where(
        col(AllowedAgent.tenant_id) == session.tenant_id, col(AllowedAgent.listing_id).in_(listing_ids)
    )
    return set(session.execute(query).scalars())


def _listed(session: TenantSession, address: str) -> Listing:
    publisher, slash, slug = address.strip().removeprefix("/agents/").replace("\0", "").partition("/")
    if not slash or not slug or "/" in slug:
        raise _wrong("Write the address of an agent, such as harbor/site-auditor. Nothing was changed.")
    here = (col(Listing.publisher) == publisher.lower(), col(Listing.slug) == slug.lower())
    listing = session.execute(select(Listing).where(*here)).scalar_one_or_none()
    if listing is None or listing.state == ListingState.WITHDRAWN:
        raise _wrong(f"There is no agent {address.strip()[:80]} in the directory. Look its address up on its page.")
    return listing


def _wrong(sentence: str) -> InputInvalid:
    return InputInvalid(sentence, errors=(Problem("address", sentence),))


def _note(session: TenantSession, by: UUID, action: str, subject: str, **detail: object) -> None:
    audit.record(session, actor=f"user:{by}", action=action, subject=subject, **detail)
    live.publish_after_commit(session, f"agents:{session.tenant_id}")
