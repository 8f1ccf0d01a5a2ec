"""Pictures of people: drawn anew, stored under the person, named in each of their workspaces."""

from uuid import UUID

from agent_platform.core import images, objects
from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.errors import NotFound
from agent_platform.core.policy import Caller
from agent_platform.core.queue import after_commit
from agent_platform.models.identity import User
from agent_platform.services import tenancy
from agent_platform.services.identity._copies import copy_to_workspaces

AVATAR_SIDE = 256
AVATAR_TYPE = images.MEDIA_TYPE


def avatar_folder(user_id: UUID) -> str:
    return f"users/{user_id.hex}"


def set_avatar(session: PlatformSession, *, user_id: UUID, content: bytes) -> str:
    """The key of the picture, which members of the person's workspaces see. Raises: TooLarge, InputInvalid for what is no picture."""
    picture = images.recoded(content, most_side=AVATAR_SIDE)
    key = objects.put_bytes(avatar_folder(user_id), picture)
    _change(session, user_id, key)
    return key


def remove_avatar(session: PlatformSession, *, user_id: UUID) -> None:
    """Initials stand in its place."""
    _change(session, user_id, None)


def read_avatar(session: PlatformSession, *, caller: Caller, user_id: UUID) -> bytes:
    """One's own anywhere, and those of members of the workspace one is in. Raises: NotFound."""
    own = user_id == caller.user_id
    key = session.get_one(User, user_id).avatar_key if own else tenancy.find_avatar(caller, user_id=user_id)
    if key is None:
        raise NotFound
    return objects.read_bytes(avatar_folder(user_id), key)


def _change(session: PlatformSession, user_id: UUID, key: str | None) -> None:
    user = session.get_one(User, user_id, with_for_update=True, populate_existing=True)
    old, user.avatar_key = user.avatar_key, key
    copy_to_workspaces(session, user_id, avatar_key=key)
    if old and old != key:
        after_commit(session, lambda: objects.delete(avatar_folder(user_id), old))
