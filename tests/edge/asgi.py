"""Calls an ASGI application without a server."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    closed: int | None = None


async def ask(
    app, path: str = "/", *, method: str = "GET", headers: Any = (), body: Any = (b"",), **scope: Any
) -> Answer:
    """The answer to one request; `body` is an iterable of chunks."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    chunks, answer = list(body), Answer()

    async def receive():
        if chunks:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
        return {"type": "http.disconnect"}

    async def send(message):
        kind = message["type"]
        if kind.endswith("response.start"):
            assert answer.status == 0, "answered twice"
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif kind.endswith("response.body"):
            answer.body += message.get("body", b"")
        elif kind == "websocket.close":
            answer.closed = message["code"]

    whole = {
        "type": "http",
        "method": method,
        "path": path.partition("?")[0],
        "raw_path": path.partition("?")[0].encode(),
        "query_string": path.partition("?")[2].encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in pairs],
        "client": ("198.51.100.7", 4711),
        "scheme": "http",
        **scope,
    }
    await app(whole, receive, send)
    return answer
