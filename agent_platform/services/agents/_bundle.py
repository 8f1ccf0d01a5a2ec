"""From an uploaded zip to the bundle that is stored: checked, packed anew, addressed by its digest.

Packing anew gives equal content equal bytes, and leaves behind whatever else the upload carried around or inside the zip.
"""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from agent_platform.core.errors import Problem
from agent_platform.services.agents._archive import CHUNK, MIB, NOTHING, Archive, open_archive
from agent_platform.services.agents._manifest import Manifest, parse_manifest
from agent_platform.services.agents._manifest.reading import MOST_BYTES as MOST_MANIFEST_BYTES
from agent_platform.services.agents.errors import BundleRefused, ManifestInvalid

MANIFEST = "agent.yaml"
MOST_TEXT_BYTES = 256 * 1024
IN_MEMORY_BYTES = 8 * MIB
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundle:
    """`digest` is the SHA-256 of the `bytes` that are stored. Texts are cut at 256 KiB."""

    manifest: Manifest
    manifest_text: str
    readme: str
    changelog: str
    digest: str
    bytes: int
    unpacked_bytes: int
    files: int


def check_bundle(stream: IO[bytes]) -> Bundle:
    """What would be stored; nothing is. Raises: BundleRefused, BundleTooLarge, ManifestInvalid."""
    with packed_bundle(stream) as (bundle, _):
        return bundle


@contextmanager
def packed_bundle(content: Path | bytes | IO[bytes]) -> Iterator[tuple[Bundle, IO[bytes]]]:
    """The bundle and the very bytes to store. Raises: BundleRefused, BundleTooLarge, ManifestInvalid."""
    with _opened(content) as stream, open_archive(stream) as archive:
        text = _manifest_text(archive)
        manifest = parse_manifest(text, files=frozenset(entry.path for entry in archive.entries))
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as packed:
            _pack(archive, packed)
            _refuse_small_disk(manifest, archive.unpacked_bytes)
            bundle = Bundle(
                manifest=manifest,
                manifest_text=text,
                readme=_text_of(packed, "README.md"),
                changelog=_text_of(packed, "CHANGELOG.md"),
                digest="",
                bytes=packed.seek(0, 2),
                unpacked_bytes=archive.unpacked_bytes,
                files=len(archive.entries),
            )
            packed.seek(0)
            bundle = replace(bundle, digest=hashlib.file_digest(packed, "sha256").hexdigest())  # pyright: ignore[reportArgumentType]
            packed.seek(0)
            yield bundle, packed


@contextmanager
def _opened(content: Path | bytes | IO[bytes]) -> Iterator[IO[bytes]]:
    if isinstance(content, bytes):
        yield io.BytesIO(content)
    elif isinstance(content, Path):
        with content.open("rb") as stream:
            yield stream
    else:
        yield content


def _manifest_text(archive: Archive) -> str:
    entry = archive.find(MANIFEST)
    if entry is None:
        other = next(
            (one.path for one in archive.entries if one.path.split("/")[-1].lower() in {MANIFEST, "agent.yml"}), ""
        )
        hint = f' It does hold "{other[:80]}".' if other else ""
        raise BundleRefused(
            f"The zip holds no agent.yaml at its top.{hint} Pack the folder that holds agent.yaml. {NOTHING}"
        )
    content = b""
    for chunk in archive.chunks(entry):
        content += chunk
        if len(content) > MOST_MANIFEST_BYTES:
            message = f"The file has more than {MOST_MANIFEST_BYTES // 1024} KiB; make it shorter."
            raise ManifestInvalid((Problem(MANIFEST, message),))
    archive.unpacked_bytes -= len(content)  # read again while packing
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ManifestInvalid((Problem(MANIFEST, "The file is not UTF-8 text; save it as UTF-8."),)) from None


def _refuse_small_disk(manifest: Manifest, unpacked_bytes: int) -> None:
    needed = -(-unpacked_bytes // MIB) + 1
    if needed > manifest.resources.disk_mb:
        message = f"The bundle unpacks to {needed:,} MB; raise disk_mb to at least that."
        raise ManifestInvalid((Problem("resources.disk_mb", message),))


def _pack(archive: Archive, target: IO[bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as packed:
        for entry in sorted(archive.entries, key=lambda one: one.path):
            info = zipfile.ZipInfo(entry.path, date_time=EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = (0o100755 if entry.is_executable else 0o100644) << 16
            with packed.open(info, "w") as out:
                for chunk in archive.chunks(entry):
                    out.write(chunk)


def _text_of(packed: IO[bytes], name: str) -> str:
    """A text file at the top, whatever the case of its name; empty if there is none."""
    with zipfile.ZipFile(packed) as opened:
        found = next((info for info in opened.infolist() if info.filename.lower() == name.lower()), None)
        if found is None:
            return ""
        with opened.open(found) as stream:
            content = stream.read(MOST_TEXT_BYTES)
    return content.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}").removeprefix("\ufeff")


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
