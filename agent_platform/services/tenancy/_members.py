"""Members and their roles. Every change locks the workspace's row, so that two changes cannot both take the last owner."""

from uuid import UUID

from sqlalchemy import func
from sqlmodel import col, select

from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import Caller
from agent_platform.models.settings import Plan
from agent_platform.models.tenancy import Invitation, Membership, Role, Tenant
from agent_platform.services import audit
from agent_platform.services.tenancy import _rules
from agent_platform.services.tenancy._facts import MemberFacts
from agent_platform.services.tenancy._key_ends import end_keys_of
from agent_platform.services.tenancy.errors import LastOwner, MembersFull, RoleTooLow


def list_members(session: TenantSession) -> list[MemberFacts]:
    """Highest role first, then by name."""
    members = session.exec(select(Membership)).all()
    ordered = sorted(members, key=lambda member: (-_rules.rank(member.role), member.display_name.lower()))
    return [
        MemberFacts(
            member.user_id,
            member.display_name,
            member.notify_email,
            member.role,
            _rules.features_of(member),
            member.created_at,
            member.avatar_key,
        )
        for member in ordered
    ]


def find_avatar(caller: Caller, *, user_id: UUID) -> str | None:
    """The key of a member's picture, for members of the same workspace; None for everybody else."""
    if caller.tenant_id is None or caller.role is None:
        return None
    with tenant_session(caller.tenant_id) as session:
        return avatar_of(session, user_id=user_id)


def avatar_of(session: TenantSession, *, user_id: UUID | None) -> str | None:
    """The key of a present member's picture."""
    member = session.get(Membership, (session.tenant_id, user_id)) if user_id else None
    return member.avatar_key if member else None


def change_role(session: TenantSession, *, user_id: UUID, role: str, by: UUID) -> None:
    """The member has the role. Raises: RoleTooLow above the actor's own, LastOwner, NotFound."""
    wanted = _rules.known_role(role)
    lock_workspace(session)
    actor, member = acting_member(session, by, "manage_members"), _member(session, user_id)
    _rules.refuse_above_own(actor.role, member.role, wanted)
    if wanted == Role.OWNER:
        _rules.refuse_beneath(actor.role, "transfer_ownership")
    if member.role == Role.OWNER and wanted != Role.OWNER:
        _refuse_last_owner(session)
    before, member.role = member.role, wanted
    _note(session, by, "member.role_changed", user_id, before=before, after=str(wanted))


def set_features(session: TenantSession, *, user_id: UUID, features: list[str], by: UUID) -> None:
    """The member may use exactly these of `build` and `billing`. Raises: RoleTooLow, NotFound, InputInvalid."""
    wanted = _rules.known_features(features)
    lock_workspace(session)
    actor, member = acting_member(session, by, "manage_members"), _member(session, user_id)
    _rules.refuse_above_own(actor.role, member.role)
    _refuse_features_above_own(actor, set(wanted) - set(member.features))
    before, member.features = member.features, wanted
    _note(session, by, "member.features_changed", user_id, before=before, after=wanted)


def remove_member(session: TenantSession, *, user_id: UUID, by: UUID) -> None:
    """The person is out; the next event on their open pages is refused. Raises: RoleTooLow, LastOwner, NotFound."""
    lock_workspace(session)
    actor, member = acting_member(session, by, "manage_members"), _member(session, user_id)
    _rules.refuse_above_own(actor.role, member.role)
    _take_out(session, member)
    _note(session, by, "member.removed", user_id, role=member.role)


def leave(session: TenantSession, *, user_id: UUID) -> None:
    """The person is out by their own wish. Raises: LastOwner, NotFound."""
    lock_workspace(session)
    member = _member(session, user_id)
    _take_out(session, member)
    _note(session, user_id, "member.left", user_id, role=member.role)


