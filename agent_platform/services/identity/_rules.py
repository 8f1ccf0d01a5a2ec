"""Hosts, doors and the conditions of local mode. Pure."""

from urllib.parse import urlsplit

from agent_platform.core.errors import RefusedToStart
from agent_platform.core.mail import keeps_mail
from agent_platform.core.settings import LOOPBACK, Settings
from agent_platform.services.identity._facts import SignInDoors

COLOR_MODES = ("system", "light", "dark")

# one neutral sentence per outcome; the true reason is in the log under the reference
PROBLEMS = {
    "refused": "That did not work: the link or sign-in is used up, too old, or was begun in another browser. Begin again.",
    "provider": "GitHub did not confirm the sign-in. Begin again.",
    "github_closed": "Sign-in with GitHub is not set up on this server.",
    "email_closed": "Sign-in by e-mail is not set up on this server.",
    "input_invalid": "Enter an e-mail address such as ann@example.com.",
    "rate_limited": "Too many tries. Wait a minute, then try again.",
    "unavailable": "The mail could not be sent. Try again in a minute.",
    "banned": "This account is closed. Write to the operator if you think this is a mistake.",
    "identity_taken": "This sign-in belongs to another account. Remove it there first.",
    "sign_in_too_old": "Adding a sign-in needs a sign-in of the last 10 minutes. Sign out, sign in and try again.",
}


class UnsafeSignIn(RefusedToStart):
    """One sentence that names the setting; the server does not start."""


def host_name(netloc: str) -> str:
    """The host without port, in lower case; what a session is bound to."""
    host = netloc.strip().lower()
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() and not host.endswith("]") else host


def slug_of_host(netloc: str, settings: Settings) -> str:
    """The workspace's address in a host beneath the base domain, else empty."""
    slug, dot, base = host_name(netloc).partition(".")
    return slug if dot and base == settings.base_host else ""


def sign_in_doors(settings: Settings) -> SignInDoors:
    outbox = is_outbox_open(settings)
    return SignInDoors(github=_has_github(settings), email=bool(settings.smtp_url) or outbox, outbox=outbox)


def is_outbox_open(settings: Settings) -> bool:
    """True if mails, sign-in links among them, may be read in the browser: only on a machine of one's own."""
    return settings.dev_sign_in is not False and keeps_mail(settings) and not closed_because(settings)


def refuse_unsafe_sign_in(settings: Settings) -> None:
    """Returns if the configuration lets the right people in and nobody else. Raises: UnsafeSignIn."""
    reasons = closed_because(settings)
    if settings.dev_sign_in and reasons:
        raise UnsafeSignIn(f"AP_DEV_SIGN_IN=1 is refused: {'; '.join(reasons)}. Unset it, or mend these.")
    for name, url in (("GITHUB_URL", settings.github_url), ("GITHUB_API_URL", settings.github_api_url)):
        if not _is_trustworthy(settings, url):
            raise UnsafeSignIn(f"{name} ({url}) must begin with https://, or be on loopback in local mode.")
    if not settings.on_loopback and not _has_github(settings) and not settings.smtp_url:
        raise UnsafeSignIn(
            "Nobody could sign in: a server beyond loopback needs GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, or SMTP_URL."
        )


def closed_because(settings: Settings) -> list[str]:
    """Every condition of development sign-in that does not hold. Read from configuration, never from a request."""
    conditions = {
        "AP_ENV is not local": settings.env != "local",
        "GitHub is configured": bool(settings.github_client_id or settings.github_client_secret),
        "SMTP_URL is set": bool(settings.smtp_url),
        f"AP_BASE_URL ({settings.base_url}) is not on loopback": settings.base_host not in LOOPBACK,
        f"AP_HOST ({settings.host}) listens beyond loopback": settings.host not in LOOPBACK,
    }
    return [reason for reason, fails in conditions.items() if fails]


def _is_trustworthy(settings: Settings, url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (
        settings.env == "local" and parts.scheme == "http" and parts.hostname in LOOPBACK
    )


def _has_github(settings: Settings) -> bool:
    return bool(settings.github_client_id and settings.github_client_secret)
