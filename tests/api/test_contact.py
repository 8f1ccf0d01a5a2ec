"""The contact form, as browsers and programs send it."""

import pytest
from starlette.applications import Starlette

from agent_platform import api
from agent_platform.api import contact
from agent_platform.core import mail
from agent_platform.core.settings import get_settings
from agent_platform.edge.wrap import Edge
from agent_platform.services.contact import TOPICS, is_open
from agent_platform.services.contact._messages import BY_ADDRESS
from tests.api.site.reading import Read
from tests.doubles.browser import Browser

SENT = {
    "email": "Ann@Example.com",
    "name": "Ann",
    "topic": "problem",
    "text": "The page\r\nis <b>blank</b>.",
    "website": "",
}


@pytest.fixture
async def open_browser(settings, tmp_path):
    browsers: list[Browser] = []
    page = tmp_path / "contact" / "index.html"  # as the front end is built: the edge leads there
    page.parent.mkdir()
    page.write_text("built")

    def open_browser(address="127.0.0.1") -> Browser:
        edge = Edge(Starlette(routes=api.guarded(contact.routes())), get_settings(), tmp_path)
        browsers.append(Browser(edge, get_settings().base_url, address=address))
        return browsers[-1]

    yield open_browser
    for browser in browsers:
        await browser.close()


@pytest.fixture
def browser(open_browser):
    return open_browser()


def kept():
    return mail.list_kept(get_settings())


async def test_a_message_reaches_the_operator_s_mail_and_nothing_else_keeps_it(browser, database):
    answer = await browser.post("/contact", SENT)
    assert (answer.status_code, answer.headers["location"]) == (303, "/contact?sent=1")
    (message,) = kept()
    assert (message.to, message.subject) == ("operator@localhost", "Contact form: Something does not work")
    assert message.text.startswith("From: Ann <ann@example.com> (as they say; nobody has checked it)\n")
    assert message.text.endswith("\n\nThe page\nis <b>blank</b>.\n")


async def test_it_goes_to_the_address_that_the_operator_has_named(browser, configure):
    configure(AP_CONTACT_EMAIL="help@agents.example")
    await browser.post("/contact", SENT)
    assert kept()[0].to == "help@agents.example"


async def test_what_is_wrong_is_said_beside_each_field_and_nothing_typed_is_lost(browser):
    answer = await browser.post("/contact", {"email": "nobody", "name": "A" * 101, "topic": "x", "text": " \r\n "})
    page = Read.of(answer.text)
    assert answer.status_code == 422
    assert "no-store" in answer.headers["cache-control"]
    for said in ("Enter an e-mail address", "Shorten it", "Choose what it is about", "Write what you want to say"):
        assert said in page.text
    values = {found["name"]: found.get("value") for tag, found in page.tags if tag == "input" and "name" in found}
    assert (values["email"], values["name"]) == ("nobody", "A" * 101)
    assert kept() == []


async def test_a_message_that_is_too_long_comes_back_whole(browser):
    answer = await browser.post("/contact", {**SENT, "text": "ä" * 5_001})
    assert answer.status_code == 422
    assert "this has 5,001" in answer.text
    assert "ä" * 5_001 in answer.text
    assert (await browser.post("/contact", {**SENT, "text": "\U0001f600" * 5_000})).status_code == 303


@pytest.mark.sec
@pytest.mark.parametrize("field", ["email", "name", "topic", "text"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\0"])
async def test_no_field_adds_a_header_or_a_reader(browser, field, end):
    attack = f"{SENT[field]}{end}Bcc: all@example.com{end}Subject: Buy{end}{end}Coins"
    answer = await browser.post("/contact", {**SENT, field: attack})
    if answer.status_code == 422:
        assert kept() == []
        return
    (message,) = kept()
    assert (message.to, message.subject) == ("operator@localhost", f"Contact form: {TOPICS['problem']}")
    built = mail._message(get_settings(), message.to, message.subject, message.text, "ann@example.com")
    assert sorted(name for name in built if not name.startswith(("MIME", "Content"))) == [
        "From",
        "Reply-To",
        "Subject",
        "To",
    ]


@pytest.mark.sec
async def test_what_was_typed_stays_words_on_the_page_that_gives_it_back(browser):
    for words in ('"><script>alert(1)</script>', "</textarea><script>alert(1)</script>", "' onfocus=alert(1) x='"):
        answer = await browser.post("/contact", {"email": words, "name": words, "topic": words, "text": words})
        page = Read.of(answer.text)
        assert answer.status_code == 422
        assert [tag for tag, _ in page.tags if tag in {"script", "iframe"}] == []
        assert not [name for _, found in page.tags for name in found if name.startswith("on")]


async def test_a_program_that_fills_in_everything_is_told_the_same_and_sends_nothing(browser):
    answer = await browser.post("/contact", {**SENT, "website": "https://spam.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/contact?sent=1")
    assert kept() == []


@pytest.mark.sec
async def test_one_address_sends_only_so_much_and_is_told_when_to_come_back(open_browser):
    browser, most = open_browser(), int(BY_ADDRESS.partition("/")[0])
    for number in range(most):
        assert (await browser.post("/contact", {**SENT, "text": f"Number {number}"})).status_code == 303
    answer = await browser.post("/contact", SENT)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "is &lt;b&gt;blank" in answer.text
    assert "then try again. Your message was not sent; it stands below as you wrote it." in answer.text
    assert len(kept()) == most
    assert (await open_browser("203.0.113.9").post("/contact", SENT)).status_code == 303


@pytest.mark.sec
async def test_addresses_of_one_ipv6_customer_share_a_limit(open_browser):
    most = int(BY_ADDRESS.partition("/")[0])
    statuses = [(await open_browser(f"2001:db8:1:2::{n}").post("/contact", SENT)).status_code for n in range(most + 1)]
    assert statuses == [303] * most + [429]
    assert (await open_browser("2001:db8:1:3::1").post("/contact", SENT)).status_code == 303


async def test_without_an_address_or_a_way_to_send_the_form_says_so(browser, configure):
    configure(AP_ENV="production", AP_BASE_URL="https://agents.example", AP_HOST="0.0.0.0")
    for more in (
        {},
        {"AP_CONTACT_EMAIL": "help@agents.example"},
        {"AP_CONTACT_EMAIL": "", "SMTP_URL": "smtp://127.0.0.1:9"},
    ):
        configure(**more)

        assert not is_open(get_settings())
    configure(AP_CONTACT_EMAIL="help@agents.example")
    assert is_open(get_settings())


async def test_a_mail_server_that_does_not_answer_loses_nothing(browser, configure):
    configure(SMTP_URL="smtp://127.0.0.1:9", AP_CONTACT_EMAIL="help@agents.example")
    answer = await browser.post("/contact", SENT)
    assert answer.status_code == 503
    assert "The mail server does not answer" in answer.text
    assert "is &lt;b&gt;blank" in answer.text


@pytest.mark.sec
async def test_another_site_cannot_send_it_for_somebody(browser):
    answer = await browser.post("/contact", SENT, origin="https://evil.example")
    assert answer.status_code == 403
    assert kept() == []


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
async def test_what_is_no_form_is_refused(browser, kind):
    assert (await browser.post("/contact", SENT, **{"content-type": kind})).status_code == 422
    assert kept() == []
