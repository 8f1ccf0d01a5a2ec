"""Files of a run: what the consumer gave, and what the agent makes."""

from __future__ import annotations

import io

from agent_platform.sdk import _wire
from agent_platform.sdk._door import quoted, refusal
from agent_platform.sdk._errors import AgentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, BinaryIO

    from agent_platform.sdk._door import Broker

MAX_FILE_BYTES = 100 * 1024 * 1024


class Files:
    """`open` reads as a stream; `put` stores under a plain name; `name` is what the consumer calls a file of the input."""

    __slots__ = ("_broker", "_names")

    def __init__(self, broker: Broker, given: Sequence[Mapping[str, Any]] = ()) -> None:
        self._broker = broker
        self._names = {file["id"]: file["name"] for file in given}

    def name(self, file_id: str) -> str:
        """The name under which the file was uploaded; the id itself where none is known."""
        return self._names.get(file_id, file_id)

    def open(self, id_or_name: str) -> BinaryIO:
        """A stream of the file's bytes; close it, or use `with`. Raises: FileNotFoundError."""
        status, stream = self._broker.stream(f"/runtime/v1/files/{quoted(id_or_name)}")
        if status < 300:
            return stream
        with stream:
            answer = stream.read()
        if status == 404:
            raise FileNotFoundError(f"This run has no file {id_or_name!r}.")
        raise refusal(status, answer)

    def put(self, name: str, data: bytes | str | BinaryIO, media_type: str = "application/octet-stream") -> None:
        """The file is stored and shown under `name`; the same name again replaces it. At most 100 MiB."""
        if not name or "/" in name or "\\" in name or name in {".", ".."} or not name.isprintable():
            raise AgentError(
                f"{name!r} is not a plain file name: no slash, no control character.", code="file_name_invalid"
            )
        if isinstance(data, str):
            data = _wire.to_bytes(data)
        source = io.BytesIO(data) if isinstance(data, bytes | bytearray | memoryview) else data
        if not source.seekable():
            source = io.BytesIO(source.read(MAX_FILE_BYTES + 1))
        size = source.seek(0, 2)
        source.seek(0)
        if size > MAX_FILE_BYTES:
            raise AgentError(f"{name} is larger than 100 MiB, the most one file may have.", code="file_too_large")
        status, body = self._broker.upload(f"/runtime/v1/files/{quoted(name)}", source, size, media_type)
        if status >= 300:
            raise refusal(status, body)
