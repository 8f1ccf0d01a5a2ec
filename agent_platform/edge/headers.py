"""What every answer carries, whoever made it: errors, files, redirects and refused sockets too."""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from starlette.types import Message

from agent_platform.core.settings import Settings

INLINE_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
PERMISSIONS = (
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation"),
    *("gyroscope", "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
POLICY = (
    "default-src 'self'; script-src 'self'{hashes}{scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:{images}; "
    "connect-src 'self' {socket}{calls}; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' https://checkout.stripe.com https://billing.stripe.com"
)
# Source: developers.google.com/tag-platform/security/guides/csp, Google Analytics 4 without signals.
ANALYTICS = {
    "scripts": " https://www.googletagmanager.com",
    "images": " https://*.google-analytics.com https://*.googletagmanager.com",
    "calls": " https://*.google-analytics.com https://*.analytics.google.com https://*.googletagmanager.com",
}
NOTHING = dict.fromkeys(ANALYTICS, "")
DROPPED = (b"access-control-", b"server", b"x-powered-by")
YEAR = 31_536_000
ASSET = f"public, max-age={YEAR}, immutable".encode()
REVALIDATED = b"no-cache"
PRIVATE = b"private, no-store"
ROBOTS = b"x-robots-tag"


class SecurityHeaders:
    """The hashes of inline scripts are read from the built pages once, at start; each page allows its own."""

    def __init__(self, settings: Settings, built: Path) -> None:
        self._hashes = {page_path(page, built): script_hashes([page]) for page in built.rglob("*.html")}
        self._shell = script_hashes(path for path in built.glob("*.html") if path.name != "index.html")
        self._socket_scheme = "wss" if settings.scheme == "https" else "ws"
        self._fixed = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"permissions-policy", ", ".join(f"{name}=()" for name in PERMISSIONS).encode()),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        if settings.scheme == "https":
            self._fixed.append((b"strict-transport-security", f"max-age={2 * YEAR}; includeSubDomains".encode()))

    def add(
        self,
        message: Message,
        *,
        host: str,
        path: str,
        has_cookie: bool,
        request_id: str,
        hidden: bool = False,
        counted: bool = False,
    ) -> Message:
        """The start message with our headers in place of whatever the application said about the same.

        Its content policy stays beside ours: a browser obeys both, so it can only narrow. `hidden` is for pages of
        workspaces, of which search engines list nothing; elsewhere they list no page that does not say that they may. `counted`
        is for public pages whose reader has let Analytics in.
        """
        ours = [
            *self._fixed,
            (b"content-security-policy", self._content_policy(host, path, ANALYTICS if counted else NOTHING).encode()),
            (b"x-request-id", request_id.encode()),
        ]
        names = {name for name, _ in ours} - {b"content-security-policy"}
        kept = [
            (name, value)
            for name, value in message.get("headers", ())
            if name.lower() not in names and not name.lower().startswith(DROPPED)
        ]
        kept = _with_cache_control(kept, message["status"], path=path, has_cookie=has_cookie)
        kept = _with_robots(kept, hidden=hidden)
        return {**message, "headers": kept + ours}

    def _content_policy(self, host: str, path: str, others: dict[str, str]) -> str:
        # an address without a page of its own gets the shell, which the browser's router fills
        hashes = self._hashes.get(path.rstrip("/") or "/", self._shell)
        sources = "".join(f" 'sha256-{digest}'" for digest in hashes)
        return POLICY.format(hashes=sources, socket=f"{self._socket_scheme}://{host}", **others)


def page_path(page: Path, built: Path) -> str:
    """The address of a built page: `agents/index.html` answers `/agents`."""
    inner = page.relative_to(built)
    return "/" + (inner.parent if inner.name == "index.html" else inner).as_posix().removeprefix(".")


def script_hashes(pages: Iterable[Path]) -> list[str]:
    """Base64 SHA-256 of every inline script of these pages, sorted."""
    found = set()
    for page in pages:
        for attributes, script in INLINE_SCRIPT.findall(page.read_text(encoding="utf-8")):
            if "src=" not in attributes and script:
                found.add(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode())
    return sorted(found)


def _with_cache_control(
    headers: list[tuple[bytes, bytes]], status: int, *, path: str, has_cookie: bool
) -> list[tuple[bytes, bytes]]:
    said = {name.lower(): value for name, value in headers}
    if b"set-cookie" in said:
        return [*(pair for pair in headers if pair[0].lower() != b"cache-control"), (b"cache-control", PRIVATE)]
    if b"cache-control" in said:
        return headers
    return [*headers, (b"cache-control", _cache_control(said, status, path=path, has_cookie=has_cookie))]


def _with_robots(headers: list[tuple[bytes, bytes]], *, hidden: bool) -> list[tuple[bytes, bytes]]:
    said = {name.lower(): value for name, value in headers}
    if hidden:
        return [*(pair for pair in headers if pair[0].lower() != ROBOTS), (ROBOTS, b"noindex, nofollow")]
    is_page = said.get(b"content-type", b"").startswith(b"text/html")
    return [*headers, (ROBOTS, b"noindex")] if is_page and ROBOTS not in said else headers


def _cache_control(said: dict[bytes, bytes], status: int, *, path: str, has_cookie: bool) -> bytes:
    is_file = b"etag" in said or b"last-modified" in said  # built files are the same for everybody
    if path.startswith("/assets/") and is_file and status in {200, 206, 304}:
        return ASSET
    return PRIVATE if has_cookie and not is_file else REVALIDATED
