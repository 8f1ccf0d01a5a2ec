"""When parts of the platform did not answer, as the platform itself saw it, and what answers now."""

from agent_platform.services.outages._probes import ELECTED, database_answers, holds, is_at_head, queue_answers
from agent_platform.services.outages._records import BROKER, SILENCE_SECONDS, note_answer, was_out
from agent_platform.services.outages._status import (
    SHOWN_DAYS,
    Answer,
    OutageFacts,
    StatusFacts,
    forget_status,
    read_status,
)

__all__ = [
    "BROKER",
    "ELECTED",
    "SHOWN_DAYS",
    "SILENCE_SECONDS",
    "Answer",
    "OutageFacts",
    "StatusFacts",
    "database_answers",
    "forget_status",
    "holds",
    "is_at_head",
    "note_answer",
    "queue_answers",
    "read_status",
    "was_out",
]
