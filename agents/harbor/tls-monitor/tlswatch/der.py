"""As much of X.509 as a monitor needs, read from any bytes without trust in them.

Source: RFC 5280 sections 4.1 and 4.2.1.6, ITU-T X.690.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

INTEGER, OBJECT_ID, UTC_TIME, GENERAL_TIME, SEQUENCE, VERSION, EXTENSIONS = 0x02, 0x06, 0x17, 0x18, 0x30, 0xA0, 0xA3
COMMON_NAME, ORGANISATION, ALTERNATIVE_NAMES = b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x1d\x11"
DNS_NAME, IP_ADDRESS = 0x82, 0x87
WIDE_TEXT = 0x1E
MOST_NAMES = 100
MOST_CHARACTERS = 200


class BadCertificate(Exception):
    """The bytes are not what X.509 says."""


@dataclass(frozen=True)
class Certificate:
    """`issuer` is its organisation and common name; `names` are what the certificate is valid for."""

    issuer: str
    not_after: datetime
    names: list[str]


def read_certificate(content: bytes) -> Certificate:
    """Raises: BadCertificate."""
    try:
        return _read(content)
    except (ValueError, IndexError, OverflowError, StopIteration) as error:
        raise BadCertificate(str(error) or "it ends too soon") from None


def _read(content: bytes) -> Certificate:
    _, whole = next(_parts(content))
    _, body = next(_parts(whole))
    parts = list(_parts(body))
    if parts and parts[0][0] == VERSION:
        parts.pop(0)
    # serial number, signature, issuer, validity, subject, key, then what is optional
    issuer, validity, subject = parts[2][1], parts[3][1], parts[4][1]
    extensions = next((value for kind, value in parts[6:] if kind == EXTENSIONS), b"")
    times = [_moment(kind, value) for kind, value in _parts(validity)]
    names = _alternative_names(extensions) or [name for name in [_attribute(subject, COMMON_NAME)] if name]
    issued_by = ", ".join(dict.fromkeys(filter(None, (_attribute(issuer, ORGANISATION), _attribute(issuer, COMMON_NAME)))))
    return Certificate(issued_by, times[1], names)


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each element as its first byte and its content. Raises: ValueError for a length that does not fit."""
    at = 0
    while at < len(content):
        kind, length = content[at], content[at + 1]
        at += 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4:
                raise ValueError("a length has no bounds")
            length = int.from_bytes(content[at : at + count], "big")
            at += count
        if at + length > len(content):
            raise ValueError("an element is longer than what holds it")
        yield kind, content[at : at + length]
        at += length


def _attribute(name: bytes, wanted: bytes) -> str:
    """The first value of this kind in a distinguished name."""
    for _, relative in _parts(name):
        for _, pair in _parts(relative):
            (_, kind), (tag, value), *_ = _parts(pair)
            if kind == wanted:
                return _text(value, "utf-16-be" if tag == WIDE_TEXT else "utf-8")
    return ""


def _alternative_names(extensions: bytes) -> list[str]:
    for _, listed in _parts(extensions):
        for _, one in _parts(listed):
            (_, kind), *_, (_, value) = _parts(one)
            if kind == ALTERNATIVE_NAMES:
                return [name for _, inner in _parts(value) for name in _names(inner)][:MOST_NAMES]
    return []


def _names(listed: bytes) -> Iterator[str]:
    for kind, value in _parts(listed):
        if kind == DNS_NAME:
            yield _text(value, "ascii")
        elif kind == IP_ADDRESS and len(value) in {4, 16}:
            yield str(ipaddress.ip_address(value))


def _text(value: bytes, codec: str) -> str:
    text = value[: 4 * MOST_CHARACTERS].decode(codec, "replace")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)[:MOST_CHARACTERS]


def _moment(kind: int, value: bytes) -> datetime:
    """Two-digit years below 50 are of this century. Source: RFC 5280 section 4.1.2.5.1."""
    text = value.decode("ascii")
    if kind == UTC_TIME:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
