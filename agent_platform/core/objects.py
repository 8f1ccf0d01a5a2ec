"""Bytes by their SHA-256, in a folder per owner. The name is the content, so writing twice stores once."""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from agent_platform.core.errors import NotFound, TooLarge
from agent_platform.core.settings import get_settings

SHA256 = re.compile(r"[0-9a-f]{64}")


def tenant_folder(tenant_id: UUID) -> str:
    return f"tenants/{tenant_id.hex}"


def release_folder() -> str:
    return "releases"


def put(folder: str, chunks: Iterable[bytes], *, most_bytes: int) -> tuple[str, int]:
    """The bytes are stored and synced. Returns (sha256, size). Raises: TooLarge, and then nothing is kept."""
    target = get_settings().objects_dir / folder
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    hasher, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=target, prefix=".new-", delete=False) as out:
        try:
            for chunk in chunks:
                size += len(chunk)
                if size > most_bytes:
                    raise TooLarge(f"The file is larger than {most_bytes // 1_048_576} MiB. Nothing was stored.")
                hasher.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            Path(out.name).unlink(missing_ok=True)
            raise
    name = hasher.hexdigest()
    Path(out.name).replace(target / name)
    return name, size


def put_bytes(folder: str, content: bytes) -> str:
    return put(folder, (content,), most_bytes=len(content))[0]


def open_object(folder: str, sha256: str) -> BinaryIO:
    """Raises: NotFound."""
    if not SHA256.fullmatch(sha256):
        raise NotFound
    try:
        return (get_settings().objects_dir / folder / sha256).open("rb")
    except FileNotFoundError:
        raise NotFound from None


def size_of(folder: str, sha256: str) -> int:
    """Bytes. Raises: NotFound."""
    with open_object(folder, sha256) as stream:
        return os.fstat(stream.fileno()).st_size


def read_bytes(folder: str, sha256: str) -> bytes:
    with open_object(folder, sha256) as stream:
        return stream.read()


def copy(source_folder: str, target_folder: str, sha256: str) -> None:
    """The same bytes are also in the other folder."""
    put_bytes(target_folder, read_bytes(source_folder, sha256))


def delete(folder: str, sha256: str) -> None:
    """The folder no longer has these bytes."""
    if SHA256.fullmatch(sha256):
        (get_settings().objects_dir / folder / sha256).unlink(missing_ok=True)


def delete_untouched_one(folder: str, sha256: str, *, seconds: float) -> None:
    """The folder no longer has these bytes, unless they were written within this time, once more by somebody else too."""
    one = get_settings().objects_dir / folder / sha256
    with suppress(FileNotFoundError):
        if SHA256.fullmatch(sha256) and one.stat().st_mtime < time.time() - seconds:
            one.unlink()


def delete_untouched(folder: str, *, keep: Collection[str], seconds: float) -> int:
    """The folder has nothing but `keep` and what was written within this time, once more with the same bytes too. Returns how many went."""
    old, gone = time.time() - seconds, 0
    place = get_settings().objects_dir / folder
    if not place.is_dir():
        return 0
    with os.scandir(place) as found:
        for one in found:
            with suppress(FileNotFoundError):
                if one.name not in keep and Path(one).stat().st_mtime < old:
                    Path(one).unlink()
                    gone += 1
    return gone
