"""Terms, privacy and cookies: the operator's own Markdown where there is a file of that name, else the plain one that is shipped."""

from pathlib import Path

from agent_platform.views.docs import ROOT, Document
from agent_platform.views.site.words import COOKIES, PRIVACY, TERMS, Named

NAMED: dict[str, Named] = {"terms": TERMS, "privacy": PRIVACY, "cookies": COOKIES}
MOST_BYTES = 200_000


def read_legal(name: str, folder: Path) -> Document:
    """`name` is one of the above; `folder` may be missing. A file that cannot be read counts as none."""
    return Document.of(name, _own(folder / f"{name}.md") or (ROOT / "legal" / f"{name}.md").read_text("utf-8"))


def _own(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES).decode("utf-8", errors="replace").strip()
    except OSError:
        return ""
