"""How much a request may bring, counted while it streams and before anybody parses it."""

from starlette.types import Message, Receive

from agent_platform.core.uploads import DEMO_UPLOADS, MOST_DEMO_BYTES, MOST_UPLOAD_BYTES
from agent_platform.edge.refusals import Refusal

JSON_BYTES = 1 << 20
UPLOAD_PATHS = ("/uploads", "/v1/files")
FORM_BYTES = 64 << 10  # around a file
PICTURE_BYTES = 2 << 20  # one picture of 1 MiB and the form around it
PICTURE_PATH = "/people/picture"


def body_limit(path: str) -> int:
    if path == PICTURE_PATH:
        return PICTURE_BYTES
    if path.startswith(f"{DEMO_UPLOADS}/"):
        return MOST_DEMO_BYTES + FORM_BYTES
    return MOST_UPLOAD_BYTES if path in UPLOAD_PATHS else JSON_BYTES


def is_upload(path: str) -> bool:
    """Whether a script sends a file there, which reads why it was refused."""
    return path in UPLOAD_PATHS or path.startswith(f"{DEMO_UPLOADS}/")


def refuse_long_body(headers: dict[bytes, bytes], limit: int) -> None:
    """Raises: Refusal 413 for a declared length beyond the limit, 400 for a length that is no number."""
    declared = headers.get(b"content-length")
    if declared is None:
        return
    if not declared.isdigit():
        raise Refusal(400, "The Content-Length of this request is malformed.")
    if int(declared) > limit:
        raise too_large(limit)


def too_large(limit: int) -> Refusal:
    return Refusal(413, f"At most {limit >> 20} MiB may be sent here. Nothing was stored.")


class CountedBody:
    """A `receive` that ends like a lost connection once the limit is passed; `passed` tells the edge why."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.passed = False

    async def __call__(self) -> Message:
        if self.passed:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self.passed = self._left < 0
        return {"type": "http.disconnect"} if self.passed else message
