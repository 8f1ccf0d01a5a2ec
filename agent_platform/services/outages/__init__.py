"""When parts of the platform did not answer, as the platform itself saw it."""

from agent_platform.services.outages._records import BROKER, SILENCE_SECONDS, note_answer, was_out

__all__ = ["BROKER", "SILENCE_SECONDS", "note_answer", "was_out"]
