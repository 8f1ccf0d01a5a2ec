"""Who may do what with members and settings, and what a name may contain. Pure."""

import unicodedata
from zoneinfo import available_timezones

from agent_platform.core.errors import InputInvalid, Problem
from agent_platform.models.tenancy import Feature, Membership, Role, Scope
from agent_platform.services.tenancy.errors import RoleTooLow

LADDER = tuple(Role)
LONGEST_NAME = 80

# Source: product section 3, the rows whose features exist
LEAST_ROLE = {
    "manage_members": Role.ADMIN,
    "edit_workspace": Role.ADMIN,
    "edit_storefront": Role.ADMIN,
    "choose_agents": Role.ADMIN,
    "see_audit_log": Role.ADMIN,
    "transfer_ownership": Role.OWNER,
    "make_keys": Role.MEMBER,
    "see_keys": Role.VIEWER,
    "revoke_keys_of_others": Role.ADMIN,
}
# What each scope of an API key needs of its maker, now and at every use
LEAST_ROLE_OF_SCOPE = {Scope.RUNS_READ: Role.VIEWER, Scope.RUNS_WRITE: Role.MEMBER}
ACTS = {
    "manage_members": "manage members",
    "edit_workspace": "change the workspace",
    "edit_storefront": "change the storefront",
    "choose_agents": "choose which agents run here",
    "see_audit_log": "read the audit log",
    "transfer_ownership": "make somebody owner",
    "make_keys": "make API keys",
    "see_keys": "see your API keys",
    "revoke_keys_of_others": "revoke other people's API keys",
}
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


def rank(role: str) -> int:
    return LADDER.index(Role(role))


def refuse_beneath(role: str, act: str) -> None:
    """Returns if the role reaches the act of the table. Raises: RoleTooLow."""
    least = LEAST_ROLE[act]
    if rank(role) < rank(least):
        raise RoleTooLow(f"To {ACTS[act]} you need the role {least}; you are {role}. Nothing was changed.")


def reaches(role: str, act: str) -> bool:
    return rank(role) >= rank(LEAST_ROLE[act])


def refuse_above_own(own_role: str, *roles: str) -> None:
    """Returns if none of the roles is above the actor's own. Raises: RoleTooLow."""
    if any(rank(role) > rank(own_role) for role in roles):
        raise RoleTooLow(f"You are {own_role} and cannot give, take or change a role above that. Nothing was changed.")


def known_role(role: str) -> Role:
    """Raises: InputInvalid for a word off the ladder."""
    try:
        return Role(role)
    except ValueError:
        raise _wrong("role", f"The role is one of {', '.join(LADDER)}.") from None


def role_by_invitation(role: str) -> Role:
    """Raises: InputInvalid for owner, and for a word off the ladder."""
    wanted = known_role(role)
    if wanted == Role.OWNER:
        raise _wrong(
            "role", "Nobody becomes owner by a link. Invite an admin, and make them owner once they have joined."
        )
    return wanted


def known_features(features: list[str]) -> list[str]:
    """Sorted, without repeats. Raises: InputInvalid."""
    if unknown := set(features) - set(Feature):
        raise _wrong("features", f"Unknown: {', '.join(sorted(unknown))}. Features are build and billing.")
    return sorted(set(features))


def known_scopes(scopes: list[str], role: str) -> list[str]:
    """Sorted, without repeats. Raises: InputInvalid for none and for unknown ones, RoleTooLow for more than the role may."""
    wanted = sorted(set(scopes))
    if unknown := set(wanted) - set(Scope):
        raise _wrong("scopes", f"Unknown: {', '.join(sorted(unknown))}. A key may {' or '.join(Scope)}.")
    if not wanted:
        raise _wrong("scopes", "Choose at least one thing that the key may do. Nothing was made.")
    if beyond := set(wanted) - set(scopes_within(wanted, role)):
        raise RoleTooLow(f"You are {role} and cannot give a key {' and '.join(sorted(beyond))}. Nothing was made.")
    return wanted


def scopes_within(scopes: list[str], role: str) -> tuple[str, ...]:
    """Those of the scopes that the role reaches now."""
    return tuple(one for one in scopes if one in set(Scope) and rank(role) >= rank(LEAST_ROLE_OF_SCOPE[Scope(one)]))


def features_of(membership: Membership) -> tuple[str, ...]:
    """Owners hold every feature, whatever their row says."""
    return tuple(Feature) if membership.role == Role.OWNER else tuple(membership.features)


def clean_name(name: str) -> str:
    """The name in one line, without characters that do not show. Raises: InputInvalid when nothing or too much is left."""
    visible = "".join(" " if unicodedata.category(letter) in INVISIBLE else letter for letter in name)
    clean = " ".join(unicodedata.normalize("NFC", visible).split())
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise _wrong("name", f"A name has 1 to {LONGEST_NAME} visible characters. Nothing was changed.")
    return clean


def known_time_zone(name: str) -> str:
    """As the time zone database writes it, however it was typed. Raises: InputInvalid for a name it does not have."""
    known = {zone.lower(): zone for zone in available_timezones()}
    if name.strip().lower() not in known:
        raise _wrong("time_zone", "Choose a time zone from the list, such as Europe/Berlin. Nothing was changed.")
    return known[name.strip().lower()]


def _wrong(path: str, sentence: str) -> InputInvalid:
    return InputInvalid(sentence, errors=(Problem(path, sentence),))
