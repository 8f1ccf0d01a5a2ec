"""Invitations: a link that makes the person of the invited address a member, once, within 7 days.

The link alone opens nothing: mail is forwarded and copied. Who accepts has proved the address, by an e-mail link that they
followed or by their provider's word that it is verified.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert
from sqlmodel import col, select

from agent_platform.core import live, mail
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import digest, new_id, new_secret
from agent_platform.core.queue import after_commit
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import Identity, Provider, User
from agent_platform.models.tenancy import Invitation, Lookup, LookupKind, Membership, Role, Tenant
from agent_platform.services import audit
from agent_platform.services.tenancy import _members, _rules
from agent_platform.services.tenancy._facts import InvitationFacts, WorkspaceFacts
from agent_platform.services.tenancy.errors import AlreadyMember, InvitationForAnother, InvitationInvalid

VALID = timedelta(days=7)
ONE_CLICK = timedelta(minutes=1)  # the same invitation within it is a hand that pressed twice


def invite(session: TenantSession, *, email: str, role: str, by: UUID) -> str | None:
    """The code of a new invitation, also mailed after the commit; the link is `<base URL>/invite/<code>`.

    An address has one open invitation: an older one is revoked, and one just sent for the same role stands (None, no mail).

    Raises: RoleTooLow, MembersFull, InputInvalid, also for the role owner: ownership is given to members, not by mail.
    """
    wanted, address = _rules.role_by_invitation(role), mail.known_address(email)
    tenant = _members.lock_workspace(session)
    actor = _members.acting_member(session, by, "manage_members")
    _rules.refuse_above_own(actor.role, wanted)
    if _replace(session, address, wanted):
        return None
    _members.refuse_full(session, tenant, with_open_invitations=True)
    code = _store(session, address, wanted, by)
    audit.record(session, actor=f"user:{by}", action="member.invited", subject=f"email:{address}", role=str(wanted))
    live.publish_after_commit(session, f"members:{session.tenant_id}")
    after_commit(session, lambda: _send(address, tenant.name, actor.display_name, code))
    return code


def list_invitations(session: TenantSession) -> list[InvitationFacts]:
    """The open ones, newest first."""
    tenant = session.get_one(Tenant, session.tenant_id)
    query = select(Invitation).where(*_members.is_open()).order_by(col(Invitation.created_at).desc())
    return [_facts(invitation, tenant) for invitation in session.exec(query)]


def revoke_invitation(session: TenantSession, *, invitation_id: UUID, by: UUID) -> None:
    """The link is dead. Raises: RoleTooLow, NotFound for one that is not open."""
    _members.acting_member(session, by, "manage_members")
    invitation = session.exec(
        select(Invitation).where(Invitation.id == invitation_id, *_members.is_open()).with_for_update()
    ).first()
    if invitation is None:
        raise NotFound("This invitation is not open any more. Reload the list.")
    _revoke(session, invitation)
    audit.record(session, actor=f"user:{by}", action="member.invitation_revoked", subject=f"email:{invitation.email}")
    live.publish_after_commit(session, f"members:{session.tenant_id}")


def find_invitation(session: PlatformSession, *, code: str, user_id: UUID | None = None) -> InvitationFacts | None:
    """Where a link leads, without using it up. Raises: InvitationForAnother if it is not for the given person."""
    tenant_id = _tenant_of(session, code)
    if tenant_id is None:
        return None
    proved = _proved_addresses(session, user_id) if user_id else None
    with tenant_session(tenant_id) as inside:
        invitation = inside.exec(_by_code(code)).first()
        if invitation and proved is not None:
            _refuse_another(invitation, proved)
        return _facts(invitation, inside.get_one(Tenant, tenant_id)) if invitation else None


def accept_invitation(session: PlatformSession, *, code: str, user_id: UUID) -> WorkspaceFacts:
    """The invited person is a member; the link is used up.

    Raises: InvitationInvalid, InvitationForAnother, AlreadyMember, MembersFull.
    """
    tenant_id = _tenant_of(session, code)
    if tenant_id is None:
        raise InvitationInvalid
    person, proved = session.get_one(User, user_id), _proved_addresses(session, user_id)
    with tenant_session(tenant_id) as inside:
        return _join(inside, code, person, proved)


def _proved_addresses(session: PlatformSession, user_id: UUID) -> set[str]:
    """Addresses whose mail the person reads: e-mail identities, and the notice address, which a provider or a link confirmed."""
    found = session.exec(
        select(Identity.subject).where(Identity.user_id == user_id, Identity.provider == Provider.EMAIL)
    ).all()
    notice = session.get_one(User, user_id).notice_email
    return {*found, notice} if notice else set(found)


def _refuse_another(invitation: Invitation, proved: set[str]) -> None:
    if invitation.email not in proved:
        name, _, domain = invitation.email.partition("@")
        raise InvitationForAnother(f"{name[:1]}\N{HORIZONTAL ELLIPSIS}@{domain}")


def _join(session: TenantSession, code: str, person: User, proved: set[str]) -> WorkspaceFacts:
    tenant = _members.lock_workspace(session)
    invitation = session.exec(_by_code(code).with_for_update()).first()
    if invitation is None or tenant.deleted_at is not None or invitation.role == Role.OWNER:
        raise InvitationInvalid
    _refuse_another(invitation, proved)
    if session.get(Membership, (tenant.id, person.id)):
        raise AlreadyMember(f"You are a member of {tenant.name} already. The invitation stays open.")
    _members.refuse_full(session, tenant, with_open_invitations=False)
    session.add(
        Membership(
            tenant_id=tenant.id,
            user_id=person.id,
            role=invitation.role,
            features=[],
            display_name=person.display_name,
            notify_email=person.notice_email,
            avatar_key=person.avatar_key,
        )
    )
    invitation.accepted_at = session.execute(select(func.now())).scalar_one()
    _forget(session, invitation)
    audit.record(
        session, actor=f"user:{person.id}", action="member.joined", subject=f"user:{person.id}", role=invitation.role
    )
    live.publish_after_commit(session, f"members:{tenant.id}")
    return WorkspaceFacts(tenant.id, tenant.slug, tenant.name, invitation.role, tenant.is_operator)


def _replace(session: TenantSession, address: str, role: Role) -> bool:
    """True if the same invitation has just been sent; else no open one is left for the address."""
    open_ones = session.exec(
        select(Invitation).where(Invitation.email == address, *_members.is_open()).with_for_update()
    ).all()
    now = session.execute(select(func.now())).scalar_one()
    if any(one.role == role and one.created_at > now - ONE_CLICK for one in open_ones):
        return True
    for one in open_ones:
        _revoke(session, one)
    return False


def _revoke(session: TenantSession, invitation: Invitation) -> None:
    invitation.revoked_at = session.execute(select(func.now())).scalar_one()
    _forget(session, invitation)


def _store(session: TenantSession, email: str, role: Role, by: UUID) -> str:
    code, invitation_id = new_secret(), new_id()
    expires_at = session.execute(select(func.now() + VALID)).scalar_one()
    session.add(
        Invitation(
            tenant_id=session.tenant_id,
            id=invitation_id,
            code_hash=digest(code),
            email=email,
            role=role,
            created_by_user_id=by,
            expires_at=expires_at,
        )
    )
    session.execute(
        insert(Lookup).values(
            kind=LookupKind.INVITATION,
            key=digest(code),
            tenant_id=session.tenant_id,
            target_id=invitation_id,
            expires_at=expires_at,
        )
    )
    return code


def _by_code(code: str):  # noqa: ANN202  # SQLModel's select has no name worth writing
    return select(Invitation).where(Invitation.code_hash == digest(code), *_members.is_open())


def _tenant_of(session: PlatformSession, code: str) -> UUID | None:
    return session.exec(
        select(Lookup.tenant_id).where(
            Lookup.kind == LookupKind.INVITATION, Lookup.key == digest(code), col(Lookup.expires_at) > func.now()
        )
    ).first()


def _forget(session: TenantSession, invitation: Invitation) -> None:
    session.execute(
        delete(Lookup).where(col(Lookup.kind) == LookupKind.INVITATION, col(Lookup.key) == invitation.code_hash)
    )


def _facts(invitation: Invitation, tenant: Tenant) -> InvitationFacts:
    return InvitationFacts(
        invitation.id, invitation.email, invitation.role, invitation.expires_at, tenant.slug, tenant.name
    )


def _send(address: str, workspace: str, inviter: str, code: str) -> None:
    mail.send(
        to=address,
        subject=f"{inviter} invites you to {workspace}",
        text=(
            f"{inviter} invites you to the workspace {workspace}.\n\n"
            f"Accept within 7 days:\n{get_settings().base_url}/invite/{code}\n\n"
            "If you do not know them, ignore this message."
        ),
    )
