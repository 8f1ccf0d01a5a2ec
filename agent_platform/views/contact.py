"""What the contact page says and holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent_platform.services import contact
from agent_platform.services.contact import MOST_NAME, MOST_TEXT

__all__ = [
    "CLOSED",
    "FIELDS",
    "HINTS",
    "LABELS",
    "MOST_NAME",
    "MOST_TEXT",
    "OPEN",
    "REQUIRED",
    "SENT",
    "ContactView",
    "topics",
]
CLOSED = (
    "The operator of this installation has not said how to be reached, so there is no form here. If somebody gave you this address, "
    "ask them; an agent's publisher answers reviews on the agent's page, and agents and reviews can be reported there."
)
OPEN = (
    "Your message goes by mail to whoever runs this installation. It is kept nowhere else here. "
    "For a fault of one agent, report it on its page instead."
)
SENT = (
    "Your message is on its way to whoever runs this installation. They answer to the address you gave, if they answer."
)
LABELS: Mapping[str, str] = {
    "email": "Your e-mail address",
    "name": "Your name, if you like",
    "topic": "What it is about",
    "text": "Your message",
}
HINTS: Mapping[str, str] = {"text": f"At most {MOST_TEXT:,} characters."}
REQUIRED = ("email", "text")
FIELDS = tuple(LABELS)


@dataclass(frozen=True)
class ContactView:
    """`faults` by field; `problem` is about the whole. `outbox` is set where mail is kept on this machine."""

    is_open: bool = False
    sent: bool = False
    outbox: bool = False
    problem: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def topics() -> list[tuple[str, str]]:
    return list(contact.TOPICS.items())
