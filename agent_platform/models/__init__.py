"""All tables; importing this fills SQLModel.metadata."""

from agent_platform.models import (
    agents,
    approvals,
    catalogue,
    egress,
    examples,
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
    "egress",
    "examples",
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
