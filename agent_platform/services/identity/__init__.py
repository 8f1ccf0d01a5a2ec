"""People, how they prove who they are, and their sessions."""

from agent_platform.models.identity import CodePurpose, Provider
from agent_platform.services.identity._avatars import AVATAR_TYPE, read_avatar, remove_avatar, set_avatar
from agent_platform.services.identity._codes import issue_code, redeem_code
from agent_platform.services.identity._facts import (
    Browser,
    CodeFacts,
    IdentityFacts,
    Profile,
    SessionFacts,
    SignInDoors,
)
from agent_platform.services.identity._forgetting import forget_leavers
from agent_platform.services.identity._home import home_of
from agent_platform.services.identity._leaving import keep_account, request_deletion, why_stays
from agent_platform.services.identity._operator import admin_link, platform_roles_of
from agent_platform.services.identity._profile import (
    ask_notice_email,
    choose_colours,
    confirm_notice_email,
    get_profile,
    update_profile,
)
from agent_platform.services.identity._rules import (
    PROBLEMS,
    UnsafeSignIn,
    host_name,
    is_outbox_open,
    refuse_unsafe_sign_in,
    sign_in_doors,
    slug_of_host,
)
from agent_platform.services.identity._second_way import ADD_EMAIL, ask_email_identity, confirm_email_identity
from agent_platform.services.identity._sessions import (
    end_all_sessions,
    end_other_sessions,
    end_session,
    find_caller,
    list_sessions,
    open_session,
    refuse_stale,
    revoke_session,
)
from agent_platform.services.identity._sign_in import add_identity, list_identities, remove_identity, sign_in
from agent_platform.services.tenancy import in_platform

__all__ = [
    "ADD_EMAIL",
    "AVATAR_TYPE",
    "PROBLEMS",
    "Browser",
    "CodeFacts",
    "CodePurpose",
    "IdentityFacts",
    "Profile",
    "Provider",
    "SessionFacts",
    "SignInDoors",
    "UnsafeSignIn",
    "add_identity",
    "admin_link",
    "ask_email_identity",
    "ask_notice_email",
    "choose_colours",
    "confirm_email_identity",
    "confirm_notice_email",
    "end_all_sessions",
    "end_other_sessions",
    "end_session",
    "find_caller",
    "forget_leavers",
    "get_profile",
    "home_of",
    "host_name",
    "in_platform",
    "is_outbox_open",
    "issue_code",
    "keep_account",
    "list_identities",
    "list_sessions",
    "open_session",
    "platform_roles_of",
    "read_avatar",
    "redeem_code",
    "refuse_stale",
    "refuse_unsafe_sign_in",
    "remove_avatar",
    "remove_identity",
    "request_deletion",
    "revoke_session",
    "set_avatar",
    "sign_in",
    "sign_in_doors",
    "slug_of_host",
    "update_profile",
    "why_stays",
]
