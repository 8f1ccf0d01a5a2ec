"""The directory: publication and its review, listings and search, permissions and installations, what an address would run."""

from agent_platform.services.catalog._compatibility import breaking_changes
from agent_platform.services.catalog._facets import Facets, facets, forget_facets
from agent_platform.services.catalog._facts import (
    Collection,
    Facet,
    ListingCard,
    ListingFacts,
    Page,
    ReleaseFacts,
    Totals,
)
from agent_platform.services.catalog._figures import refresh_figures
from agent_platform.services.catalog._filters import LEVELS, NEEDS, PRICE_MODELS, Filters
from agent_platform.services.catalog._flags import ensure_flags, flag
from agent_platform.services.catalog._installations import (
    InstallationFacts,
    accept_permissions,
    installation_of,
    may_accept,
)
from agent_platform.services.catalog._labels import price_label
from agent_platform.services.catalog._listings import (
    collections,
    find_listing,
    get_listing,
    list_by_publisher,
    public_release,
    totals,
)
from agent_platform.services.catalog._manifests import manifest_of
from agent_platform.services.catalog._permissions import PermissionFacts, asks_for_more, compared, permissions_of
from agent_platform.services.catalog._publication import (
    RequestFacts,
    get_request,
    list_requests,
    make_stable,
    request_publication,
    withdraw,
    withdraw_request,
    yank,
)
from agent_platform.services.catalog._publish import publish, sync_listing
from agent_platform.services.catalog._review import (
    OpenRequest,
    Submission,
    approve_as_installation,
    decide,
    get_submission,
    list_open_requests,
)
from agent_platform.services.catalog._review_shelf import (
    FIRST_SHOWN,
    ReviewFacts,
    ReviewList,
    list_reviews,
    publish_reply,
    publish_review,
)
from agent_platform.services.catalog._reviews import MOST_TEXT, Standing, reply_to_review, standing, write_review
from agent_platform.services.catalog._runnable import Runnable, find_runnable, history_of, require_accepted
from agent_platform.services.catalog._search import MOST_COUNTED, PAGE_SIZE, SORTS, search
from agent_platform.services.catalog._synonyms import ensure_synonyms
from agent_platform.services.catalog._wishes import (
    Wish,
    answer_agent_request,
    list_agent_requests,
    request_agent,
    shared_agent_requests,
)
from agent_platform.services.catalog.errors import (
    AgentNotFound,
    AgentNotRunnable,
    BreakingChange,
    NotReviewer,
    OwnReview,
    PermissionsNotAccepted,
    PublicationRefused,
    ReviewRefused,
)

__all__ = [
    "FIRST_SHOWN",
    "LEVELS",
    "MOST_COUNTED",
    "MOST_TEXT",
    "NEEDS",
    "PAGE_SIZE",
    "PRICE_MODELS",
    "SORTS",
    "AgentNotFound",
    "AgentNotRunnable",
    "BreakingChange",
    "Collection",
    "Facet",
    "Facets",
    "Filters",
    "InstallationFacts",
    "ListingCard",
    "ListingFacts",
    "NotReviewer",
    "OpenRequest",
    "OwnReview",
    "Page",
    "PermissionFacts",
    "PermissionsNotAccepted",
    "PublicationRefused",
    "ReleaseFacts",
    "RequestFacts",
    "ReviewFacts",
    "ReviewList",
    "ReviewRefused",
    "Runnable",
    "Standing",
    "Submission",
    "Totals",
    "Wish",
    "accept_permissions",
    "answer_agent_request",
    "approve_as_installation",
    "asks_for_more",
    "breaking_changes",
    "collections",
    "compared",
    "decide",
    "ensure_flags",
    "ensure_synonyms",
    "facets",
    "find_listing",
    "find_runnable",
    "flag",
    "forget_facets",
    "get_listing",
    "get_request",
    "get_submission",
    "history_of",
    "installation_of",
    "list_agent_requests",
    "list_by_publisher",
    "list_open_requests",
    "list_requests",
    "list_reviews",
    "make_stable",
    "manifest_of",
    "may_accept",
    "permissions_of",
    "price_label",
    "public_release",
    "publish",
    "publish_reply",
    "publish_review",
    "refresh_figures",
    "reply_to_review",
    "request_agent",
    "request_publication",
    "require_accepted",
    "search",
    "shared_agent_requests",
    "standing",
    "sync_listing",
    "totals",
    "withdraw",
    "withdraw_request",
    "write_review",
    "yank",
]
