"""Settings of one workspace."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.tenant import TenantSession
from agent_platform.models.catalogue import Listing
from agent_platform.models.tenancy import Lookup, LookupKind, Tenant
from agent_platform.services import audit
from agent_platform.services.tenancy import _members, _rules, _slugs
from agent_platform.services.tenancy.errors import SlugInUse, SlugRefused

OLD_ADDRESS_KEPT = timedelta(days=90)


def rename(session: TenantSession, *, name: str, by: UUID) -> None:
    """Raises: RoleTooLow, InputInvalid."""
    wanted = _rules.clean_name(name)
    tenant = _editable(session, by)
    before, tenant.name = tenant.name, wanted
    _note(session, by, "workspace.renamed", before=before, after=wanted)


def set_time_zone(session: TenantSession, *, time_zone: str, by: UUID) -> None:
    """Raises: RoleTooLow, InputInvalid."""
    wanted = _rules.known_time_zone(time_zone)
    tenant = _editable(session, by)
    before, tenant.time_zone = tenant.time_zone, wanted
    _note(session, by, "workspace.time_zone_changed", before=before, after=wanted)


def change_slug(session: TenantSession, *, slug: str, by: UUID) -> None:
    """The workspace answers at the new address; the old one leads there for 90 days and is free for nobody else.

    Raises: RoleTooLow, SlugRefused, SlugInUse while anything is published beneath the address.
    """
    tenant = _editable(session, by)
    if slug == tenant.slug:
        return
    _slugs.refuse_malformed(slug)
    if session.exec(select(Listing.id).where(Listing.tenant_id == tenant.id).limit(1)).first():
        raise SlugInUse("Agents are published beneath this address, so it cannot change any more. Nothing was changed.")
    _slugs.hold_addresses(session)
    with platform_session() as everywhere:
        _slugs.refuse_taken(everywhere, slug=slug, tenant_id=tenant.id)
    before = tenant.slug
    _move(session, tenant, slug)
    _note(session, by, "workspace.address_changed", before=before, after=slug)


def dismiss_checklist(session: TenantSession) -> None:
    """The first-run checklist is not shown again."""
    tenant = session.get_one(Tenant, session.tenant_id)
    tenant.checklist_dismissed_at = tenant.checklist_dismissed_at or _now(session)


def _editable(session: TenantSession, by: UUID) -> Tenant:
    tenant = _members.lock_workspace(session)
    _members.acting_member(session, by, "edit_workspace")
    return tenant


def _move(session: TenantSession, tenant: Tenant, slug: str) -> None:
    # the row of an address cannot be updated by the web role, so it is replaced; coming back to an old one replaces that too
    session.execute(delete(Lookup).where(col(Lookup.kind) == LookupKind.SLUG, col(Lookup.key).in_([slug, tenant.slug])))
    rows = [
        {"key": tenant.slug, "expires_at": _now(session) + OLD_ADDRESS_KEPT},
        {"key": slug, "expires_at": None},
    ]
    shared = {"kind": LookupKind.SLUG, "tenant_id": tenant.id, "target_id": tenant.id}
    try:
        session.execute(insert(Lookup), [row | shared for row in rows])
        tenant.slug = slug
        session.flush()
    except IntegrityError:
        raise SlugRefused(f"The address {slug} was taken this moment. Choose another. Nothing was changed.") from None


def _now(session: TenantSession):  # noqa: ANN202
    return session.execute(select(func.now())).scalar_one()


def _note(session: TenantSession, by: UUID, action: str, **detail: object) -> None:
    audit.record(session, actor=f"user:{by}", action=action, subject=f"tenant:{session.tenant_id}", **detail)