def end_membership(session: TenantSession, *, user_id: UUID) -> None:
    """The person is out because their account is gone. Where only they owned what others use, the next in rank owns it now."""
    lock_workspace(session)
    member = session.get(Membership, (session.tenant_id, user_id))
    if member is None:
        return
    if member.role == Role.OWNER:
        _leave_an_owner(session, member)
    end_keys_of(session, user_id)
    session.delete(member)
    audit.record(session, actor="platform", action="member.account_deleted", subject=f"user:{user_id}")
    live.publish_after_commit(session, f"members:{session.tenant_id}")


def acting_member(session: TenantSession, user_id: UUID, act: str) -> Membership:
    """The actor's own row, read in this transaction, high enough for the act. Raises: RoleTooLow."""
    actor = session.get(Membership, (session.tenant_id, user_id))
    if actor is None:
        raise RoleTooLow("You are not a member of this workspace. Nothing was changed.")
    _rules.refuse_beneath(actor.role, act)
    return actor


def lock_workspace(session: TenantSession) -> Tenant:
    """Changes of members in this workspace happen one after the other until commit."""
    return session.exec(select(Tenant).where(Tenant.id == session.tenant_id).with_for_update()).one()


def refuse_full(session: TenantSession, tenant: Tenant, *, with_open_invitations: bool) -> None:
    """Returns if the plan has room for one more. Raises: MembersFull."""
    most = session.get_one(Plan, tenant.plan).members
    if most is None:
        return
    taken = session.exec(select(func.count()).select_from(Membership)).one()
    if with_open_invitations:
        taken += session.exec(select(func.count()).select_from(Invitation).where(*is_open())).one()
    if taken >= most:
        raise MembersFull(
            f"The plan has room for {most} members, open invitations included. Remove one or change the plan. Nothing was changed."
        )


def is_open() -> tuple:
    """The conditions under which an invitation can still be accepted."""
    return (
        col(Invitation.accepted_at).is_(None),
        col(Invitation.revoked_at).is_(None),
        col(Invitation.expires_at) > func.now(),
    )


def _member(session: TenantSession, user_id: UUID) -> Membership:
    member = session.get(Membership, (session.tenant_id, user_id))
    if member is None:
        raise NotFound("This person is not a member of the workspace (any more). Reload the list.")
    return member


def _take_out(session: TenantSession, member: Membership) -> None:
    if member.role == Role.OWNER:
        _refuse_last_owner(session)
    end_keys_of(session, member.user_id)
    session.delete(member)


def _refuse_last_owner(session: TenantSession) -> None:
    owners = session.exec(select(func.count()).select_from(Membership).where(Membership.role == Role.OWNER)).one()
    if owners < 2:
        raise LastOwner("A workspace keeps at least one owner. Make somebody else owner first. Nothing was changed.")


def _leave_an_owner(session: TenantSession, leaver: Membership) -> None:
    others = session.exec(
        select(Membership).where(Membership.user_id != leaver.user_id).order_by(col(Membership.created_at))
    ).all()
    heir = max(others, key=lambda member: _rules.rank(member.role), default=None)
    if heir is not None and heir.role != Role.OWNER:
        before, heir.role = heir.role, Role.OWNER
        detail = {"before": before, "after": str(Role.OWNER)}
        audit.record(session, actor="platform", action="member.role_changed", subject=f"user:{heir.user_id}", **detail)


def _refuse_features_above_own(actor: Membership, added: set[str]) -> None:
    # building is an admin's right by role; money is not, so an admin without it cannot hand it out
    if "billing" in added and "billing" not in _rules.features_of(actor):
        raise RoleTooLow(
            "You do not hold the feature billing, so you cannot give it. Ask an owner. Nothing was changed."
        )


def _note(session: TenantSession, by: UUID, action: str, user_id: UUID, **detail: object) -> None:
    audit.record(session, actor=f"user:{by}", action=action, subject=f"user:{user_id}", **detail)
    live.publish_after_commit(session, f"members:{session.tenant_id}")
