"""Rows whose fate is certain before the broker has answered, and the order in which it hears of them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from agent_platform.sdk._door import Broker
    from agent_platform.sdk._outbox import Outbox

ANY_EVENT = "*"


class Room:
    """What the broker will surely take from this attempt: only the attempt itself uses it up."""

    __slots__ = ("_bytes", "_micro_usd", "_prices", "_rows", "promised_micro_usd")

    def __init__(self, prices: dict[str, int] | None = None, room: dict[str, int] | None = None) -> None:
        self._prices = prices or {}
        self.refresh(room)

    def refresh(self, room: dict[str, int] | None) -> None:
        """As the broker said when it had heard everything; None: nothing is certain."""
        told = room or {}
        self._micro_usd, self._rows, self._bytes = (told.get(name, 0) for name in ("micro_usd", "rows", "bytes"))
        self.promised_micro_usd = 0

    def take(self, event: str | None, size: int) -> bool:
        """Whether a row of this event is certain to be stored and charged; if so, its room is taken."""
        price = self._prices.get(event or "")
        if price is None:
            price = self._prices.get(ANY_EVENT)
        if price is None or self._rows < 1 or size > self._bytes or price > self._micro_usd:
            return False
        self._rows -= 1
        self._bytes -= size
        self._micro_usd -= price
        self.promised_micro_usd += price
        return True


class InOrder:
    """The broker, asked only when it has stored the rows emitted before: whatever it does may rest on them."""

    def __init__(self, broker: Broker, outbox: Outbox) -> None:
        self._broker = broker
        self._outbox = outbox

    def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        self._outbox.deliver_rows()
        lends = target.startswith("/runtime/v1/agents")  # what is lent to a child is no longer there for rows
        if lends:
            self._outbox.forget_room()
        try:
            return self._broker.request(method, target, body)
        finally:
            if lends:  # again: another thread may have been told of room in the meantime
                self._outbox.forget_room()

    def stream(self, target: str) -> tuple[int, BinaryIO]:
        self._outbox.deliver_rows()
        return self._broker.stream(target)

    def exchange(self, target: str, body: bytes, seconds: float) -> tuple[int, dict[bytes, bytes], BinaryIO]:
        self._outbox.deliver_rows()
        return self._broker.exchange(target, body, seconds)

    def upload(self, target: str, source: BinaryIO, size: int, media_type: str) -> tuple[int, bytes]:
        self._outbox.deliver_rows()
        return self._broker.upload(target, source, size, media_type)
