"""What the pages of workspace and members show, and what their forms do, each in one transaction."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import parse_bare
from agent_platform.core.policy import Caller
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, tenancy
from agent_platform.views.format import date_text, plain_text
from agent_platform.views.people import avatar_path, initials
from agent_platform.views.settings import (
    InvitationView,
    MembersView,
    MemberView,
    WorkspaceView,
)
from agent_platform.views.storefront import logo_path

BUILDERS = frozenset({"admin", "owner"})  # by their role, whatever else is ticked


def read_workspace(session: TenantSession) -> WorkspaceView:
    tenant = tenancy.get_workspace(session)
    address = get_settings().tenant_url(tenant.slug)
    logo = logo_path(catalog.find_logo(session))
    return WorkspaceView(tenant.name, tenant.slug, address, tenant.time_zone, tenant.plan.capitalize(), logo)


def save_workspace(session: TenantSession, *, name: str, time_zone: str, caller: Caller) -> None:
    assert caller.user_id is not None
    tenancy.rename(session, name=name, by=caller.user_id)
    tenancy.set_time_zone(session, time_zone=time_zone, by=caller.user_id)


def move_workspace(session: TenantSession, *, slug: str, caller: Caller) -> str:
    """The new address, to be loaded as a full page."""
    assert caller.user_id is not None
    tenancy.change_slug(session, slug=slug, by=caller.user_id)
    return f"/auth/switch?to={slug}"


def leave_workspace(session: TenantSession, *, caller: Caller) -> None:
    assert caller.user_id is not None
    tenancy.leave(session, user_id=caller.user_id)


def read_members(session: TenantSession, *, caller: Caller) -> MembersView:
    now, zone = datetime.now(UTC), ZoneInfo(caller.time_zone)
    members = [
        MemberView(
            id=str(one.user_id),
            name=plain_text(one.display_name),
            email=plain_text(one.email or ""),
            role=one.role,
            features=", ".join(one.features),
            joined=date_text(one.joined_at, now, zone),
            here=one.user_id == caller.user_id,
            builds="build" in one.features or one.role in BUILDERS,
            builds_by_role=one.role in BUILDERS,
            initials=initials(plain_text(one.display_name)),
            picture=avatar_path(one.user_id, one.avatar_key),
        )
        for one in tenancy.list_members(session)
    ]
    invitations = [
        InvitationView(str(one.id), plain_text(one.email), one.role, date_text(one.expires_at, now, zone))
        for one in tenancy.list_invitations(session)
    ]
    return MembersView(members, invitations)


def invite(session: TenantSession, *, email: str, role: str, caller: Caller) -> str:
    """The address whose invitation is open; it is mailed after the commit."""
    assert caller.user_id is not None
    tenancy.invite(session, email=email, role=role, by=caller.user_id)
    return email.strip()


def revoke_invitation(session: TenantSession, *, invitation: str, caller: Caller) -> None:
    assert caller.user_id is not None
    tenancy.revoke_invitation(session, invitation_id=parse_bare(invitation), by=caller.user_id)


def change_role(session: TenantSession, *, member: str, role: str, caller: Caller) -> None:
    assert caller.user_id is not None
    tenancy.change_role(session, user_id=parse_bare(member), role=role, by=caller.user_id)


def toggle_build(session: TenantSession, *, member: str, caller: Caller) -> None:
    assert caller.user_id is not None
    found = next((one for one in tenancy.list_members(session) if str(one.user_id) == member), None)
    features = set(found.features) if found else set()
    tenancy.set_features(session, user_id=parse_bare(member), features=sorted(features ^ {"build"}), by=caller.user_id)


def remove_member(session: TenantSession, *, member: str, caller: Caller) -> None:
    assert caller.user_id is not None
    tenancy.remove_member(session, user_id=parse_bare(member), by=caller.user_id)
