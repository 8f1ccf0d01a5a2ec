"""What changes in the cluster, told as it happens: list, watch from there, list again soon. It never gives up.

Each watch that others have lost taught a line here: the stream ends silently (apache/airflow#12644), its version expires
(apache/airflow#21087), it hangs open (apache/airflow#67332), events are missed in between (PrefectHQ/prefect#8050).
"""

import queue
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog

from agent_platform.services.runtime._kubernetes.api import Cluster, Refused
from agent_platform.services.runtime._kubernetes.pods import Manifest
from agent_platform.services.runtime.errors import Transient

log = structlog.get_logger()
RELIST_SECONDS = 20.0
LEAST_WATCH_SECONDS = 1.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 15.0
EXPIRED = 410
TICK_SECONDS = 0.5


@dataclass(frozen=True)
class Listed:
    """Everything of a kind there is."""

    kind: str
    things: list[Manifest]


@dataclass(frozen=True)
class Changed:
    kind: str
    thing: Manifest
    deleted: bool


News = Listed | Changed


class Reflector:
    """`on_state(kind, why)`: why a kind cannot be followed now, empty when it can."""

    def __init__(
        self,
        cluster: Cluster,
        labels: str,
        on_state: Callable[[str, str], None],
        *,
        relist_seconds: float = RELIST_SECONDS,
    ) -> None:
        self._cluster = cluster
        self._labels = labels
        self._on_state = on_state
        self._relist_seconds = relist_seconds

    def follow(self, kinds: tuple[str, ...], stop: threading.Event) -> Iterator[News | None]:
        """News of these kinds, and None at least twice a second, until `stop` is set or the iterator is dropped."""
        news: queue.Queue[News] = queue.Queue()
        dropped = threading.Event()

        def over() -> bool:
            return stop.is_set() or dropped.is_set()

        for kind in kinds:
            threading.Thread(
                target=self._follow_one, args=(kind, news, over), daemon=True, name=f"follow {kind}"
            ).start()
        try:
            while not stop.is_set():
                try:
                    yield news.get(timeout=TICK_SECONDS)
                except queue.Empty:
                    yield None
        finally:
            dropped.set()

    def _follow_one(self, kind: str, news: "queue.Queue[News]", over: Callable[[], bool]) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not over():
            try:
                things, version = self._cluster.every(kind, labels=self._labels)
                news.put(Listed(kind, things))
                self._on_state(kind, "")
                pause = FIRST_PAUSE_SECONDS
                self._watch(kind, version, news, over)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next list may work
                if over():
                    return
                self._on_state(kind, f"{type(error).__name__}: {error}")
                pause = _paused(pause, over)

    def _watch(self, kind: str, version: str, news: "queue.Queue[News]", over: Callable[[], bool]) -> None:
        """Returns when it is time to list again."""
        list_again_at = time.monotonic() + self._relist_seconds
        pause = FIRST_PAUSE_SECONDS
        while not over() and (left := list_again_at - time.monotonic()) > 0:
            began = version
            try:
                for event in self._cluster.watch(
                    kind, labels=self._labels, version=version, seconds=max(left, LEAST_WATCH_SECONDS)
                ):
                    version = _heard(kind, event, news) or version
                    if over() or time.monotonic() > list_again_at:
                        return
            except Refused as refused:
                if refused.status == EXPIRED:
                    return
                raise
            except (OSError, ValueError, Transient) as error:
                log.info("watch_broken", kind=kind, error=type(error).__name__)
            # A stream that ends at once, again and again, is not asked for without a breath.
            pause = FIRST_PAUSE_SECONDS if version != began else _paused(pause, over)


def _heard(kind: str, event: dict[str, Any], news: "queue.Queue[News]") -> str:
    """The version to go on from."""
    thing = event.get("object") or {}
    if event.get("type") == "ERROR":
        raise Refused(
            int(thing.get("code") or 500), str(thing.get("reason") or ""), str(thing.get("message") or "watch error")
        )
    if event.get("type") != "BOOKMARK":
        news.put(Changed(kind, thing, deleted=event.get("type") == "DELETED"))
    return (thing.get("metadata") or {}).get("resourceVersion") or ""


def _paused(pause: float, over: Callable[[], bool]) -> float:
    """After a pause with jitter; returns the next one."""
    wake_at = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients
    while not over() and (left := wake_at - time.monotonic()) > 0:
        time.sleep(min(left, TICK_SECONDS))
    return min(pause * 2, LONGEST_PAUSE_SECONDS)
