"""What is offered: publication, the public catalogue, and what a workspace may run."""

from agent_platform.services.catalog._figures import refresh_figures
from agent_platform.services.catalog._publication import (
    decide,
    list_requests,
    may_review_itself,
    request_publication,
    withdraw_listing,
    withdraw_request,
)
from agent_platform.services.catalog._publish import price_label, publish, withdraw
from agent_platform.services.catalog._runnable import (
    Runnable,
    find_runnable,
    history_of,
    installation_of,
    manifest_of,
    require_accepted,
)
from agent_platform.services.catalog.errors import (
    AgentNotFound,
    AgentNotRunnable,
    PermissionsNotAccepted,
    PublicationRefused,
)

__all__ = [
    "AgentNotFound",
    "AgentNotRunnable",
    "PermissionsNotAccepted",
    "PublicationRefused",
    "Runnable",
    "decide",
    "find_runnable",
    "history_of",
    "installation_of",
    "list_requests",
    "manifest_of",
    "may_review_itself",
    "price_label",
    "publish",
    "refresh_figures",
    "request_publication",
    "require_accepted",
    "withdraw",
    "withdraw_listing",
    "withdraw_request",
]
