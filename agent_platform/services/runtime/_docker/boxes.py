"""Control folders: one for each container, shared with it, and the only truth about who has claimed it.

warm/<name>   a container that waits; whoever renames the folder has it
runs/<handle> the one container of an attempt; a second claim of the same attempt cannot be renamed here
trash/<name>  being removed

In a folder: `claim`, a pipe that exists until the claim; `journal` and `log`, written by the container through descriptors
that it opened before the claim; `container`, `record`, `stop`, written by us. The token is in none of them.
"""

import errno
import fcntl
import json
import math
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from agent_platform.services.runtime._docker.reading import ENDINGS
from agent_platform.services.runtime.port import Reason

CLAIM, JOURNAL, LOG = "claim", "journal", "log"
CONTAINER, RECORD, STOP, LOCK, BORN = "container", "record", "stop", "lock", "born"
MAX_JOURNAL_BYTES = 64 * 1024
KNOWN_NOTES = frozenset({"claimed", "running", "stopped", "exit", *ENDINGS})
LOCK_SECONDS = 30.0
LOCK_PAUSE_SECONDS = 0.02
# Of any uid, and closed by `seal` before the agent's code can run.
OPEN_TO_ALL, OURS_ALONE = 0o666, 0o644


class Gone(Exception):
    """Somebody removed the folder while we were at it."""


class Box:
    """One control folder. Reading one that is gone gives nothing; writing to it raises Gone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def exists(self) -> bool:
        return self.path.is_dir()

    def made_at(self) -> float:
        for path in (self.path / BORN, self.path):
            with suppress(OSError):
                return path.stat().st_mtime
        return 0.0

    def age_seconds(self) -> float:
        return time.time() - self.made_at()

    def container(self) -> str:
        """The id of its container; empty before there is one."""
        return _text(self.path / CONTAINER)

    def set_container(self, container: str) -> None:
        self._write(CONTAINER, container)

    def record(self) -> dict[str, Any]:
        """Limits and names of the attempt; empty before the claim."""
        return _object(_text(self.path / RECORD))

    def set_record(self, record: dict[str, Any]) -> None:
        self._write(RECORD, json.dumps(record))

    def stop(self) -> dict[str, Any] | None:
        return _object(_text(self.path / STOP)) or None

    def ask_stop(self, reason: Reason, grace_seconds: float) -> None:
        """The first reason and its moment stay; the earliest moment of the kill counts."""
        now = time.time()
        asked = self.stop() or {"reason": reason, "at": now, "kill_at": now + grace_seconds}
        kill_at = min(asked["kill_at"], now + grace_seconds)
        self._write(STOP, json.dumps(asked | {"kill_at": kill_at, "grace_seconds": grace_seconds}), mode=OURS_ALONE)

    def notes(self) -> tuple[dict[str, Any], ...]:
        """What the container noted. An image of somebody else may write anything there, so only what we know counts."""
        try:
            with (self.path / JOURNAL).open("rb") as file:
                lines = file.read(MAX_JOURNAL_BYTES).splitlines()
        except OSError:
            return ()
        found = [_object(line.decode("utf-8", "replace")) for line in lines]
        return tuple(note for note in found if note.get("what") in KNOWN_NOTES and _is_number(note.get("at")))

    def is_handed_over(self) -> bool:
        """Whether the claim was written, by whichever client; it may have died before it took the pipe away."""
        is_pipe_there = (self.path / CLAIM).exists()
        return not is_pipe_there or any(note["what"] in {"claimed", "exit"} for note in self.notes())

    def is_ready(self) -> bool:
        """Whether a container waits for its claim."""
        pipe = self._pipe()
        if pipe is None:
            return False
        os.close(pipe)
        return True

    def hand_over(self, line: bytes) -> bool:
        """The container has its claim and can open nothing here any more; false while none waits for it."""
        pipe = self._pipe()
        if pipe is None:
            return False
        try:
            for name in (JOURNAL, LOG):
                (self.path / name).chmod(OURS_ALONE)
            os.write(pipe, line)
        except OSError as error:
            raise Gone from error
        finally:
            os.close(pipe)
        (self.path / CLAIM).unlink(missing_ok=True)
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else starts this attempt. The lock of a client that died is free. Raises: Gone, TimeoutError."""
        try:
            descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Gone from error
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _pipe(self) -> int | None:
        try:
            return os.open(self.path / CLAIM, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in {errno.ENXIO, errno.ENOENT, errno.ENOTDIR}:
                return None
            raise

    def _write(self, name: str, text: str, mode: int = 0o600) -> None:
        draft = self.path / f"{name}.{uuid.uuid4().hex}"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            draft.chmod(mode)
            draft.replace(self.path / name)
        except FileNotFoundError as error:
            raise Gone from error


class Boxes:
    """All control folders of one installation, below a folder that only its own user may enter."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._warm, self._runs, self._trash = (self.root / name for name in ("warm", "runs", "trash"))
        for folder in (self.root, self._warm, self._runs, self._trash):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def of(self, handle: str) -> Box:
        return Box(self._runs / handle)

    def claimed(self) -> list[Box]:
        return [Box(path) for path in sorted(self._runs.iterdir())]

    def waiting(self) -> list[Box]:
        """Warm ones and those that become warm, oldest first."""
        return sorted((Box(path) for path in self._warm.iterdir()), key=Box.made_at)

    def thrown_away(self) -> list[Box]:
        return [Box(path) for path in self._trash.iterdir()]

    def make_warm(self) -> Box:
        return self._made(self._warm / uuid.uuid4().hex)

    def reserve(self, handle: str) -> Box:
        """The folder of the attempt: the one there is, or a new one."""
        target = self.of(handle)
        if not target.exists:
            draft = self._made(self._trash / uuid.uuid4().hex)
            if not self._moved(draft, target):
                shutil.rmtree(draft.path)
        return target

    def take(self, warm: Box, handle: str) -> Box | None:
        """The attempt's folder, which was the warm one; None when another has taken it or the attempt has a folder."""
        target = self.of(handle)
        return target if self._moved(warm, target) else None

    def throw_away(self, box: Box) -> Box | None:
        """Unknown from now on; None when another did it."""
        target = Box(self._trash / uuid.uuid4().hex)
        return target if self._moved(box, target) else None

    def forget(self, box: Box) -> None:
        shutil.rmtree(box.path, ignore_errors=True)

    def _made(self, path: Path) -> Box:
        path.mkdir(mode=0o755)
        path.chmod(0o755)  # whatever the umask: the container's uid looks in, and writes nothing new
        os.mkfifo(path / CLAIM)
        (path / CLAIM).chmod(OPEN_TO_ALL)
        for name in (JOURNAL, LOG):
            (path / name).touch()
            (path / name).chmod(OPEN_TO_ALL)
        (path / BORN).touch()
        return Box(path)

    def _moved(self, box: Box, target: Box) -> bool:
        try:
            box.path.rename(target.path)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST}:
                return False
            raise
        with suppress(FileNotFoundError):
            os.utime(target.path / BORN)
        return True


def _lock(descriptor: int) -> None:
    give_up_at = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                raise TimeoutError from None
            time.sleep(LOCK_PAUSE_SECONDS)
        else:
            return


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
