"""All tables; importing this fills SQLModel.metadata."""

from agent_platform.models import (
    agents,
    approvals,
    catalogue,
    demos,
    egress,
    identity,
    money,
    outages,
    quality,
    reviews,
    runs,
    settings,
    tenancy,
    trust,
    usage,
    wishes,
)

__all__ = [
    "agents",
    "approvals",
    "catalogue",
    "demos",
    "egress",
    "identity",
    "money",
    "outages",
    "quality",
    "reviews",
    "runs",
    "settings",
    "tenancy",
    "trust",
    "usage",
    "wishes",
]
