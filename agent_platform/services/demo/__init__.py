"""What a first start shows: real publishers, real agents from `agents/`, and history made by really running them."""

from agent_platform.services.demo._seed import seed

__all__ = ["seed"]
