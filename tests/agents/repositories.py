"""Repositories as archives, and what a digest says of them."""

import io
import tarfile
import zipfile


def packed(files, *, root="repo/"):
    """A zip of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(root + name, text)
    return content.getvalue()


def tarred(files, *, mode="w:gz", members=()):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            raw = text.encode() if isinstance(text, str) else text
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
        for info in members:
            archive.addfile(info)
    return content.getvalue()


def text_of(run):
    return run.files["digest.md"].decode()


def rows(run):
    return {item["path"]: item for item in run.items}
