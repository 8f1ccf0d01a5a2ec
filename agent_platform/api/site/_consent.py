"""Counting visits: only where the operator has set it up, only on public pages of the base domain, only after a yes (P-17)."""

from markupsafe import Markup
from starlette.requests import Request

from agent_platform.core.settings import get_settings

COOKIE = "ap_consent"
SCRIPT = Markup('<script data-analytics="{}" data-answer="{}" defer src="/js/consent.js"></script></head>')


def with_question(request: Request, written: str) -> str:
    """The page with the script that asks; the edge lets Analytics in for whoever has said yes, and for nobody else."""
    analytics_id = get_settings().analytics_id
    if not analytics_id:
        return written
    counted = request.cookies.get(COOKIE) == "yes"
    request.state.ap["counted"] = counted
    # Named in the page too, so that one that was kept under another answer is not taken for this one.
    return written.replace("</head>", SCRIPT.format(analytics_id, "yes" if counted else ""), 1)
