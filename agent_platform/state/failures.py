"""What a person reads when a handler fails."""

import asyncio

import structlog
from reflex.event import EventSpec

from agent_platform.core.errors import AppError
from agent_platform.core.ids import new_id
from agent_platform.state.callers import loads_page
from agent_platform.state.session import emit_notice, notice_of
from agent_platform.views.notice import Notice

log = structlog.get_logger()
_under_way: set[asyncio.Task[None]] = set()


def show_failure(exception: Exception) -> EventSpec | None:
    """An AppError is shown with its own sentence; anything else is logged under a reference that the person can quote.

    While a page loads, the sentence also takes the place of its content.
    """
    if isinstance(exception, AppError):
        notice = notice_of(exception)
    else:
        reference = new_id().hex
        log.error("handler_failed", reference=reference, exc_info=exception)
        notice = Notice(
            reference,
            "error",
            "Something failed on our side.",
            f"Nothing was charged by this click. Reference {reference}.",
        )
    refusal = f"{notice.title} {notice.note}".strip() if loads_page() else ""
    # the caller is sync and would only send events
    task = asyncio.get_running_loop().create_task(emit_notice(notice, refusal=refusal))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


def log_browser_failure(exception: Exception) -> None:
    """What broke in somebody's browser is in the log; its text was sent by them."""
    log.warning("browser_failed", error=str(exception)[:2_000])
