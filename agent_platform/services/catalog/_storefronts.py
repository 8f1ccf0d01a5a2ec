"""What a workspace shows of itself at its own address: words, a colour, a logo and agents (P-26)."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core import images, live, objects
from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import Conflict, InputInvalid, NotFound, Problem
from agent_platform.core.queue import after_commit
from agent_platform.models.catalogue import Listing
from agent_platform.models.storefronts import Audience, Storefront
from agent_platform.services import audit, tenancy
from agent_platform.services.catalog._facts import ListingCard
from agent_platform.services.catalog._filters import Filters, conditions

LONGEST_HEADLINE = 120
LONGEST_WELCOME = 600
MOST_AGENTS = 24
LOGO_SIDE = 512
LOGO_TYPE = images.MEDIA_TYPE
ACCENT = re.compile(r"#[0-9a-f]{6}")
ACT = "edit_storefront"
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class StorefrontFacts:
    """`agents` are those of `chosen` that the directory shows now; without a choice, the workspace's own public ones."""

    is_on: bool
    audience: str
    workspace: str
    slug: str
    headline: str
    welcome: str
    accent: str
    logo_key: str | None
    chosen: list[UUID]
    agents: list[ListingCard]


def get_storefront(session: TenantSession) -> StorefrontFacts:
    """As it is set up, whether it is on or not."""
    found = _of(session)
    tenant = tenancy.get_workspace(session)
    return StorefrontFacts(
        is_on=found.is_on,
        audience=found.audience,
        workspace=tenant.name,
        slug=tenant.slug,
        headline=found.headline,
        welcome=found.welcome,
        accent=found.accent,
        logo_key=found.logo_key,
        chosen=list(found.listing_ids),
        agents=_shown(session, found.listing_ids),
    )


def open_storefront(session: TenantSession, *, is_member: bool) -> StorefrontFacts | None:
    """What this visitor may see; None if it is off, or for members only and this is none: nobody learns which."""
    found = _of(session)
    if tenancy.get_workspace(session).suspended_at is not None:
        return None
    if not found.is_on or (found.audience == Audience.MEMBERS and not is_member):
        return None
    return get_storefront(session)


def save_storefront(
    session: TenantSession, *, is_on: bool, audience: str, headline: str, welcome: str, accent: str, by: UUID
) -> None:
    """Raises: RoleTooLow, InputInvalid."""
    tenancy.acting_member(session, by, ACT)
    if audience not in tuple(Audience):
        raise InputInvalid("Choose who may see it: everybody, or members only. Nothing was changed.")
    values = {
        "is_on": is_on is True,
        "audience": audience,
        "headline": _one_line("headline", headline, LONGEST_HEADLINE),
        "welcome": _one_line("welcome", welcome, LONGEST_WELCOME),
        "accent": _colour(accent),
    }
    before = _of(session)
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    _write(session, **values)
    _note(session, by, "storefront.changed", **changed)


def show_agent(session: TenantSession, *, address: str, by: UUID) -> None:
    """The public agent at `publisher/slug` is shown last. Raises: RoleTooLow, InputInvalid, Conflict for a full storefront."""
    tenancy.acting_member(session, by, ACT)
    listing = _public(session, address)
    chosen = [one for one in _of(session, locked=True).listing_ids if one != listing.id]
    if len(chosen) >= MOST_AGENTS:
        raise Conflict(f"A storefront shows at most {MOST_AGENTS} agents. Remove one first. Nothing was changed.")
    _write(session, listing_ids=[*chosen, listing.id])
    _note(session, by, "storefront.agent_shown", agent=f"{listing.publisher}/{listing.slug}")


def hide_agent(session: TenantSession, *, listing_id: UUID, by: UUID) -> None:
    """Raises: RoleTooLow, NotFound."""
    tenancy.acting_member(session, by, ACT)
    chosen = _of(session, locked=True).listing_ids
    if listing_id not in chosen:
        raise NotFound("This agent is not chosen any more. Reload the page.")
    _write(session, listing_ids=[one for one in chosen if one != listing_id])
    _note(session, by, "storefront.agent_hidden", listing=str(listing_id))


def set_logo(session: TenantSession, *, content: bytes, by: UUID) -> None:
    """Raises: RoleTooLow, TooLarge, InputInvalid for what is no picture."""
    tenancy.acting_member(session, by, ACT)
    picture = images.recoded(content, most_side=LOGO_SIDE)
    key = objects.put_bytes(_logos(session), picture)
    _forget_logo(session, unless=key)
    _write(session, logo_key=key)
    _note(session, by, "storefront.logo_changed", logo=key)


