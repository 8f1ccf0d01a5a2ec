"""Addresses of workspaces: what is allowed, what is free, what looks like another's."""

import re
import secrets
import unicodedata

from sqlalchemy import text
from sqlmodel import Session

from agent_platform.core.db.platform import PlatformSession
from agent_platform.core.errors import Problem
from agent_platform.services.tenancy.errors import SlugRefused

LOCK = 7_201_004
SHORTEST = 3
LONGEST = 32
SLUG = re.compile(r"[a-z0-9](?:-?[a-z0-9])+")
RESERVED_WORDS = """a2a about abuse account accounts admin administrator agent-platform agents api app apps assets auth billing blog broker cdn
 changelog community contact dashboard demo dev docs download email example ftp git github health help hooks hostmaster http https
 imap internal invite legal localhost login logout mail marketplace mcp media metrics news noreply no-reply null oauth official
 openai operator ops payments platform platform-operator platform-tests postmaster pricing privacy public quality root sandbox search security
 settings sign-in sign-out signin signout signup smtp staff static status stripe support system team terms test testing undefined
 upload usercontent user users verify webmaster webhooks wiki workspace workspaces ws www"""
RESERVED = frozenset(RESERVED_WORDS.split())

# the two forms of one rule: what a hurried eye takes for the same address
LOOKS_LIKE = str.maketrans({"0": "o", "1": "l", "5": "s", "i": "l", "-": None})
SAME_LOOK = "replace(replace(translate({column}, '015i-', 'olsl'), 'rn', 'm'), 'vv', 'w') = :look"
TAKEN = text(
    "SELECT EXISTS (SELECT FROM app.lookups WHERE kind = 'slug' AND key = :slug)"
    f" OR EXISTS (SELECT FROM app.tenants WHERE slug = :slug OR {SAME_LOOK.format(column='slug')})"
    f" OR EXISTS (SELECT FROM catalogue.publishers WHERE handle = :slug OR {SAME_LOOK.format(column='handle')})"
)
TAKEN_BY_OTHERS = text(
    "SELECT EXISTS (SELECT FROM app.lookups WHERE kind = 'slug' AND key = :slug AND tenant_id <> :tenant_id)"
    f" OR EXISTS (SELECT FROM app.tenants WHERE id <> :tenant_id AND (slug = :slug OR {SAME_LOOK.format(column='slug')}))"
    " OR EXISTS (SELECT FROM catalogue.publishers WHERE tenant_id <> :tenant_id"
    f" AND (handle = :slug OR {SAME_LOOK.format(column='handle')}))"
)


def look_of(slug: str) -> str:
    """Equal for addresses that are easily taken for each other, such as `acme-1` and `acmel`."""
    return slug.translate(LOOKS_LIKE).replace("rn", "m").replace("vv", "w")


RESERVED_LOOKS = frozenset(map(look_of, RESERVED))


def refuse_malformed(slug: str) -> None:
    """Returns for a well-formed address that we do not keep for ourselves. Raises: SlugRefused."""
    if not SHORTEST <= len(slug) <= LONGEST or not SLUG.fullmatch(slug):
        _refuse(
            f"An address has {SHORTEST} to {LONGEST} lower-case letters, digits and single hyphens between them. Nothing was changed."
        )
    if slug.startswith("xn--") or look_of(slug) in RESERVED_LOOKS:
        _refuse(f"The address {slug} is reserved. Choose another one. Nothing was changed.")


def hold_addresses(session: Session) -> None:
    """Nobody else takes an address until this transaction ends, so that a free one stays free and looks like no other."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def refuse_taken(session: PlatformSession, *, slug: str, tenant_id: object) -> None:
    """Returns if no other workspace has or had this address or one that looks like it. Raises: SlugRefused."""
    if session.execute(TAKEN_BY_OTHERS, {"slug": slug, "look": look_of(slug), "tenant_id": tenant_id}).scalar_one():
        _refuse(f"The address {slug} is taken or looks like another one. Choose another. Nothing was changed.")


def slug_for(session: PlatformSession, wanted: str) -> str:
    """A free address made from a name or a wish: the plain form, else with a number, else with random letters. It stays free until the end of the transaction."""
    hold_addresses(session)
    plain = slug_from(wanted)
    numbered = (f"{plain[: LONGEST - 2]}-{number}" for number in range(2, 10))
    for slug in (plain, *numbered):
        if _is_free(session, slug):
            return slug
    return f"{plain[: LONGEST - 9].rstrip('-')}-{secrets.token_hex(4)}"


def slug_from(name: str) -> str:
    """The well-formed address nearest to a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")
    return slug if len(slug) >= SHORTEST else f"space-{slug}".strip("-")


def _is_free(session: PlatformSession, slug: str) -> bool:
    try:
        refuse_malformed(slug)
    except SlugRefused:
        return False
    return not session.execute(TAKEN, {"slug": slug, "look": look_of(slug)}).scalar_one()


def _refuse(sentence: str) -> None:
    raise SlugRefused(sentence, errors=(Problem("slug", sentence),))
