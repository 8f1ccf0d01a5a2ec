"""What stops a server before it serves: one sentence each, with the way to mend it."""

from agent_platform.core.errors import RefusedToStart
from agent_platform.core.settings import LOOPBACK, Settings


class UnsafeStart(RefusedToStart):
    """One sentence: what is unsafe and which setting mends it."""


def refuse_unsafe_settings(settings: Settings) -> None:
    """Returns only if this configuration may face its visitors. Raises: UnsafeStart."""
    if settings.scheme not in {"http", "https"} or not settings.base_host:
        raise UnsafeStart(
            f"AP_BASE_URL ({settings.base_url}) is no address; write https://example.com or http://localhost:3000."
        )
    if settings.base_host in LOOPBACK and settings.env == "production":
        raise UnsafeStart(
            f"AP_ENV=production with AP_BASE_URL ({settings.base_url}) on this machine; set the public address."
        )
    if settings.scheme != "https" and settings.base_host not in LOOPBACK:
        raise UnsafeStart(
            f"AP_BASE_URL ({settings.base_url}) would send sign-ins in clear text; only loopback may use http."
        )
    if settings.base_host.replace(".", "").isdigit() or ":" in settings.base_host:
        raise UnsafeStart(
            f"AP_BASE_URL ({settings.base_url}) is an IP address, which has no subdomains for workspaces; use http://localhost:{settings.port} or a domain."
        )
    if settings.host not in LOOPBACK and settings.base_host in LOOPBACK:
        raise UnsafeStart(
            f"AP_HOST ({settings.host}) listens beyond this machine while AP_BASE_URL ({settings.base_url}) is on it; set the public address."
        )
    missing = [f"DATABASE_URL_{role.upper()}" for role in ("app", "platform") if not settings.role_url(role)]
    if not settings.redis_url:
        missing.append("REDIS_URL")
    if missing:
        raise UnsafeStart(f"The web process needs {', '.join(missing)}; `make run` sets them, production gives them.")
