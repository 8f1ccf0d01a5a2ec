import pytest

from agent_platform.api import sign_in
from agent_platform.core import mail
from agent_platform.services import identity
from tests.doubles.people import arrive

CONDITIONS = [
    {"AP_ENV": "production"},
    {"GITHUB_CLIENT_ID": "x", "GITHUB_CLIENT_SECRET": "y"},
    {"SMTP_URL": "smtp://localhost"},
    {"AP_BASE_URL": "https://agents.example.com", "SMTP_URL": "smtp://localhost"},
    {"AP_HOST": "0.0.0.0", "SMTP_URL": "smtp://localhost"},
]


async def test_in_local_mode_the_outbox_shows_what_was_sent_with_a_live_link(settings, open_browser):
    browser = open_browser()
    assert "No mail yet" in (await browser.get("/sandbox/mail")).text
    await browser.post("/auth/email", {"email": "ann@example.com"})
    page = await browser.get("/sandbox/mail")
    assert "To ann@example.com" in page.text
    assert f'href="{settings.base_url}/auth/email/finish?code=' in page.text
    assert (settings.data_dir / "mail").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("color_mode", "mode", "dark"),
    [
        ("system", "dark", 'tokens-dark.css" media="(prefers-color-scheme: dark)"'),
        ("dark", "dark", 'tokens-dark.css">'),
    ],
)
async def test_the_outbox_has_the_header_of_every_page_and_the_colours_of_its_reader(
    settings, open_browser, color_mode, mode, dark
):
    ann = arrive("Ann Lee", 1)
    identity.in_platform(identity.choose_colours, user_id=ann.id, color_mode=color_mode)
    browser = open_browser()
    page = (await browser.get("/sandbox/mail")).text
    assert 'class="public-head"' in page
    assert 'media="(prefers-color-scheme: dark)"' in page
    assert 'href="/sign-in">Sign in' in page
    token = identity.in_platform(identity.open_session, user_id=ann.id, browser=identity.Browser("localhost", "", ""))
    browser.cookies["localhost"] = {"ap_sid": token}
    own = (await browser.get("/sandbox/mail")).text
    assert f'class="{mode}"' in own
    assert dark in own
    assert 'href="/auth/home">Your workspace' in own


async def test_who_chose_light_gets_no_dark_sheet(settings, open_browser):
    ann = arrive("Ann Lee", 1)
    identity.in_platform(identity.choose_colours, user_id=ann.id, color_mode="light")
    browser = open_browser()
    token = identity.in_platform(identity.open_session, user_id=ann.id, browser=identity.Browser("localhost", "", ""))
    browser.cookies["localhost"] = {"ap_sid": token}
    assert "tokens-dark" not in (await browser.get("/sandbox/mail")).text


@pytest.mark.sec
@pytest.mark.parametrize("variables", CONDITIONS)
async def test_without_one_condition_the_outbox_is_not_there(configure, variables):
    paths = {route.path for route in sign_in.routes(configure(**variables))}
    assert "/sandbox/mail" not in paths
    assert "/auth/github" in paths


@pytest.mark.sec
@pytest.mark.parametrize("variables", CONDITIONS)
async def test_asking_for_it_without_one_condition_stops_the_start(configure, variables):
    with pytest.raises(identity.UnsafeSignIn, match="AP_DEV_SIGN_IN=1 is refused"):
        sign_in.routes(configure(AP_DEV_SIGN_IN="1", **variables))


@pytest.mark.sec
async def test_a_forged_host_or_forwarding_header_opens_nothing(github, open_browser):
    browser = open_browser()
    for headers in (
        {"x-forwarded-for": "127.0.0.1"},
        {"x-forwarded-host": "localhost"},
        {"forwarded": "for=127.0.0.1;host=localhost"},
        {"x-real-ip": "127.0.0.1"},
    ):
        assert (await browser.get("/sandbox/mail", **headers)).text == "a page"
    assert (await browser.get("/sandbox/mail", host="127.0.0.1")).status_code == 421


@pytest.mark.sec
async def test_with_github_alone_no_mail_is_kept_anywhere(github, open_browser, settings):
    closed = await open_browser().post("/auth/email", {"email": "ann@example.com"})
    assert closed.headers["location"].startswith("/sign-in?problem=email_closed")
    assert mail.list_kept(settings) == []
