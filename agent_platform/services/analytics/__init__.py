"""Usage: facts written where runs settle, roll-ups that charts read."""

from agent_platform.services.analytics._record import record_run

__all__ = ["record_run"]
