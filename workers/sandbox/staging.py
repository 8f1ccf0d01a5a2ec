"""As root: everything a sandbox reads, bound to a place that a sandbox's own uid can reach.

A sandbox is started by an unprivileged uid, which may not pass through folders such as /root. The daemon therefore
keeps a mount namespace of its own, invisible to the rest of the machine, with the sources bound below /mnt.
Source: mount(2), unshare(2).
"""

import ctypes
import os
from dataclasses import replace
from pathlib import Path

from workers.sandbox.bwrap import Layout

STAGE = Path("/mnt")
CLONE_NEWNS = 0x00020000
MS_BIND, MS_REC, MS_SLAVE = 0x1000, 0x4000, 0x80000

_libc = ctypes.CDLL(None, use_errno=True)


def stage(layout: Layout) -> Layout:
    """The same layout, read from the stage. Call before any thread exists. Raises: OSError."""
    _check(_libc.unshare(CLONE_NEWNS), "unshare")
    _mount(b"none", Path("/"), b"", MS_REC | MS_SLAVE)
    STAGE.mkdir(exist_ok=True)
    _mount(b"tmpfs", STAGE, b"tmpfs", 0, b"size=1m,mode=755")
    binds = tuple((_staged(source, f"{number}"), target) for number, (source, target) in enumerate(layout.root.binds))
    return replace(layout, root=replace(layout.root, binds=binds), broker_dir=_staged(layout.broker_dir, "broker"))


def _staged(source: str, name: str) -> str:
    place = STAGE / name
    if Path(source).is_dir():
        place.mkdir()
    else:
        place.touch()
    _mount(os.fsencode(source), place, b"", MS_BIND | MS_REC)
    return str(place)


def _mount(source: bytes, target: Path, kind: bytes, flags: int, options: bytes = b"") -> None:
    _check(_libc.mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), options), f"mount {target}")


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
