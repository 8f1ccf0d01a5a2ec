"""A server's certificate, seen by a handshake of our own through the tunnel that the platform opens to declared hosts."""

import base64
import contextlib
import hashlib
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote, urlsplit

from tlswatch.der import BadCertificate, read_certificate

MOST_ANSWER_BYTES = 32_768
PROXY = "HTTPS_PROXY"
# Source: OpenSSL, x509_vfy.h
REASONS = {
    9: "The certificate is not valid yet.",
    10: "The certificate has expired.",
    18: "The certificate is signed by itself, so no browser trusts it.",
    19: "The chain ends in an authority that signs itself and that nobody knows.",
    20: "The issuer is not known, or the server does not send the whole chain.",
    21: "The server does not send the whole chain.",
    23: "The certificate was revoked.",
    62: "The certificate is for other names than this host.",
    64: "The certificate is for other addresses than this one.",
}


@dataclass
class Seen:
    """`fault` is a sentence when the connection cannot be trusted or made; `trust` says it in a few words."""

    trust: str = "not looked at"
    fault: str = ""
    version: str | None = None
    issuer: str | None = None
    fingerprint: str | None = None
    not_after: datetime | None = None
    names: list[str] = field(default_factory=list)


class NoTunnel(Exception):
    """No bytes reach the server; the text says why."""


def look_at(host: str, seconds: float) -> Seen:
    """One handshake that trusts what browsers trust; where that fails, another that only looks."""
    if not os.environ.get(PROXY):
        return Seen(trust="not looked at: no tunnel is open here")
    try:
        with _secured(host, seconds, ssl.create_default_context()) as secure:
            return _described(secure, Seen(trust="trusted"))
    except ssl.SSLCertVerificationError as error:
        reason = REASONS.get(error.verify_code, f"The certificate is not trusted: {error.verify_message}.")
        return _only_looked(host, seconds, reason)
    except NoTunnel as error:
        return Seen(trust="not looked at: no connection", fault=str(error))
    except (OSError, ValueError) as error:
        return Seen(trust="no TLS", fault=f"No secure connection: {_plain(error)}.")


def _only_looked(host: str, seconds: float, reason: str) -> Seen:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    seen = Seen(trust="not trusted", fault=reason)
    try:
        with _secured(host, seconds, context) as secure:
            return _described(secure, seen)
    except (NoTunnel, OSError, ValueError):
        return seen


def _described(secure: ssl.SSLSocket, seen: Seen) -> Seen:
    content = secure.getpeercert(binary_form=True) or b""
    seen.version = secure.version()
    seen.fingerprint = hashlib.sha256(content).hexdigest()
    try:
        found = read_certificate(content)
    except BadCertificate as error:
        seen.fault = seen.fault or f"The certificate cannot be read: {error}."
        return seen
    seen.issuer, seen.not_after, seen.names = found.issuer, found.not_after, found.names
    return seen


@contextmanager
def _secured(host: str, seconds: float, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    raw = _tunnel(host, seconds)
    try:
        secure = context.wrap_socket(raw, server_hostname=host)
    except BaseException:
        raw.close()
        raise
    try:
        yield secure
    finally:
        with contextlib.suppress(OSError):
            secure.close()


def _tunnel(host: str, seconds: float) -> socket.socket:
    """A socket whose far end is port 443 of the host. Raises: NoTunnel."""
    proxy = urlsplit(os.environ.get(PROXY, ""))
    if not proxy.hostname or not proxy.port:
        raise NoTunnel("The address of the tunnel cannot be read, so the certificate was not looked at.")
    secret = base64.b64encode(f"{unquote(proxy.username or '')}:{unquote(proxy.password or '')}".encode()).decode()
    place = f"[{host}]:443" if ":" in host else f"{host}:443"
    try:
        raw = socket.create_connection((proxy.hostname, proxy.port), timeout=seconds)
    except OSError as error:
        raise NoTunnel(f"The way to the network is closed ({_plain(error)}).") from error
    try:
        raw.sendall(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nProxy-Authorization: Basic {secret}\r\n\r\n".encode())
        line = _first_line(raw)
    except OSError as error:
        raw.close()
        raise NoTunnel(f"{host} did not answer within {seconds:g} s.") from error
    _, _, rest = line.partition(" ")
    status, _, sentence = rest.partition(" ")
    if status != "200":
        raw.close()
        raise NoTunnel(sentence.strip() or f"The connection to {host} was refused.")
    return raw


def _first_line(raw: socket.socket) -> str:
    """The first line of the proxy's answer, whose head is read to its end and not one byte further."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = raw.recv(1)
        if not piece or len(head) > MOST_ANSWER_BYTES:
            raise OSError("no whole answer")
        head += piece
    return head.partition(b"\r\n")[0].decode("latin-1")


def _plain(error: Exception) -> str:
    """What OpenSSL or the system says, without its numbers."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.replace("_", " ").lower()
    if isinstance(error, TimeoutError):
        return "the server did not answer in time"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
