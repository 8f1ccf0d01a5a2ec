"""All attempts and all sandboxes of this machine, and the rules by which they meet. One thread, one event loop."""

import asyncio
import itertools
import resource
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from agent_platform.sdk._frames import LogFile
from agent_platform.services.runtime.port import Reason
from workers.sandbox.attempt import Attempt, Busy, accept
from workers.sandbox.bookkeeping import Slots, TakingTurns, Timers
from workers.sandbox.box import Box
from workers.sandbox.launcher import Launcher
from workers.sandbox.records import Records

TIMEOUT_GRACE_SECONDS, BOOT_SECONDS = 2.0, 30.0
QUIET_SECONDS, BACKOFF_SECONDS, REMOVE_PAUSE_SECONDS = 0.01, 1.0, 0.02
REMOVE_ATTEMPTS = 250
KEPT_OF = 4  # of so many warm sandboxes one is kept for tenants who have few


class Host:
    """`on_change` is called with every attempt whose phase changed."""

    def __init__(
        self, launcher: Launcher, records: Records, *, warm: int, most: int, disk_mb: int, booting_at_once: int
    ) -> None:
        self.attempts: dict[str, Attempt] = {}
        self.boxes: dict[str, Box] = {}
        self.warm: deque[Box] = deque()
        self.warm_target = warm
        self.most = most
        self.on_change: Callable[[Attempt], None] = lambda _: None
        self.launcher = launcher
        self._records = records
        self._disk_mb = disk_mb
        self._booting_at_once = booting_at_once
        self._booting: set[Box] = set()
        self.waiting, self.large = TakingTurns(), TakingTurns()  # large: more disk than sandboxes of the pool have
        self._claimed: dict[str, Box] = {}
        self._timers = Timers()
        self._removals: dict[Box, asyncio.Task[None]] = {}
        self._slots = Slots()
        self._refill: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._names = itertools.count(1)
        self.closing, self.last_failure = False, ""
        self._booted = asyncio.Event()

    def adopt(self, attempt: Attempt) -> None:
        """An attempt of an earlier daemon is listed until a client destroys it."""
        self.attempts[attempt.handle] = attempt
        self._records.save_run(attempt.handle, attempt.report())

    def start(self, spec: dict[str, Any]) -> Attempt:
        """The one attempt of this run and number, in a sandbox or waiting for one. Raises: Refused, Busy."""
        attempt = accept(spec)
        if known := self.attempts.get(attempt.handle):
            return known
        if len(self._claimed) + len(self.waiting) + len(self.large) >= self.most:
            raise Busy(f"All {self.most} sandboxes of this machine are in use; try again in a moment.")
        self.attempts[attempt.handle] = attempt
        self._records.save_run(attempt.handle, attempt.report())
        (self.large if attempt.limits["disk_mb"] > self._disk_mb else self.waiting).append(attempt)
        self._match()
        self._refill_soon()
        return attempt

    def cancel(self, handle: str, grace_seconds: float, reason: Reason = Reason.CANCELLED) -> None:
        """The attempt is ending; SIGTERM now, SIGKILL after the grace. Nothing changes when it ended or is unknown."""
        attempt = self.attempts.get(handle)
        if attempt is None or attempt.phase.is_terminal:
            return
        first = attempt.ending is None
        attempt.ending = attempt.ending or reason
        box = self._claimed.get(handle)
        if box is None:
            self._give_up(attempt)
            return
        if first:
            box.terminate()
        self._loop.call_later(max(0.0, grace_seconds), box.kill)

    async def destroy(self, handle: str) -> None:
        """The attempt is unknown from now on, and nothing of its sandbox is left when this returns."""
        attempt = self.attempts.pop(handle, None)
        self._timers.unset(handle)
        box = self._claimed.get(handle)
        for line in (self.waiting, self.large) if attempt else ():
            line.discard(attempt)
        for booting in [box for box in self._booting if attempt and box.reserved_for is attempt]:
            booting.kill()
        if box:
            box.kill()
            await box.gone.wait()
        self._records.forget_run(handle)

    def prewarm(self, count: int) -> int:
        self.warm_target = count
        while len(self.warm) > count:
            self.warm.pop().kill()
        self._refill_soon()
        return len(self.warm)

    async def boot_one(self, seconds: float) -> bool:
        """True when a sandbox became ready in time; it waits in the pool if the pool has room."""
        self._booted.clear()
        self._launch()
        try:
            async with asyncio.timeout(seconds):
                await self._booted.wait()
        except TimeoutError:
            self.last_failure = f"none was ready within {seconds:g} seconds"
        return not self.last_failure

    async def close(self) -> None:
        """Every sandbox is dead and its attempt lost."""
        self.closing = True
        for box in self.boxes.values():
            box.kill()
        await asyncio.gather(*(box.gone.wait() for box in list(self.boxes.values())))

    def stop_excess(self, box: Box, detail: str, *, memory: bool) -> None:
        """The watchdog saw a limit passed that no kernel limit holds."""
        box.oom_seen, box.pids_seen = memory, not memory
        box.last_words = detail.encode()
        box.kill()

    def claimed(self) -> list[Box]:
        return list(self._claimed.values())

    def _match(self) -> None:
        """The last of the pool, the longest warm, are for tenants who have few: another's crowd does not slow their start."""
        kept = self.warm_target // KEPT_OF
        while self.warm and (attempt := self.waiting.take(only_few=len(self.warm) <= kept)):
            # A crowd takes what has just booted, before that imports what it may not need.
            self._claim(self.warm.popleft() if len(self.warm) <= kept else self.warm.pop(), attempt)
        wanted = len(self.waiting) and len(self.waiting) + kept - len(self.warm)
        unreserved = [box for box in self._booting if box.reserved_for is None]
        reserved = len(self._booting) - len(unreserved)
        while reserved < self._booting_at_once and (attempt := self.large.take()):
            reserved += self._launch(reserved_for=attempt) is not None
        while len(unreserved) < min(wanted, self._booting_at_once):
            if not (box := self._launch()):
                return
            unreserved.append(box)
        for box in unreserved[:wanted]:
            box.hurry()

    def _refill_soon(self, seconds: float = QUIET_SECONDS) -> None:
        if self._refill:
            self._refill.cancel()
        self._refill = self._loop.call_later(seconds, self._refill_one)

    def _refill_one(self) -> None:
        """Who waits is looked after, also after a boot that failed; else one more boots for the pool: starting costs a claim its time."""
        if (self.waiting or self.large) and not self.closing:
            self._match()
            return
        is_full = self.closing or bool(self._booting) or len(self.warm) >= self.warm_target
        if not is_full and self._launch(hurry=not self.warm):
            self._refill_soon()

    def _launch(self, reserved_for: Attempt | None = None, *, hurry: bool = False) -> Box | None:
        slot = self._slots.take()
        name = f"box-{next(self._names)}"
        disk_mb = int(reserved_for.limits["disk_mb"]) if reserved_for else self._disk_mb
        try:
            launched = self.launcher.launch(name, slot, disk_mb)
        except OSError as error:
            self._slots.give_back(slot)
            self._boot_failed(reserved_for, f"The sandbox could not be started: {error}")
            return None
        box = Box(name, slot, disk_mb, launched, reserved_for=reserved_for)
        box.on_ready, box.on_running, box.on_exit = self._ready, self._running, self._exited
        self.boxes[name] = box
        self._booting.add(box)
        self._records.save_box(name, {"pid": box.pid, "started": box.started, "grouped": box.group is not None})
        self._loop.call_later(BOOT_SECONDS, self._kill_if_booting, box)
        if reserved_for or hurry:
            box.hurry()
        return box

    def _ready(self, box: Box) -> None:
        self._booting.discard(box)
        self.last_failure = ""
        self._booted.set()
        if self.closing:
            return
        if box.reserved_for:
            if box.reserved_for.phase.is_terminal:
                box.kill()
            else:
                self._claim(box, box.reserved_for)
        elif len(self.warm) >= self.warm_target and not self.waiting:
            box.kill()
        else:
            self.warm.append(box)
            self._match()
        self._refill_soon()

    def _claim(self, box: Box, attempt: Attempt) -> None:
        log = LogFile(self._records.log_path(attempt.handle), int(attempt.limits["log_bytes"]))
        self._claimed[attempt.handle] = box
        nth = self.waiting.serve(attempt)
        # Only now: who waits behind a thousand others is not slow, and a boot that hangs ends by its own clock.
        too_late = partial(self.cancel, attempt.handle, 0, Reason.START_TIMEOUT)
        self._timers.set(attempt.handle, attempt.limits["start_seconds"], too_late)
        try:
            box.claim(attempt, log, nth)
        except OSError as error:
            box.attempt = attempt
            box.last_words = f"The sandbox's limits could not be set: {error}".encode()
            box.kill()

    def _running(self, box: Box) -> None:
        attempt = box.attempt
        if attempt and attempt.ending is None:
            attempt.run()
            self._timers.set(attempt.handle, attempt.limits["wall_seconds"], partial(self._time_is_over, attempt))
            self.on_change(attempt)

    def _exited(self, box: Box, exit_code: int, usage: resource.struct_rusage) -> None:
        box.kill_stragglers()
        was_booting = box in self._booting
        self._booting.discard(box)
        if box in self.warm:
            self.warm.remove(box)
        box.close()
        if box.attempt:
            self._settle(box, box.attempt, exit_code, usage)
        elif was_booting and not self.closing:
            self._boot_failed(box.reserved_for, box.last_words.decode("utf-8", "replace"))
        self._removals[box] = self._loop.create_task(self._remove(box))

    def _settle(self, box: Box, attempt: Attempt, exit_code: int, usage: resource.struct_rusage) -> None:
        self._timers.unset(attempt.handle)
        oom = exit_code != 0 and (box.oom_seen or (box.group is not None and box.group.oom_kills() > 0))
        attempt.usage = box.used(usage)
        if self.closing:
            reason = Reason.LOST
        elif exit_code == 0:
            reason = Reason.OK
        else:
            reason = attempt.ending or (Reason.OOM if oom else Reason.ERROR)
        code = exit_code if exit_code >= 0 else 128 - exit_code
        words = box.last_words.decode("utf-8", "replace").strip() if reason is not Reason.OK else ""
        self._finished(attempt, reason, code, words)

    def _boot_failed(self, reserved_for: Attempt | None, detail: str) -> None:
        self.last_failure = detail.strip() or "it ended without a word"
        self._booted.set()
        attempt = reserved_for or self.waiting.take()
        if attempt and self.warm and not reserved_for:
            self._claim(self.warm.popleft(), attempt)  # what was kept for others, before it fails
        elif attempt and not attempt.phase.is_terminal:
            self._give_up(attempt, detail)
        self._refill_soon(BACKOFF_SECONDS)

    def _give_up(self, attempt: Attempt, detail: str = "It ended before it had a sandbox.") -> None:
        """It ends without ever having had a sandbox."""
        self.waiting.discard(attempt)
        self.large.discard(attempt)
        self._timers.unset(attempt.handle)
        self._finished(attempt, attempt.ending or Reason.ERROR, None, detail)

    def _finished(self, attempt: Attempt, reason: Reason, exit_code: int | None, detail: str) -> None:
        attempt.finish(reason, exit_code=exit_code, detail=detail)
        if self.attempts.get(attempt.handle) is attempt:
            self._records.save_run(attempt.handle, attempt.report())
            self.on_change(attempt)

    async def _remove(self, box: Box) -> None:
        for _ in range(REMOVE_ATTEMPTS):
            if box.group is None or box.group.remove():
                break
            box.kill_stragglers()
            await asyncio.sleep(REMOVE_PAUSE_SECONDS)
        self._slots.give_back(box.slot)
        self._records.forget_box(box.name)
        self.boxes.pop(box.name, None)
        if box.attempt:
            self.waiting.leave(box.attempt)
            if self._claimed.get(box.attempt.handle) is box:
                del self._claimed[box.attempt.handle]
        self._removals.pop(box, None)
        box.gone.set()
        if not self.closing:
            self._match()
            self._refill_soon()

    def _time_is_over(self, attempt: Attempt) -> None:
        self.cancel(attempt.handle, TIMEOUT_GRACE_SECONDS, Reason.TIMEOUT)

    def _kill_if_booting(self, box: Box) -> None:
        if box in self._booting:
            box.kill()
