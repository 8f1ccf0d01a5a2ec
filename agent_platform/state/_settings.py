"""What the settings pages show, and what their forms do, each in one transaction."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import parse_bare
from agent_platform.core.policy import Caller
from agent_platform.core.settings import get_settings
from agent_platform.services import identity, tenancy
from agent_platform.views.format import ago_text, browser_text, date_text, plain_text
from agent_platform.views.settings import (
    InvitationView,
    MembersView,
    MemberView,
    ProfileView,
    SignInView,
    WorkspaceView,
)

BUILDERS = frozenset({"admin", "owner"})  # by their role, whatever else is ticked
PROVIDERS = {"github": "GitHub", "email": "E-mail link", "admin_link": "Administrator's link"}


def read_profile(caller: Caller) -> ProfileView:
    """Sync: call it in a thread."""
    assert caller.user_id is not None
    user_id, now = caller.user_id, datetime.now(UTC)
    profile = identity.in_platform(identity.get_profile, user_id=user_id)
    identities = identity.in_platform(identity.list_identities, user_id=user_id)
    sessions = identity.in_platform(identity.list_sessions, user_id=user_id)
    return ProfileView(
        name=profile.display_name,
        time_zone=profile.time_zone,
        color_mode=profile.color_mode,
        notice_email=profile.notice_email or "",
        github=identity.sign_in_doors(get_settings()).github,
        identities=[
            SignInView(str(one.id), PROVIDERS.get(one.provider, one.provider), plain_text(one.label))
            for one in identities
        ],
        sessions=[
            SignInView(
                str(one.id),
                one.host,
                f"{browser_text(one.user_agent)}, {one.address or 'unknown address'}, seen {ago_text(one.last_seen_at, now)}",
                here=one.id == caller.session_id,
            )
            for one in sessions
        ],
    )


def save_profile(caller: Caller, *, name: str, time_zone: str, color_mode: str) -> None:
    identity.in_platform(
        identity.update_profile, user_id=caller.user_id, display_name=name, time_zone=time_zone, color_mode=color_mode
    )


def ask_notice_email(caller: Caller, *, email: str) -> None:
    identity.in_platform(identity.ask_notice_email, user_id=caller.user_id, email=email)


def remove_identity(caller: Caller, *, identity_id: str) -> None:
    identity.in_platform(
        identity.remove_identity,
        user_id=caller.user_id,
        identity_id=parse_bare(identity_id),
        session_id=caller.session_id,
    )


def revoke_session(caller: Caller, *, session_id: str) -> None:
    identity.in_platform(identity.revoke_session, user_id=caller.user_id, session_id=parse_bare(session_id))


def read_workspace(session: TenantSession) -> WorkspaceView:
    tenant = tenancy.get_workspace(session)
    address = get_settings().tenant_url(tenant.slug)
    return WorkspaceView(tenant.name, tenant.slug, address, tenant.time_zone, tenant.plan.capitalize())


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
