"""A double of a model service that answers nobody before so many have asked, and then lets them wait on: what many agents meet at once."""

import asyncio
import json
import threading
import time

ANSWER = {
    "object": "chat.completion",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}],
}
QUIET_SECONDS = 15.0


class SlowModel:
    """Answers all `seconds` after the last of `wanted` has asked, or after nobody new has asked for a while."""

    def __init__(self, port: int, wanted: int, seconds: float) -> None:
        self.asked = self.waiting = self.most_waiting = 0
        self._port, self._wanted, self._seconds = port, wanted, seconds
        self._last = time.monotonic()
        self._ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._ready.wait(10)

    async def _serve(self) -> None:
        async with await asyncio.start_server(self._client, "127.0.0.1", self._port, backlog=4096) as server:
            self._ready.set()
            await server.serve_forever()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            await reader.readexactly(int(length or 0))
            await self._turn()
            body = json.dumps(ANSWER).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
            writer.write(body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # who asked has gone
        finally:
            writer.close()

    async def _turn(self) -> None:
        self._last = time.monotonic()
        self.asked += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        while self.asked < self._wanted and time.monotonic() - self._last < QUIET_SECONDS:  # noqa: ASYNC110 - time alone ends it too
            await asyncio.sleep(1)
        await asyncio.sleep(self._seconds)
        self.waiting -= 1
