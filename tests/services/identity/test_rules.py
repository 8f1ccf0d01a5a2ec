import pytest

from agent_platform.core.settings import Settings
from agent_platform.services import identity

LOCAL = {"AP_ENV": "local", "AP_BASE_URL": "http://localhost:3000", "AP_HOST": "127.0.0.1"}
CONDITIONS = {
    "AP_ENV is not local": {"AP_ENV": "production", "AP_BASE_URL": "http://localhost:3000"},
    "GitHub is configured": {"GITHUB_CLIENT_ID": "x", "GITHUB_CLIENT_SECRET": "y"},
    "SMTP_URL is set": {"SMTP_URL": "smtp://localhost"},
    "AP_BASE_URL": {"AP_BASE_URL": "https://agents.example.com"},
    "AP_HOST": {"AP_HOST": "0.0.0.0"},
}


def settings_with(**variables) -> Settings:
    return Settings(_env_file=None, **(LOCAL | variables))


def test_on_a_machine_of_ones_own_the_outbox_is_open():
    assert identity.sign_in_doors(settings_with()) == identity.SignInDoors(github=False, email=True, outbox=True)
    identity.refuse_unsafe_sign_in(settings_with(AP_DEV_SIGN_IN="1"))


@pytest.mark.sec
@pytest.mark.parametrize(("named", "variables"), CONDITIONS.items())
def test_each_condition_alone_closes_the_outbox(named, variables):
    assert identity.sign_in_doors(settings_with(**variables)).outbox is False


@pytest.mark.sec
@pytest.mark.parametrize(("named", "variables"), CONDITIONS.items())
def test_asking_for_development_sign_in_against_a_condition_stops_the_start_and_names_it(named, variables):
    with pytest.raises(identity.UnsafeSignIn, match=named):
        identity.refuse_unsafe_sign_in(settings_with(AP_DEV_SIGN_IN="1", **variables))


@pytest.mark.sec
@pytest.mark.parametrize("variables", [CONDITIONS["AP_BASE_URL"], CONDITIONS["AP_HOST"]])
def test_a_server_beyond_loopback_without_a_provider_does_not_start(variables):
    with pytest.raises(identity.UnsafeSignIn, match="Nobody could sign in"):
        identity.refuse_unsafe_sign_in(settings_with(**variables))
    identity.refuse_unsafe_sign_in(settings_with(SMTP_URL="smtp://mail.example.com", **variables))
    identity.refuse_unsafe_sign_in(settings_with(**CONDITIONS["GitHub is configured"], **variables))


def test_development_sign_in_can_be_declined():
    assert identity.sign_in_doors(settings_with(AP_DEV_SIGN_IN="0")).outbox is False


@pytest.mark.sec
@pytest.mark.parametrize(
    ("env", "url", "safe"),
    [
        ("local", "http://127.0.0.1:5000", True),
        ("local", "http://github.example", False),
        ("production", "http://127.0.0.1:5000", False),
        ("production", "https://github.example", True),
    ],
)
def test_github_is_reached_in_clear_text_on_loopback_only(env, url, safe):
    settings = settings_with(AP_ENV=env, GITHUB_URL=url, SMTP_URL="smtp://localhost")
    if safe:
        identity.refuse_unsafe_sign_in(settings)
    else:
        with pytest.raises(identity.UnsafeSignIn, match="GITHUB_URL"):
            identity.refuse_unsafe_sign_in(settings)


@pytest.mark.parametrize(
    ("netloc", "host", "slug"),
    [
        ("localhost:3000", "localhost", ""),
        ("Acme.LOCALHOST:3000", "acme.localhost", "acme"),
        ("acme.localhost", "acme.localhost", "acme"),
        ("a.b.localhost", "a.b.localhost", ""),
        ("acme.localhost.evil.example", "acme.localhost.evil.example", ""),
        ("[::1]:3000", "[::1]", ""),
        ("", "", ""),
    ],
)
def test_a_host_is_compared_without_port_and_case(netloc, host, slug):
    assert identity.host_name(netloc) == host
    assert identity.slug_of_host(netloc, settings_with()) == slug
