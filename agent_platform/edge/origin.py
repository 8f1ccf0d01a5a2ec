"""The defence against cross-site requests: tenants are siblings, so SameSite cookies do not keep them apart."""

from typing import Any
from urllib.parse import urlsplit

from agent_platform.core.settings import get_settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# These take tokens or signatures and never read a cookie.
MACHINE_PATHS = ("/v1", "/openai", "/mcp", "/a2a", "/hooks", "/stripe", "/sandbox/payments/v1")
DEFAULT_PORTS = {"http": 80, "https": 443}


def same_origin(origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether Origin is the page's own: public scheme and Host. A missing or `null` Origin is not."""
    return is_own_origin(origin, environ.get("HTTP_HOST", ""))


def is_own_origin(origin: str | None, host: str) -> bool:
    scheme = get_settings().scheme
    return origin is not None and _place(origin) is not None and _place(origin) == _place(f"{scheme}://{host}")


def needs_origin(method: str, path: str) -> bool:
    return method not in SAFE_METHODS and not is_machine_path(path)


def is_machine_path(path: str) -> bool:
    return path.startswith(tuple(f"{prefix}/" for prefix in MACHINE_PATHS)) or path in MACHINE_PATHS


def _place(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url.lower())
        port = parts.port or DEFAULT_PORTS[parts.scheme]
    except (KeyError, ValueError):
        return None
    if not parts.hostname or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port
