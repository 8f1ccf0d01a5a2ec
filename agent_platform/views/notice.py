"""One sentence for the person at the screen, an address to leave for, or what stands in place of a page."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Notice:
    """Shown once per `id`. `level` is success, info, warning or error; `leave_to` is a path of this host, loaded as a full page."""

    id: str = ""
    level: Literal["success", "info", "warning", "error"] = "info"
    title: str = ""
    note: str = ""
    leave_to: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why a page shows nothing else; while there is none, `kind` is empty."""

    kind: Literal["", "missing", "refused", "failed"] = ""
    sentence: str = ""
