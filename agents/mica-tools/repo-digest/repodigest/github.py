"""The archive of a public repository on GitHub. Source: docs.github.com, "Downloading source code archives"."""

import re
from typing import BinaryIO
from urllib.parse import quote

from agent_platform.sdk import NotPermitted, Run, UpstreamError

HOST = "https://codeload.github.com"
NAME = re.compile(r"(?:https?://(?:www\.)?github\.com/)?([A-Za-z0-9-]{1,39})/([A-Za-z0-9._-]{1,100}?)(?:\.git)?/?")
REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}")
MOST_BYTES = 100 * 1024 * 1024
TIMEOUT_SECONDS = 60
MISSING = frozenset({404, 451})


class BadRepository(Exception):
    """The person has to name another repository or state; `field` is which."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def address_of(repo: str, ref: str) -> str:
    """Raises: BadRepository."""
    found = NAME.fullmatch(repo)
    if not found or set(found[2]) <= {"."}:
        raise BadRepository("repo", f"{repo[:80]} is no repository on GitHub. Write owner/name, such as pallets/markupsafe.")
    if ref and (not REF.fullmatch(ref) or ".." in ref or "//" in ref):
        raise BadRepository("ref", f"{ref[:80]} is no branch, tag or commit. Leave it empty for the default branch.")
    return f"{HOST}/{found[1]}/{found[2]}/tar.gz/{quote(ref or 'HEAD')}"


def fetch(run: Run, address: str, target: BinaryIO) -> None:
    """The archive is in `target`. Raises: BadRepository, UpstreamError."""
    try:
        with run.http.request("GET", address, timeout=TIMEOUT_SECONDS, stream=True) as answer:
            if answer.status in MISSING:
                raise BadRepository("repo", "GitHub has no public repository of this name, or not this state of it. Check both.")
            if not answer.ok:
                raise UpstreamError(f"GitHub answers with status {answer.status}. Try again later, or upload an archive.")
            size = 0
            for piece in answer.pieces():
                size += len(piece)
                if size > MOST_BYTES:
                    raise BadRepository("repo", "The archive has more than 100 MiB. Upload one without what is not source.")
                target.write(piece)
                run.progress(size // 1024, None, f"Fetched {size / 1_048_576:.1f} MiB")
    except NotPermitted as error:
        raise UpstreamError(f"{error.text} Upload an archive instead.", retryable=False) from error
    except UpstreamError as error:
        if error.text.startswith("GitHub"):
            raise
        raise UpstreamError(f"GitHub cannot be reached from here ({error.text}) Upload an archive instead.") from error
