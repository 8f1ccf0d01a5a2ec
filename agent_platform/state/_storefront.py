"""A storefront as visitors see it, and what its settings do, each in one transaction."""

from dataclasses import dataclass, field
from uuid import UUID

from agent_platform.core import images
from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import NotFound, TooLarge
from agent_platform.core.policy import Caller
from agent_platform.core.settings import get_settings
from agent_platform.services import catalog, runs
from agent_platform.views.storefront import ChosenView, StorefrontView, chosen_views, storefront_view


@dataclass(frozen=True)
class StorefrontSettings:
    """What the form holds, and what it makes."""

    is_on: bool = False
    audience: str = "members"
    headline: str = ""
    welcome: str = ""
    accent: str = ""
    address: str = ""
    view: StorefrontView = field(default_factory=StorefrontView)
    chosen: list[ChosenView] = field(default_factory=list)


def read_storefront(tenant_id: UUID, *, is_member: bool) -> StorefrontView | None:
    """None if this visitor may not see one. The tenant is that of the host, so no role is asked for. Sync: call it in a thread."""
    with tenant_session(tenant_id) as session:
        facts = catalog.open_storefront(session, is_member=is_member)
    return storefront_view(facts) if facts else None


def read_settings(session: TenantSession) -> StorefrontSettings:
    facts = catalog.get_storefront(session)
    return StorefrontSettings(
        is_on=facts.is_on,
        audience=facts.audience,
        headline=facts.headline,
        welcome=facts.welcome,
        accent=facts.accent,
        address=get_settings().tenant_url(facts.slug),
        view=storefront_view(facts),
        chosen=chosen_views(facts),
    )


def save(session: TenantSession, *, caller: Caller, **form: object) -> None:
    assert caller.user_id is not None
    catalog.save_storefront(session, by=caller.user_id, **form)  # pyright: ignore[reportArgumentType]


def show_agent(session: TenantSession, *, address: str, caller: Caller) -> None:
    assert caller.user_id is not None
    catalog.show_agent(session, address=address, by=caller.user_id)


def hide_agent(session: TenantSession, *, listing: str, caller: Caller) -> None:
    assert caller.user_id is not None
    catalog.hide_agent(session, listing_id=known_id(listing), by=caller.user_id)


def take_logo(session: TenantSession, *, upload: str, caller: Caller) -> None:
    """The sent file becomes the logo and is forgotten as an upload. Raises: NotFound, TooLarge, InputInvalid."""
    assert caller.user_id is not None
    with runs.open_upload(session, file_id=upload) as sent:
        content = sent.read(images.MOST_BYTES + 1)
    if len(content) > images.MOST_BYTES:
        raise TooLarge("The picture is larger than 1 MiB. Choose a smaller one.")
    catalog.set_logo(session, content=content, by=caller.user_id)
    runs.discard_upload(session, file_id=upload)


def remove_logo(session: TenantSession, *, caller: Caller) -> None:
    assert caller.user_id is not None
    catalog.remove_logo(session, by=caller.user_id)


def known_id(text: str) -> UUID:
    """Raises: NotFound for what is no id: browsers may send anything."""
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise NotFound("This agent is not on the list any more. Reload the page.") from None
