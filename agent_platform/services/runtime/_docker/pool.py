"""Containers that wait, started and empty, for their one claim."""

import fcntl
import hashlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent_platform.services.runtime._docker import objects
from agent_platform.services.runtime._docker.boxes import Box, Boxes, Gone
from agent_platform.services.runtime._docker.engine import Engine, NameTaken, NoImage
from agent_platform.services.runtime.errors import Rejected, Transient
from agent_platform.services.runtime.port import Limits

log = logging.getLogger(__name__)
WARM = Limits(cpu=1, memory_mb=256, pids=64, disk_mb=256, wall_seconds=3600)
FIRST_UID, UIDS = 200_000, 65_536
# Starting a container costs a run that begins its time.
QUIET_SECONDS = 0.25
KEY, TARGET, LOCK = "key", "pool.json", "pool.lock"


def fits(limits: Limits) -> bool:
    """Whether a warm container can be given these limits: memory, CPU and processes can be changed, sizes cannot."""
    return limits.disk_mb <= WARM.disk_mb and limits.log_bytes <= WARM.log_bytes


def own_uid() -> int:
    """Of a sandbox: the kernel counts what is bounded for a user by uid."""
    return FIRST_UID + secrets.randbelow(UIDS)


class Pool:
    """`shape()` is that of a warm container of today; one of yesterday is never claimed.

    `abandoned_seconds`: what was not finished by then belongs to a client that died.
    """

    def __init__(
        self, engine: Engine, boxes: Boxes, shape: Callable[[], objects.Shape], abandoned_seconds: float
    ) -> None:
        self._engine = engine
        self._boxes = boxes
        self._shape = shape
        self._abandoned_seconds = abandoned_seconds
        self._growing = threading.Lock()
        self._touched_at = 0.0

    @property
    def target(self) -> int:
        """What the last `prewarm` of any client asked for."""
        with suppress(OSError, ValueError):
            return int(json.loads(self._path(TARGET).read_text())["target"])
        return 0

    def set_target(self, count: int) -> None:
        draft = self._path(f"{TARGET}.{secrets.token_hex(4)}")
        draft.write_text(json.dumps({"target": count}))
        draft.replace(self._path(TARGET))

    def ready(self) -> int:
        return sum(1 for box in self._boxes.waiting() if box.is_ready())

    def take(self, handle: str) -> Box | None:
        """A warm container's folder is now the attempt's; exactly one caller gets it."""
        self._touched_at = time.monotonic()
        key = _key_of(self._shape())
        for box in self._boxes.waiting():
            if _key_in(box) == key and box.is_ready() and (taken := self._boxes.take(box, handle)):
                return taken
        return None

    def keep(self) -> None:
        """What cannot be claimed is gone, and the pool shrinks to its target now or grows to it soon."""
        key, now = _key_of(self._shape()), time.time()
        for box in self._boxes.thrown_away():
            if box.age_seconds() > self._abandoned_seconds:
                self._engine.remove(box.container()) if box.container() else None
                self._boxes.forget(box)
        waiting = []
        for box in self._boxes.waiting():
            is_dead = not box.is_ready() and box.age_seconds() > self._abandoned_seconds
            if is_dead or (_key_in(box) != key and box.container()):
                self.discard(box)
            else:
                waiting.append(box)
        for box in waiting[self.target :]:
            self.discard(box)
        self._remove_strays(now)
        self.grow_soon()

    def grow_soon(self) -> None:
        """A thread of ours fills the pool when nothing has started for a moment."""
        self._touched_at = time.monotonic()
        if self.target and self._growing.acquire(blocking=False):
            threading.Thread(target=self._grow, daemon=True, name="docker-pool").start()

    def discard(self, box: Box) -> None:
        thrown = self._boxes.throw_away(box)
        if thrown:
            if thrown.container():
                self._engine.remove(thrown.container())
            self._boxes.forget(thrown)

    def _grow(self) -> None:
        try:
            with self._alone() as alone:
                while alone and len(self._boxes.waiting()) < self.target:
                    if time.monotonic() - self._touched_at < QUIET_SECONDS:
                        time.sleep(QUIET_SECONDS)
                        continue
                    self._make_one()
        except (Transient, Rejected, NoImage, NameTaken, Gone) as error:
            log.warning("the warm pool is not filled: %s", error)  # asked for again by the next `prewarm`
        finally:
            self._growing.release()

    def _make_one(self) -> None:
        box = self._boxes.make_warm()
        container = ""
        try:
            shape = self._shape()
            (box.path / KEY).write_text(_key_of(shape))
            shape = replace(shape, box=str(box.path), uid=own_uid())
            container = self._engine.create(f"ap-warm-{box.name[:12]}", objects.container(shape, WARM, {}))
            box.set_container(container)
            self._engine.start(container)
        except BaseException:
            if container:
                self._engine.remove(container)
            self._boxes.forget(box)
            raise

    def _remove_strays(self, now: float) -> None:
        """Containers of ours that no folder knows: whoever made them died before writing it down."""
        boxes = (*self._boxes.waiting(), *self._boxes.claimed(), *self._boxes.thrown_away())
        known = {box.container() for box in boxes}
        for summary in self._engine.containers(f"{objects.INSTALLATION}={self._shape().installation}"):
            if summary["Id"] not in known and now - summary["Created"] > self._abandoned_seconds:
                self._engine.remove(summary["Id"])

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """True when no other client fills the pool."""
        descriptor = os.open(self._path(LOCK), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)

    def _path(self, name: str) -> Path:
        return self._boxes.root / name


def _key_of(shape: objects.Shape) -> str:
    body: dict[str, Any] = objects.container(replace(shape, box="", uid=0), WARM, {})
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _key_in(box: Box) -> str:
    with suppress(OSError):
        return (box.path / KEY).read_text()
    return ""
