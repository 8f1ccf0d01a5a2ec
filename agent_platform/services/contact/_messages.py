"""One message to the operator. Nothing a visitor typed comes into a header but an address that is one."""

from collections.abc import Mapping
from types import MappingProxyType

import structlog

from agent_platform.core import mail, rate
from agent_platform.core.errors import InputInvalid, Problem, Unavailable
from agent_platform.core.settings import Settings, get_settings
from agent_platform.core.visit import place_of

log = structlog.get_logger()
MOST_NAME = 100
MOST_TEXT = 5_000
TOPICS: Mapping[str, str] = MappingProxyType(
    {
        "question": "A question",
        "problem": "Something does not work",
        "abuse": "Abuse, or a right that is violated",
        "security": "A hole in security",
        "other": "Something else",
    }
)
# Of one address, and of all together, so that nobody fills the operator's mailbox from many.
BY_ADDRESS = "3/minute; 10/hour; 20/day"
BY_ALL = "60/hour; 300/day"
NOT_SENT = "Your message was not sent; it stands below as you wrote it."
TRAP = "website"  # a field that people do not see and programs fill in
LOCAL = "operator@localhost"


class ContactClosed(Unavailable):
    """The installation has no address to write to, or no way to send."""

    code = "contact_closed"


def contact_address(settings: Settings) -> str:
    """Where messages go; empty where the operator has named no address. Local mode keeps its mail, so it needs none."""
    return settings.contact_email or (LOCAL if mail.keeps_mail(settings) else "")


def is_open(settings: Settings) -> bool:
    """Whether a message would arrive: there is an address, and a mail server or the outbox of local mode."""
    return bool(contact_address(settings)) and (bool(settings.smtp_url) or mail.keeps_mail(settings))


def send_message(*, form: Mapping[str, str], address: str) -> None:
    """The message is with the operator's mail server. `address` is where it comes from, and is counted, not sent.

    Raises: ContactClosed, InputInvalid with a problem for each wrong field, RateLimited, Unavailable.
    """
    settings = get_settings()
    if not is_open(settings):
        raise ContactClosed("The operator of this installation takes no messages here. Nothing was sent.")
    if form.get(TRAP, ""):
        log.info("contact_trapped")  # it is told what a person is told, and tries no other way
        return
    email, name, topic, text = _checked(form)
    rate.hit(f"contact:{place_of(address)}", BY_ADDRESS, else_said=NOT_SENT)
    rate.hit("contact", BY_ALL, else_said=NOT_SENT)
    who = f"{name} <{email}>" if name else email
    about = f"From: {who} (as they say; nobody has checked it)\nAbout: {TOPICS[topic]}\nSent at: {settings.base_url}/contact"
    mail.send(
        to=contact_address(settings),
        subject=f"Contact form: {TOPICS[topic]}",
        text=f"{about}\n\n{text}\n",
        reply_to=email,
    )


def _checked(form: Mapping[str, str]) -> tuple[str, str, str, str]:
    """E-mail, name, topic, text. Raises: InputInvalid with every wrong field at once."""
    found: list[Problem] = []
    email = ""
    try:
        email = mail.known_address(form.get("email", ""))
    except InputInvalid:
        found.append(Problem("email", "Enter an e-mail address such as ann@example.com, so that you can be answered."))
    name = " ".join(_printable(form.get("name", "")).split())
    if len(name) > MOST_NAME:
        found.append(Problem("name", f"A name may have {MOST_NAME} characters. Shorten it."))
    topic = form.get("topic", "")
    if topic not in TOPICS:
        found.append(Problem("topic", "Choose what it is about."))
    text = _printable(form.get("text", "")).strip()
    if not text:
        found.append(Problem("text", "Write what you want to say."))
    elif len(text) > MOST_TEXT:
        found.append(
            Problem("text", f"A message may have {MOST_TEXT:,} characters; this has {len(text):,}. Shorten it.")
        )
    if found:
        raise InputInvalid("Nothing was sent yet. Mend what is marked.", errors=tuple(found))
    return email, name, topic, text


def _printable(text: str) -> str:
    """Line breaks and tabs stay; nothing else that moves a cursor, hides or reorders letters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter.isprintable() or letter in "\n\t")
