"""What a visitor writes to the operator: checked, limited, mailed, and kept nowhere else (P-12)."""

from agent_platform.services.contact._messages import (
    MOST_NAME,
    MOST_TEXT,
    TOPICS,
    ContactClosed,
    contact_address,
    is_open,
    send_message,
)

__all__ = [
    "MOST_NAME",
    "MOST_TEXT",
    "TOPICS",
    "ContactClosed",
    "contact_address",
    "is_open",
    "send_message",
]
