"""Mail out: through SMTP, or in local mode kept where the outbox page shows it."""

import json
import re
import smtplib
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog

from agent_platform.core.errors import InputInvalid, Problem, Unavailable
from agent_platform.core.ids import new_id
from agent_platform.core.settings import LOOPBACK, Settings, get_settings

log = structlog.get_logger()
SMTP_SECONDS = 10
KEPT = 200
LONGEST_ADDRESS = 254
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class KeptMail:
    to: str
    subject: str
    text: str
    kept_at: str


def send(*, to: str, subject: str, text: str, reply_to: str = "") -> None:
    """The message is with the mail server, or kept in local mode. `reply_to` is a known address. Raises: Unavailable."""
    settings = get_settings()
    if settings.smtp_url:
        _submit(settings, _message(settings, to, subject, text, reply_to))
    elif keeps_mail(settings):
        _keep(settings, KeptMail(to, subject, text, datetime.now(UTC).isoformat(timespec="seconds")))
    else:
        raise Unavailable(
            "This server has no mail service, so the message was not sent. Ask the operator to set SMTP_URL."
        )


def keeps_mail(settings: Settings) -> bool:
    """True where messages stay on the machine: local mode, everything on loopback, no mail server."""
    return settings.env == "local" and settings.on_loopback and not settings.smtp_url


def list_kept(settings: Settings) -> list[KeptMail]:
    """Kept messages, newest first."""
    return [KeptMail(**json.loads(path.read_text())) for path in reversed(_kept(settings))]


def known_address(text: str) -> str:
    """The address in lower case. Raises: InputInvalid for text that is not one."""
    address = text.strip()
    if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address):
        sentence = "Enter an e-mail address such as ann@example.com. Nothing was sent."
        raise InputInvalid(sentence, errors=(Problem("email", sentence),))
    return address.lower()


def _submit(settings: Settings, message: EmailMessage) -> None:
    server = urlsplit(settings.smtp_url)
    host = server.hostname or ""
    try:
        with _connect(server.scheme, host, server.port) as smtp:
            if server.scheme != "smtps" and (host not in LOOPBACK or smtp.has_extn("starttls")):
                smtp.starttls()
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(message)
    except (smtplib.SMTPException, OSError) as error:
        log.warning("mail_not_sent", error=type(error).__name__)
        raise Unavailable(
            "The mail server does not answer, so the message was not sent. Try again in a minute."
        ) from None


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=SMTP_SECONDS)
    smtp = smtplib.SMTP(host, port or 587, timeout=SMTP_SECONDS)
    smtp.ehlo()
    return smtp


def _message(settings: Settings, to: str, subject: str, text: str, reply_to: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    if reply_to:
        message["Reply-To"] = reply_to
    message.set_content(text)
    return message


def _keep(settings: Settings, mail: KeptMail) -> None:
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{time.time_ns():020}-{new_id().hex}.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(mail)))
    for old in _kept(settings)[:-KEPT]:
        old.unlink(missing_ok=True)
    # not through the log, which would remove the link that whoever reads this terminal is meant to follow
    sys.stderr.write(f"\nMail to {mail.to}: {mail.subject}\n{mail.text}\n\n")


def _kept(settings: Settings) -> list[Path]:
    return sorted(_folder(settings).glob("*.json"))


def _folder(settings: Settings) -> Path:
    return settings.data_dir / "mail"
