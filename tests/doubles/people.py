"""People and workspaces, made through the same doors as real ones."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.models.tenancy import Membership
from agent_platform.services import identity, tenancy


@dataclass(frozen=True)
class Person:
    """Somebody who signed in with GitHub once; `home` is the personal workspace."""

    id: UUID
    name: str
    home: UUID


def arrive(name: str, number: int, *, email: str | None = None) -> Person:
    """A person with a GitHub identity of this number and a personal workspace."""
    user = identity.in_platform(
        identity.sign_in,
        provider=identity.Provider.GITHUB,
        subject=str(number),
        label=name.lower(),
        display_name=name,
        email=email,
    )
    return Person(user.id, name, user.id)


def found(owner: Person, slug: str, *, plan: str = "team") -> UUID:
    """A workspace of the owner's, shared in intent."""
    return identity.in_platform(tenancy.create_tenant, slug=slug, name=slug.title(), owner_id=owner.id, plan=plan).id


def enrol(session: TenantSession, person: Person, role: str, features: tuple[str, ...] = ()) -> None:
    """The person is a member without an invitation."""
    add(
        session,
        Membership(
            tenant_id=session.tenant_id, user_id=person.id, role=role, features=list(features), display_name=person.name
        ),
    )


def add(session: Session, row: object) -> None:
    session.add(row)
    session.flush()


def inside(tenant_id: UUID, function, /, **arguments):
    """One transaction in the workspace."""
    with tenant_session(tenant_id) as session:
        return function(session, **arguments)
