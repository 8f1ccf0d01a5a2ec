import json
import socket

import pytest
from aiosmtpd.controller import Controller

from agent_platform.core import mail
from agent_platform.core.errors import InputInvalid, Unavailable
from agent_platform.core.settings import get_settings

ENVELOPE = {
    "to": "ann@example.com",
    "subject": "Hello\n there",
    "text": "A line\nand a link: https://example.com/?code=x",
}


class Inbox:
    def __init__(self) -> None:
        self.received = []

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802  # the library's name
        self.received.append(envelope)
        return "250 OK"


@pytest.fixture
def configure(settings, monkeypatch):
    def configure(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        return get_settings()

    return configure


@pytest.fixture
def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def smtp(free_port):
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port)
    controller.start()
    try:
        yield inbox, free_port
    finally:
        controller.stop()


def test_local_mode_keeps_mails_newest_first_in_a_private_folder(settings):
    mail.send(**ENVELOPE)
    mail.send(**(ENVELOPE | {"subject": "Second"}))
    assert [kept.subject for kept in mail.list_kept(settings)] == ["Second", "Hello\n there"]
    for path in (settings.data_dir / "mail").iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert json.loads(path.read_text())["to"] == "ann@example.com"


def test_only_the_last_mails_are_kept(settings):
    for number in range(mail.KEPT + 3):
        mail.send(to="a@example.com", subject=str(number), text="x")
    subjects = [kept.subject for kept in mail.list_kept(settings)]
    assert subjects == [str(number) for number in range(mail.KEPT + 2, 2, -1)]


def test_the_terminal_shows_the_link_of_local_mode(settings, capsys):
    mail.send(**ENVELOPE)
    assert "https://example.com/?code=x" in capsys.readouterr().err


def test_a_mail_server_gets_the_message_and_nothing_is_kept(configure, smtp):
    inbox, port = smtp
    settings = configure(SMTP_URL=f"smtp://127.0.0.1:{port}", MAIL_FROM="Platform <no-reply@example.com>")
    mail.send(**ENVELOPE)
    [envelope] = inbox.received
    assert envelope.rcpt_tos == ["ann@example.com"]
    assert b"Subject: Hello there\r\n" in envelope.content
    assert mail.list_kept(settings) == []


def test_a_silent_mail_server_is_said_so(configure, free_port):
    configure(SMTP_URL=f"smtp://127.0.0.1:{free_port}")
    with pytest.raises(Unavailable):
        mail.send(**ENVELOPE)


@pytest.mark.sec
def test_a_server_that_is_not_known_to_be_on_loopback_is_never_spoken_to_in_clear_text(configure, smtp):
    inbox, port = smtp
    configure(SMTP_URL=f"smtp://127.1:{port}")
    with pytest.raises(Unavailable):
        mail.send(**ENVELOPE)
    assert inbox.received == []


@pytest.mark.sec
def test_without_mail_server_nothing_is_kept_beyond_local_mode(configure):
    settings = configure(AP_ENV="production")
    with pytest.raises(Unavailable):
        mail.send(**ENVELOPE)
    assert mail.list_kept(settings) == []


@pytest.mark.parametrize(
    "text", ["Ann@Example.COM", " ann@example.com\n", "a+b@sub.example.co.uk", "o'hara@example.com"]
)
def test_an_address_is_one_in_lower_case(text):
    assert mail.known_address(text) == text.strip().lower()


@pytest.mark.sec
@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "ann@b",
        "ann@example..com",
        "a@b.c, d@e.f",
        "ann@example.com\r\nBcc: x@y.z",
        "ann@exämple.com",
        "a" * 65 + "@b.cc",
        "a@" + "b" * 260 + ".cc",
        "<ann@example.com>",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InputInvalid):
        mail.known_address(text)
