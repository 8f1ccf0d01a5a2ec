"""The sample agents of this repository as uploads."""

import io
import zipfile
from pathlib import Path

AGENTS = Path(__file__).resolve().parents[3] / "agents"
LEFT_OUT = {"__pycache__", ".pytest_cache", ".DS_Store"}
EPOCH = (2026, 1, 1, 0, 0, 0)


def bundle_folders() -> list[tuple[str, Path]]:
    """(publisher, folder) of every sample agent that has a manifest."""
    return [(manifest.parent.parent.name, manifest.parent) for manifest in sorted(AGENTS.glob("*/*/agent.yaml"))]


def zipped(folder: Path) -> bytes:
    """The folder as a zip; the same files always give the same bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not LEFT_OUT & set(path.parts) and path.suffix != ".pyc":
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())
    return packed.getvalue()
