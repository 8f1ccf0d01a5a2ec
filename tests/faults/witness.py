"""What clients were told: every acknowledged fact of a fault test, to be compared with the database at its end."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass
class Seen:
    """One accepted run as its client saw it. `moves` are the moments at which it was seen to go on."""

    run_id: UUID
    tenant_id: UUID
    key: str
    cap_micro_usd: int
    kind: str = ""
    keyed_rows: int = 0
    charged_micro_usd: int = 0
    state: str = "queued"
    final: bool = False
    moves: list[float] = field(default_factory=list)


class Witness:
    """Safe for threads. Facts are written down once a client has them, never before."""

    def __init__(self) -> None:
        self.runs: dict[UUID, Seen] = {}
        self.twice: list[str] = []
        self.refused: dict[str, int] = {}
        self._keys: dict[tuple[UUID, str], UUID] = {}
        self._lock = threading.Lock()

    def accepted(self, run_id: UUID, tenant_id: UUID, key: str, cap_micro_usd: int, kind: str = "") -> Seen:
        """A client was told that this run is accepted, for the request it made with this key."""
        with self._lock:
            before = self._keys.setdefault((tenant_id, key), run_id)
            if before != run_id:
                self.twice.append(f"key {key} was answered with run {before} and with run {run_id}")
            seen = self.runs.setdefault(run_id, Seen(run_id, tenant_id, key, cap_micro_usd, kind))
            seen.moves.append(time.monotonic())
            return seen

    def saw(self, run: Any) -> None:
        """A client has read this run: its state, rows and cost."""
        with self._lock:
            seen = self.runs[run.id]
            now = (str(run.state), run.attempt, run.item_count)
            if seen.moves and getattr(seen, "_last", None) != now:
                seen.moves.append(time.monotonic())
            seen._last = now  # pyright: ignore[reportAttributeAccessIssue]
            seen.state = str(run.state)
            seen.keyed_rows = max(seen.keyed_rows, run.item_count)
            if run.finished_at is not None and not seen.final:
                seen.final = True
                seen.charged_micro_usd = run.charged_micro_usd

    def refusal(self, kind: str) -> None:
        """A client got an answer that was no acceptance and tried again."""
        with self._lock:
            self.refused[kind] = self.refused.get(kind, 0) + 1

    def open_at(self, moment: float) -> list[Seen]:
        """Accepted before the moment and not seen final by then."""
        with self._lock:
            return [
                seen
                for seen in self.runs.values()
                if seen.moves and seen.moves[0] <= moment and (not seen.final or seen.moves[-1] > moment)
            ]

    def recovery_seconds(self, moment: float) -> float:
        """From this moment until every run that was open then had gone on or ended; 0 when none was open."""
        longest = 0.0
        for seen in self.open_at(moment):
            later = next((at for at in list(seen.moves) if at > moment), None)
            longest = max(longest, (later if later is not None else time.monotonic()) - moment)
        return longest

    def by_state(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for seen in list(self.runs.values()):
            counted[seen.state] = counted.get(seen.state, 0) + 1
        return dict(sorted(counted.items()))
