"""From a key to who acts: its workspace, its maker there as they are now, and what the two may together."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, update
from sqlmodel import col, select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.ids import digest
from agent_platform.core.policy import Caller
from agent_platform.core.tokens import KEY_PREFIX, is_well_formed
from agent_platform.models.identity import User
from agent_platform.models.tenancy import ApiKey, Lookup, LookupKind, Membership, Tenant
from agent_platform.services.tenancy import _rules
from agent_platform.services.tenancy._facts import KeyHolder

SEEN_EVERY = timedelta(minutes=1)


def is_key(text: str) -> bool:
    """Whether it can be a key at all: one with a mistake in it is told without asking anybody."""
    return is_well_formed(text, KEY_PREFIX)


def find_key_holder(session: PlatformSession, *, key: str) -> KeyHolder | None:
    """Who acts with this key. None for one that is unknown, revoked or expired, or whose maker has left, is leaving or is banned."""
    if not is_key(key):
        return None
    found = session.exec(
        select(Lookup.tenant_id, Lookup.target_id).where(
            Lookup.kind == LookupKind.API_KEY, Lookup.key == digest(key), _lives(Lookup.expires_at)
        )
    ).first()
    if found is None:
        return None
    with tenant_session(found[0]) as inside:
        holder = _holder(inside, found[1])
        if holder is not None and _is_welcome(session, holder.caller.user_id):
            _touch(inside, holder.key_id)
            return holder
    return None


def _holder(session: TenantSession, key_id: UUID) -> KeyHolder | None:
    """The key and its maker's membership, of one moment."""
    row = session.exec(
        select(ApiKey, Membership, Tenant)
        .join(
            Membership,
            (col(Membership.tenant_id) == ApiKey.tenant_id) & (col(Membership.user_id) == ApiKey.made_by_user_id),
        )
        .join(Tenant, col(Tenant.id) == ApiKey.tenant_id)
        .where(
            ApiKey.tenant_id == session.tenant_id,
            ApiKey.id == key_id,
            col(ApiKey.revoked_at).is_(None),
            _lives(ApiKey.expires_at),
            col(Tenant.deleted_at).is_(None),
        )
    ).first()
    if row is None:
        return None
    key, member, tenant = row
    caller = Caller(
        user_id=member.user_id,
        user_name=f"{member.display_name}, key {key.name}",
        tenant_id=tenant.id,
        tenant_slug=tenant.slug,
        role=member.role,
        features=_rules.features_of(member),
        session_id=None,
    )
    return KeyHolder(key.id, _rules.scopes_within(key.scopes, member.role), caller)


def _is_welcome(session: PlatformSession, user_id: UUID | None) -> bool:
    stays = (col(User.banned_at).is_(None), col(User.delete_at).is_(None), col(User.deleted_at).is_(None))
    return session.exec(select(User.id).where(User.id == user_id, *stays)).first() is not None


def _touch(session: TenantSession, key_id: UUID) -> None:
    old = or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) < func.now() - SEEN_EVERY)
    session.execute(update(ApiKey).where(col(ApiKey.id) == key_id, old).values(last_used_at=func.now()))


def _lives(expires_at: object) -> ColumnElement[bool]:
    return or_(col(expires_at).is_(None), col(expires_at) > func.now())  # pyright: ignore[reportArgumentType]
