"""Makes rows as the product makes them; used where a test needs a tenant, a person, an agent."""

from uuid import UUID

from agent_platform.core.db.platform import platform_session
from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.models.identity import PlatformRole, User
from agent_platform.services import tenancy


def make_user(name: str = "Mara Okafor") -> UUID:
    with platform_session() as session:
        user = User(id=new_id(), display_name=name)
        session.add(user)
        return user.id


def make_reviewer(role: str = "reviewer", *, name: str = "Rita Reviewer") -> UUID:
    """Somebody with a platform role."""
    user_id = make_user(name)
    with platform_session() as session:
        session.add(PlatformRole(user_id=user_id, role=role))
    return user_id


def make_tenant(
    slug: str | None = None, *, owner: UUID | None = None, plan: str = "free", is_operator: bool = False
) -> UUID:
    """The first workspace of a person is their personal one."""
    owner = owner or make_user()
    slug = slug or f"t-{new_id().hex[-12:]}"
    with platform_session() as session:
        is_first = not tenancy.list_workspaces(session, user_id=owner)
        facts = tenancy.create_tenant(
            session,
            slug=slug,
            name=slug.title(),
            owner_id=owner,
            plan=plan,
            is_personal=is_first,
            is_operator=is_operator,
        )
    return facts.id


def caller_of(
    tenant_id: UUID, user_id: UUID | None = None, *, role: str = "owner", name: str = "Mara Okafor"
) -> Caller:
    return Caller(user_id or make_user(name), name, tenant_id, "slug", role, (), new_id())
