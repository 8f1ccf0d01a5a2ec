"""Who decides about the public directory."""

from uuid import UUID

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.policy import REVIEWERS
from agent_platform.services import identity
from agent_platform.services.catalog.errors import NotReviewer


def require_reviewer(session: PlatformSession, user_id: UUID) -> None:
    """Returns for an operator or a reviewer. Raises: NotReviewer."""
    if not identity.platform_roles_of(session, user_id=user_id) & set(REVIEWERS):
        raise NotReviewer
