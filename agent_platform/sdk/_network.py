"""Requests to the hosts that the manifest declares, made by the broker."""

from __future__ import annotations

import io

from agent_platform.sdk import _wire
from agent_platform.sdk._door import refusal
from agent_platform.sdk._errors import AgentError, NotPermitted, UpstreamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO

    from agent_platform.sdk._door import Broker

MAX_CONTENT_BYTES = 32 * 1024 * 1024
PIECE_BYTES = 64 * 1024


class Response:
    """An answer. `headers` have lower-case names; `content` is read once and kept; `with` or `close` ends a streamed one."""

    def __init__(
        self, status: int, headers: dict[str, str], stream: BinaryIO, *, url: str = "", dry: bool = False
    ) -> None:
        self.status = status
        self.headers = headers
        self.url = url
        self.dry_run = dry
        self._stream = stream
        self._content: bytes | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def content(self) -> bytes:
        """The whole body, decompressed. Raises: UpstreamError past 32 MiB or when the far side broke off."""
        if self._content is None:
            pieces, size = [], 0
            for piece in self.pieces():
                size += len(piece)
                if size > MAX_CONTENT_BYTES:
                    raise UpstreamError(
                        f"{self.url} answers with more than 32 MiB; ask with stream=True.", retryable=False
                    )
                pieces.append(piece)
            self._content = b"".join(pieces)
        return self._content

    @property
    def text(self) -> str:
        """The body in the charset it names, else UTF-8; what does not decode becomes a replacement character."""
        _, _, named = self.headers.get("content-type", "").lower().partition("charset=")
        try:
            return self.content.decode(named.split(";")[0].strip("\"' ") or "utf-8", "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Raises: UpstreamError when the body is not JSON."""
        try:
            return _wire.parse(self.content.decode("utf-8-sig"))
        except ValueError as error:
            raise UpstreamError(f"{self.url} did not answer with JSON: {error}.") from error

    def pieces(self) -> Iterator[bytes]:
        """The body piece by piece, decompressed; each piece is handed out once."""
        unpack = _unpacker(self.headers.get("content-encoding", ""))
        try:
            with self._stream:
                while piece := self._stream.read(PIECE_BYTES):
                    yield unpack(piece)
        except OSError as error:
            raise UpstreamError(f"The answer of {self.url} broke off: {error}") from error

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> Response:  # noqa: PYI034 - importing typing costs a sandbox its start-up time
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Http:
    """`request`, and `get` and `post` for the usual."""

    __slots__ = ("_broker",)

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | str | None = None,
        timeout: float = 30,
        *,
        stream: bool = False,
        redirects: bool = True,
    ) -> Response:
        """The answer, whatever its status. Redirects are followed within the manifest, without your headers of identity.

        Raises: NotPermitted outside the manifest, UpstreamError when there is no answer.
        """
        ask = {"method": method, "url": url, "headers": dict(headers or {}), "timeout": timeout}
        ask |= {"stream": stream, "redirects": redirects} | _body_members(body)
        text = _wire.to_bytes(_wire.to_json(ask, "A request"))
        status, answered, answer = self._broker.exchange("/runtime/v1/http", text, timeout)
        if status >= 300:
            with answer:
                raise _as_error(refusal(status, answer.read()))
        if answered.get(b"ap-framed") == b"1":
            answer = io.BufferedReader(_Framed(answer), PIECE_BYTES)
        dry = answered.get(b"ap-dry-run") == b"1"
        shown = _wire.parse(answered.get(b"ap-headers", b"{}"))
        address = answered.get(b"ap-url", b"").decode("utf-8", "replace") or url
        response = Response(int(answered.get(b"ap-status", b"0")), shown, answer, url=address, dry=dry)
        if not stream:
            response.content  # noqa: B018 - read now, so that the connection is free again
        return response

    def get(self, url: str, **options: Any) -> Response:
        return self.request("GET", url, **options)

    def post(self, url: str, body: bytes | str | None = None, **options: Any) -> Response:
        return self.request("POST", url, body=body, **options)


class _Framed(io.RawIOBase):
    """The pieces of a streamed body, each behind its length, with a last word that says whether it is whole."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = 0
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left and not self._over:
            self._next_piece()
        view = memoryview(buffer)[: self._left]
        content = self._stream.read(len(view))
        if len(content) < len(view):
            raise ConnectionResetError("it ended within a piece")
        view[:] = content
        self._left -= len(content)
        return len(content)

    def close(self) -> None:
        self._stream.close()
        super().close()

    def _next_piece(self) -> None:
        line = self._stream.readline(4096)
        if line.startswith(b"!") or not line.endswith(b"\n"):
            raise ConnectionResetError(line[1:].decode("utf-8", "replace").strip() or "it has no end")
        self._left = int(line, 16)
        self._over = not self._left


def _body_members(body: bytes | str | None) -> dict[str, str]:
    if body is None:
        return {}
    if isinstance(body, str):
        return {"body": body}
    from binascii import b2a_base64

    return {"body_base64": b2a_base64(body, newline=False).decode("ascii")}


def _as_error(error: AgentError) -> AgentError:
    if error.code in {"not_permitted", "address_refused"}:
        return NotPermitted(error.text)
    return UpstreamError(error.text) if error.code == "upstream_failed" else error


def _unpacker(encoding: str) -> Any:
    """We ask for no compression; a service that compresses all the same is understood."""
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return bytes
    import zlib

    return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress
