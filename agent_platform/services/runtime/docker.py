"""The docker driver: a container without a network for each attempt, on an engine of this machine."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent_platform.sdk._frames import read_frames
from agent_platform.services.runtime._bounds import wrong_with
from agent_platform.services.runtime._docker import objects
from agent_platform.services.runtime._docker.boxes import LOG, Box, Boxes, Gone
from agent_platform.services.runtime._docker.engine import Engine
from agent_platform.services.runtime._docker.images import Images
from agent_platform.services.runtime._docker.launching import Launcher
from agent_platform.services.runtime._docker.reading import ENDED, Facts, overdue, status_of, stray, unknown
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import (
    Capabilities,
    Isolation,
    LogChunk,
    Reason,
    SandboxSpec,
    Status,
    TenantPolicy,
    handle_of,
)

HANDLE = re.compile(r"ap-[a-z0-9][a-z0-9-]{0,47}-[1-9][0-9]{0,5}")
MOST_SANDBOXES = 512
WATCH_PAUSE_SECONDS, RELIST_SECONDS = 0.5, 30.0
ABANDONED_SECONDS = 60.0
# The container's id, empty before there is one, and what the engine says of it.
Seen = tuple[str, dict[str, Any] | None]


class DockerDriver:
    """Safe for threads. Any other client on the same folders finds what this one started.

    `root`: our control folders; `url`: the engine's socket, empty for the usual one; `isolation`: of sandboxes that ask for
    none; `abandoned_seconds`: when something half made counts as left by a client that died.
    """

    def __init__(  # noqa: PLR0913 - each is one thing an operator decides
        self,
        root: Path,
        *,
        broker_dir: Path,
        installation: str,
        image: str,
        url: str = "",
        isolation: Isolation = "standard",
        most: int = MOST_SANDBOXES,
        abandoned_seconds: float = ABANDONED_SECONDS,
    ) -> None:
        broker_dir.mkdir(parents=True, exist_ok=True)
        self._label = f"{objects.INSTALLATION}={installation}"
        self._engine = Engine(url)
        self._boxes = Boxes(root)
        self._images = Images(self._engine, image, isolation)
        self._most = most
        self._abandoned_seconds = abandoned_seconds
        self._launcher = Launcher(
            self._engine,
            self._boxes,
            self._images,
            installation=installation,
            broker_dir=broker_dir.absolute(),
            abandoned_seconds=abandoned_seconds,
        )
        self._pool = self._launcher.pool

    def close(self) -> None:
        """No connection is open; the driver may still be used."""
        self._engine.close()

    def capabilities(self) -> Capabilities:
        alive = {key for key, summary in self._containers().items() if summary["State"] not in ENDED}
        return Capabilities(
            driver="docker",
            isolation=self._images.isolations(),
            limits="cgroup",
            own_uid=True,
            network="none",
            warm=self._pool.ready(),
            warm_target=self._pool.target,
            most_sandboxes=self._most,
            sandboxes=sum(1 for box in self._boxes.claimed() if box.container() in alive),
        )

    def refuse_unready(self) -> None:
        """Returns only when the engine answers and has what agents run in. Raises: Transient, Rejected."""
        self._images.base()

    def ensure_tenant(self, policy: TenantPolicy) -> None:
        """Nothing to do: an engine knows no tenants; the queue bounds what one has at a time."""

    def start(self, spec: SandboxSpec) -> str:
        if sentence := wrong_with(spec.run_id, spec.attempt, spec.token, asdict(spec.limits)):
            raise Rejected(sentence)
        handle = handle_of(spec.run_id, spec.attempt)
        box = self._boxes.of(handle)
        if not box.exists:
            if len(self._boxes.claimed()) >= self._most:
                raise Transient(f"All {self._most} sandboxes of this machine are in use; try again in a moment.")
            box = self._launcher.claimed_or_new(handle, spec)
        try:
            with box.locked():
                if not box.is_handed_over():
                    self._launcher.launch(box, spec)
        except (Gone, TimeoutError) as error:
            raise Transient("The sandbox was removed, or is held by another, while it started; try again.") from error
        except (Transient, Rejected):
            self.destroy(handle)
            raise
        self._pool.grow_soon()
        return handle

    def status(self, handle: str) -> Status:
        box = self._box(handle)
        if box is None:
            return unknown(handle)
        return self._told(box, self._look(box))

    def list(self) -> Iterator[Status]:
        boxes, containers = self._boxes.claimed(), self._containers()
        for box in boxes:
            summary = containers.pop(container := box.container(), None)
            is_running = summary is not None and summary["State"] == "running"
            yield self._told(box, (container, {"Status": "running"}) if is_running else self._look(box))
        for summary in containers.values():
            handle = summary["Names"][0].lstrip("/") if summary["Names"] else ""
            is_old = time.time() - summary["Created"] > self._abandoned_seconds
            if is_old and HANDLE.fullmatch(handle) and not self._boxes.of(handle).exists:
                yield stray(handle)

    def watch(self, stop: threading.Event) -> Iterator[Status]:
        while not stop.is_set():
            try:
                yield from self._followed(stop)
            except Transient:
                stop.wait(WATCH_PAUSE_SECONDS)  # begins anew with a list

    def logs(self, handle: str, since: int = 0) -> Iterator[LogChunk]:
        box = self._box(handle)
        while box:
            frames = read_frames(box.path / LOG, max(0, since))
            for frame in frames:
                since = frame.next
                yield LogChunk(frame.seq, frame.stream, frame.content, since)  # type: ignore[arg-type]
            if not frames:
                return

    def cancel(self, handle: str, grace_seconds: float) -> None:
        box = self._box(handle)
        if box is None or self._told(box, self._look(box)).phase.is_terminal:
            return
        try:
            box.ask_stop(Reason.CANCELLED, grace_seconds)
        except Gone:
            return
        if container := box.container():
            self._engine.signal(container, "SIGTERM")

    def destroy(self, handle: str) -> None:
        if not HANDLE.fullmatch(handle):
            return
        box = self._boxes.of(handle)
        container = box.container() or self._launcher.found_by_name(handle)
        if container:
            self._engine.remove(container)
        if thrown := self._boxes.throw_away(box):
            self._boxes.forget(thrown)

    def prewarm(self, key: str, n: int) -> int:
        """There is one pool, of the base image, whatever the `key`. It shrinks now and grows in the background."""
        del key
        self._pool.set_target(max(0, n))
        self._pool.keep()
        return self._pool.ready()

    def _box(self, handle: str) -> Box | None:
        box = self._boxes.of(handle) if HANDLE.fullmatch(handle) else None
        return box if box and box.exists else None

    def _containers(self) -> dict[str, dict[str, Any]]:
        return {summary["Id"]: summary for summary in self._engine.containers(self._label)}

    def _look(self, box: Box) -> Seen:
        container = box.container()
        inspected = self._engine.inspect(container) if container else None
        return container, inspected["State"] if inspected else None

    def _told(self, box: Box, seen: Seen) -> Status:
        """The status; what its own clock should have ended is killed first."""
        facts = _facts(box, seen)
        if facts.is_alive and (reason := overdue(facts, time.time())):
            self._end_from_outside(box, reason, seen)
            facts = _facts(box, self._look(box))
        return status_of(facts, time.time())

    def _end_from_outside(self, box: Box, reason: Reason, seen: Seen) -> None:
        container, state = seen
        try:
            box.ask_stop(reason, 0)
        except Gone:
            return
        if state and state["Status"] == "created":
            self._engine.remove(container)  # its starter died: there is no process to kill and no exit to tell
        else:
            self._engine.signal(container, "SIGKILL")

    def _followed(self, stop: threading.Event) -> Iterator[Status]:
        listed_at = None
        for news in self._engine.events(self._label, ["die"], stop, WATCH_PAUSE_SECONDS):
            if news is not None:
                yield from self._of_container(news)
            elif listed_at is None or time.monotonic() - listed_at > RELIST_SECONDS:
                listed_at = time.monotonic()
                yield from self.list()

    def _of_container(self, news: dict[str, Any]) -> Iterator[Status]:
        actor = news.get("Actor") or {}
        handle = (actor.get("Attributes") or {}).get("name", "")
        box = self._box(handle) or next(
            (one for one in self._boxes.claimed() if one.container() == actor.get("ID")), None
        )
        if box:
            yield self._told(box, self._look(box))


def _facts(box: Box, seen: Seen) -> Facts:
    container, state = seen
    # The notes last: an end that the engine tells is in them.
    return Facts(
        handle=box.name,
        made_at=box.made_at(),
        container=container,
        record=box.record(),
        stop=box.stop(),
        state=state,
        notes=box.notes(),
    )
