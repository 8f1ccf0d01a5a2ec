"""What the page of a demo says about itself, and what the agent's page says before one."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from agent_platform.services import visitors
from agent_platform.services.agents import Manifest
from agent_platform.services.catalog import allows_demo
from agent_platform.views.form_kinds import FILE_KINDS
from agent_platform.views.forms import FieldView
from agent_platform.views.uploads import DEMO_UPLOADS, MOST_DEMO_BYTES

MOST_CHARACTERS = 50_000  # of one field: what a visitor's socket takes is 64 KiB
BEFORE = (
    f"Free, without an account: up to {visitors.MOST_SECONDS} seconds of work on what is in the form, at most"
    f" {MOST_CHARACTERS:,} characters a field and {MOST_DEMO_BYTES >> 20} MiB with files. Deleted after an hour."
)
NO_FILES = "Files need an account here."
FILES = f"Without an account at most {MOST_DEMO_BYTES >> 20} MiB; deleted after an hour."


@dataclass(frozen=True)
class DemoView:
    """`until` is when it is deleted, such as `14:32 UTC`; `left` how long that is from now."""

    until: str = ""
    left: str = ""


def demo_view(expires_at: datetime, now: datetime) -> DemoView:
    minutes = max(1, round((expires_at - now).total_seconds() / 60))
    left = f"{minutes} {'minute' if minutes == 1 else 'minutes'}"
    return DemoView(f"{expires_at.astimezone(UTC):%H:%M} UTC", left)


def before_demo(manifest: Manifest, *, resting: bool) -> str:
    """What a visitor reads beside the button; empty where there is none."""
    return BEFORE if allows_demo(manifest) and not resting else ""


def for_visitor(fields: list[FieldView], *, address: str) -> list[FieldView]:
    """The form without an account: files go to demos of the agent at this address, and nowhere where it is empty."""
    here = {"sends_to": f"{DEMO_UPLOADS}/{address}", "most_bytes": MOST_DEMO_BYTES, "note": FILES}
    changed = here if address else {"closed": NO_FILES}
    return [replace(one, **changed) if one.kind in FILE_KINDS else one for one in fields]
