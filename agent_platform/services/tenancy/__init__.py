"""Workspaces, their members, their addresses."""

from agent_platform.services.tenancy._create import create_tenant, finish_creation, is_unfinished
from agent_platform.services.tenancy._facts import (
    InvitationFacts,
    KeyFacts,
    KeyHolder,
    MemberFacts,
    MembershipFacts,
    TenantFacts,
    WorkspaceFacts,
)
from agent_platform.services.tenancy._invitations import (
    accept_invitation,
    find_invitation,
    invite,
    list_invitations,
    revoke_invitation,
)
from agent_platform.services.tenancy._key_holder import find_key_holder, is_key
from agent_platform.services.tenancy._keys import list_keys, make_key, revoke_key
from agent_platform.services.tenancy._members import (
    acting_member,
    avatar_of,
    change_role,
    end_membership,
    find_avatar,
    leave,
    list_members,
    remove_member,
    set_features,
)
from agent_platform.services.tenancy._platform import in_platform
from agent_platform.services.tenancy._queries import (
    find_tenant_by_slug,
    get_workspace,
    is_owned_within,
    list_solely_owned,
    list_workspaces,
    membership_of,
    owners_of,
)
from agent_platform.services.tenancy._reserved import (
    DEMO_PLACES,
    ensure_demo_workspace,
    ensure_reserved_workspaces,
    ensure_tests_workspace,
    find_demo_workspace,
    find_operator_workspace,
    find_tests_workspace,
)
from agent_platform.services.tenancy._rules import clean_name, known_time_zone
from agent_platform.services.tenancy._slugs import slug_for
from agent_platform.services.tenancy._workspace import change_slug, dismiss_checklist, rename, set_time_zone

__all__ = [
    "DEMO_PLACES",
    "InvitationFacts",
    "KeyFacts",
    "KeyHolder",
    "MemberFacts",
    "MembershipFacts",
    "TenantFacts",
    "WorkspaceFacts",
    "accept_invitation",
    "acting_member",
    "avatar_of",
    "change_role",
    "change_slug",
    "clean_name",
    "create_tenant",
    "dismiss_checklist",
    "end_membership",
    "ensure_demo_workspace",
    "ensure_reserved_workspaces",
    "ensure_tests_workspace",
    "find_avatar",
    "find_demo_workspace",
    "find_invitation",
    "find_key_holder",
    "find_operator_workspace",
    "find_tenant_by_slug",
    "find_tests_workspace",
    "finish_creation",
    "get_workspace",
    "in_platform",
    "invite",
    "is_key",
    "is_owned_within",
    "is_unfinished",
    "known_time_zone",
    "leave",
    "list_invitations",
    "list_keys",
    "list_members",
    "list_solely_owned",
    "list_workspaces",
    "make_key",
    "membership_of",
    "owners_of",
    "remove_member",
    "rename",
    "revoke_invitation",
    "revoke_key",
    "set_features",
    "set_time_zone",
    "slug_for",
]
