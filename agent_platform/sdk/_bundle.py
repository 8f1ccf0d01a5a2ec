"""An agent's bundle, unpacked so that nothing lands outside its folder."""

from __future__ import annotations

import io
import os
import stat
import zipfile

from agent_platform.sdk._errors import AgentError

try:  # hashlib loads OpenSSL: 4 MiB and 5 ms in every warm sandbox
    from _sha2 import sha256  # type: ignore[import-not-found]
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha256

MAX_ENTRIES = 10_000
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
COPY_BYTES = 256 * 1024


def refused(reason: str) -> AgentError:
    return AgentError(f"The agent's bundle was refused: {reason}.", code="bundle_refused")


def unpack(content: bytes, digest: str, folder: str) -> int:
    """Every file of the zip lies below `folder`; returns how many. Raises: AgentError, before anything is written."""
    if sha256(content).hexdigest() != digest:
        raise refused("its SHA-256 is not the one of the published version")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = checked(archive.infolist())
            for info in files:
                _write(archive, info, folder)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise refused(f"it is not a sound zip archive ({error})") from error
    except OSError as error:
        raise refused(f"it does not fit in the sandbox's disk ({error.strerror})") from error
    return len(files)


def checked(entries: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The files among `entries`, every name plain and below the root. Raises: AgentError naming the worst entry."""
    if len(entries) > MAX_ENTRIES:
        raise refused(f"it has {len(entries):,} entries, at most {MAX_ENTRIES:,} are allowed")
    if sum(info.file_size for info in entries) > MAX_UNPACKED_BYTES:
        raise refused(f"it unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB")
    seen: set[str] = set()
    for info in entries:
        reason = _wrong_with(info) or ("its name occurs twice" if info.filename in seen else None)
        if reason:
            raise refused(f"entry {info.filename!r}: {reason}")
        seen.add(info.filename)
    return [info for info in entries if not info.is_dir()]


def _wrong_with(info: zipfile.ZipInfo) -> str | None:
    name = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "only files and folders are allowed, no symbolic link or device"
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if name.startswith("/") or "\\" in name or ":" in name or not name.isprintable():
        return "the name must be a plain relative path"
    if any(part in {"", ".", ".."} for part in name.removesuffix("/").split("/")):
        return "the name leaves the folder"
    return None


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: str) -> None:
    path = os.path.join(folder, *info.filename.split("/"))  # noqa: PTH118 - pathlib costs start-up time
    os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with archive.open(info) as source, os.fdopen(os.open(path, flags, 0o644), "wb") as target:
        while chunk := source.read(COPY_BYTES):
            target.write(chunk)
