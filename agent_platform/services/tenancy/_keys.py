"""API keys: made by a member, shown once, never more than their maker may do now."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, insert
from sqlmodel import col, select

from agent_platform.core import live
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import InputInvalid, NotFound, Problem
from agent_platform.core.ids import digest, new_id
from agent_platform.core.tokens import KEY_PREFIX, new_api_key
from agent_platform.models.tenancy import ApiKey, Lookup, LookupKind, Membership
from agent_platform.services import audit
from agent_platform.services.tenancy import _members, _rules
from agent_platform.services.tenancy._facts import KeyFacts
from agent_platform.services.tenancy._key_ends import end_keys
from agent_platform.services.tenancy.errors import KeysFull

SHOWN_CHARACTERS = len(KEY_PREFIX) + 6  # of them nobody can guess the other 24
MOST_KEYS = 50  # that live, of one person in one workspace
MOST_DAYS = 365


def make_key(session: TenantSession, *, name: str, scopes: list[str], days: int | None, by: UUID) -> str:
    """The key, which nobody can read again: only its hash is kept. It ends after `days`, or by being revoked.

    Raises: RoleTooLow, KeysFull, InputInvalid.
    """
    _members.lock_workspace(session)  # before: whoever is leaving or losing a role at this moment makes no key after it
    maker = _members.acting_member(session, by, "make_keys")
    wanted, said = _rules.known_scopes(scopes, maker.role), _rules.clean_name(name)
    _refuse_days(days)
    if len(_living(session, by)) >= MOST_KEYS:
        raise KeysFull(f"You have {MOST_KEYS} keys here, the most one person may. Revoke one first. Nothing was made.")
    key, key_id = new_api_key(), new_id()
    expires_at = session.execute(select(func.now() + timedelta(days=days))).scalar_one() if days else None
    session.add(
        ApiKey(
            tenant_id=session.tenant_id,
            id=key_id,
            name=said,
            prefix=key[:SHOWN_CHARACTERS],
            key_hash=digest(key),
            scopes=wanted,
            made_by_user_id=by,
            expires_at=expires_at,
        )
    )
    session.execute(
        insert(Lookup).values(
            kind=LookupKind.API_KEY,
            key=digest(key),
            tenant_id=session.tenant_id,
            target_id=key_id,
            expires_at=expires_at,
        )
    )
    _note(session, by, "key.made", key_id, name=said, scopes=wanted, expires_at=expires_at)
    return key


def list_keys(session: TenantSession, *, by: UUID) -> list[KeyFacts]:
    """Keys that live, the newest first: one's own, and for admins everybody's. Each with what it may do now."""
    actor = _members.acting_member(session, by, "see_keys")
    whose = None if _rules.reaches(actor.role, "revoke_keys_of_others") else by
    return [
        KeyFacts(
            key.id,
            key.name,
            key.prefix,
            _rules.scopes_within(key.scopes, maker.role),
            maker.user_id,
            maker.display_name,
            key.created_at,
            key.expires_at,
            key.last_used_at,
        )
        for key, maker in _living(session, whose)
    ]


def revoke_key(session: TenantSession, *, key_id: UUID, by: UUID) -> None:
    """The key opens nothing any more, within a second everywhere. Raises: RoleTooLow for another's, NotFound for one that has ended."""
    actor = _members.acting_member(session, by, "see_keys")
    key = session.exec(select(ApiKey).where(ApiKey.id == key_id, col(ApiKey.revoked_at).is_(None))).first()
    if key is None:
        raise NotFound("This key has ended already. Reload the list.")
    if key.made_by_user_id != by:
        _rules.refuse_beneath(actor.role, "revoke_keys_of_others")
    end_keys(session, [key])
    _note(session, by, "key.revoked", key.id, name=key.name)


def _living(session: TenantSession, user_id: UUID | None) -> list[tuple[ApiKey, Membership]]:
    """Keys with their makers, of one moment; who leaves takes their keys along."""
    query = (
        select(ApiKey, Membership)
        .join(Membership, col(Membership.user_id) == ApiKey.made_by_user_id)
        .where(
            col(ApiKey.revoked_at).is_(None), (col(ApiKey.expires_at).is_(None)) | (col(ApiKey.expires_at) > func.now())
        )
    )
    if user_id is not None:
        query = query.where(ApiKey.made_by_user_id == user_id)
    return list(session.exec(query.order_by(col(ApiKey.created_at).desc(), col(ApiKey.id).desc())))


def _refuse_days(days: int | None) -> None:
    if days is not None and not 1 <= days <= MOST_DAYS:
        sentence = f"A key ends after 1 to {MOST_DAYS} days, or never. Nothing was made."
        raise InputInvalid(sentence, errors=(Problem("days", sentence),))


def _note(session: TenantSession, by: UUID, action: str, key_id: UUID, **detail: object) -> None:
    audit.record(session, actor=f"user:{by}", action=action, subject=f"key:{key_id}", **detail)
    live.publish_after_commit(session, f"keys:{session.tenant_id}")
