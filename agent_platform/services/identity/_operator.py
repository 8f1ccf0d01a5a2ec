"""The operator's way in: a link that whoever has the shell may print."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.ids import new_id
from agent_platform.core.settings import get_settings
from agent_platform.models.identity import CodePurpose, Identity, PlatformRole, Provider, User
from agent_platform.models.settings import Setting
from agent_platform.services import tenancy
from agent_platform.services.identity._codes import issue_code
from agent_platform.services.identity._facts import CodeFacts

LOCK = 7_201_003
SUBJECT = "operator"
SLUG = "platform-operator"
ROLE = "operator"


def admin_link(session: PlatformSession) -> str:
    """A path on the base host that signs the operator in once, in any browser, within 10 minutes; makes operator and workspace if missing."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    identity = session.exec(
        select(Identity).where(Identity.provider == Provider.ADMIN_LINK, Identity.subject == SUBJECT)
    ).first()
    user_id = identity.user_id if identity else _make_operator(session).id
    if tenancy.is_unfinished(session, user_id):
        tenancy.finish_creation(session, tenant_id=user_id, owner_id=user_id)
    tenancy.ensure_reserved_workspaces(session)
    code = issue_code(
        session, purpose=CodePurpose.ADMIN, host=get_settings().base_host, carries=CodeFacts(user_id=user_id)
    )
    return f"/auth/admin?code={code}"


def platform_roles_of(session: PlatformSession, *, user_id: UUID) -> frozenset[str]:
    """What the person is for the whole installation, beside any workspace."""
    return frozenset(session.exec(select(PlatformRole.role).where(PlatformRole.user_id == user_id)))


def _make_operator(session: PlatformSession) -> User:
    user = User(id=new_id(), display_name="Operator")
    session.add(user)
    session.flush()
    session.add(Identity(user_id=user.id, provider=Provider.ADMIN_LINK, subject=SUBJECT, label="Admin link"))
    session.execute(insert(PlatformRole).values(user_id=user.id, role=ROLE))
    book = insert(Setting).values(key=ROLE, value={"tenant_id": str(user.id)})  # whose book takes fees and costs
    session.execute(book.on_conflict_do_nothing())
    tenancy.create_tenant(
        session, slug=SLUG, name="Platform operator", owner_id=user.id, is_personal=True, is_operator=True
    )
    return user
