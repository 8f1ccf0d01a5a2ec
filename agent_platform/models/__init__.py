"""All tables; importing this fills SQLModel.metadata."""

from agent_platform.models import agents, catalogue, identity, money, runs, settings, tenancy, trust, usage

__all__ = ["agents", "catalogue", "identity", "money", "runs", "settings", "tenancy", "trust", "usage"]