def remove_logo(session: TenantSession, *, by: UUID) -> None:
    """Raises: RoleTooLow."""
    tenancy.acting_member(session, by, ACT)
    _forget_logo(session)
    _write(session, logo_key=None)
    _note(session, by, "storefront.logo_removed")


def find_logo(session: TenantSession) -> str | None:
    """The key of the workspace's logo, which the storefront and the workspace itself share."""
    return session.execute(
        select(col(Storefront.logo_key)).where(col(Storefront.tenant_id) == session.tenant_id)
    ).scalar_one_or_none()


def read_logo(session: TenantSession, *, is_member: bool) -> bytes:
    """Raises: NotFound for none, and for whoever may not see the storefront."""
    found = _of(session)
    visible = is_member or (found.is_on and found.audience == Audience.PUBLIC)
    if not visible or found.logo_key is None:
        raise NotFound
    return objects.read_bytes(_logos(session), found.logo_key)


def _of(session: TenantSession, *, locked: bool = False) -> Storefront:
    """Today's row, or what a workspace without one has."""
    found = session.get(Storefront, session.tenant_id, populate_existing=True, with_for_update=locked or None)
    return found or Storefront(tenant_id=session.tenant_id)


def _logos(session: TenantSession) -> str:
    """A folder of their own: uploads and bundles beside it come and go by rules that know no logos."""
    return f"{objects.tenant_folder(session.tenant_id)}/logos"


def _forget_logo(session: TenantSession, *, unless: str = "") -> None:
    """The bytes of the logo until now go once this is committed."""
    folder, old = _logos(session), _of(session, locked=True).logo_key
    if old and old != unless:
        after_commit(session, lambda: objects.delete(folder, old))


def _write(session: TenantSession, **values: object) -> None:
    first = Storefront(tenant_id=session.tenant_id).model_dump(exclude={"updated_at"})
    session.execute(
        insert(Storefront)
        .values(**{**first, **values})
        .on_conflict_do_update(index_elements=["tenant_id"], set_={**values, "updated_at": func.now()})
    )


def _shown(session: TenantSession, chosen: Sequence[UUID]) -> list[ListingCard]:
    """In the chosen order; without a choice the workspace's own, the most used first."""
    which = conditions(Filters(standing=True, among=tuple(chosen) if chosen else None))
    if not chosen:
        which.append(col(Listing.tenant_id) == session.tenant_id)
    most_used = (col(Listing.runs_30d).desc(), col(Listing.id).desc())
    rows = session.execute(select(Listing).where(*which).order_by(*most_used).limit(MOST_AGENTS)).scalars()
    cards = [ListingCard.of(listing) for listing in rows]
    return sorted(cards, key=lambda card: list(chosen).index(card.id)) if chosen else cards


def _public(session: TenantSession, address: str) -> Listing:
    publisher, _, slug = address.strip().removeprefix("/agents/").replace("\0", "").lower().partition("/")
    here = (col(Listing.publisher) == publisher, col(Listing.slug) == slug)
    listing = session.execute(select(Listing).where(*here, *conditions(Filters(standing=True)))).scalar_one_or_none()
    if listing is None:
        raise _wrong(
            "address",
            f"There is no public agent {address.strip()[:80] or 'without an address'}. Write it as on its page, such as harbor/site-auditor.",
        )
    return listing


def _one_line(name: str, text: str, most: int) -> str:
    """Without characters that do not show. Raises: InputInvalid when it is too long."""
    visible = "".join(" " if unicodedata.category(letter) in INVISIBLE else letter for letter in text)
    clean = " ".join(unicodedata.normalize("NFC", visible).split())
    if len(clean) > most:
        raise _wrong(
            name, f"The {name} has {len(clean)} characters; at most {most} are shown. Shorten it. Nothing was changed."
        )
    return clean


def _colour(accent: str) -> str:
    wanted = accent.strip().lower()
    if not ACCENT.fullmatch(wanted):
        raise _wrong("accent", "Write the colour as # and six digits, such as #0d3d38. Nothing was changed.")
    return wanted


def _wrong(path: str, sentence: str) -> InputInvalid:
    return InputInvalid(sentence, errors=(Problem(path, sentence),))


def _note(session: TenantSession, by: UUID, action: str, **detail: object) -> None:
    audit.record(session, actor=f"user:{by}", action=action, subject=f"tenant:{session.tenant_id}", **detail)
    live.publish_after_commit(session, f"storefront:{session.tenant_id}")
