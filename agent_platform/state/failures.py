"""What a person reads when a handler fails."""

import asyncio

import structlog
from reflex.event import EventSpec

from agent_platform.core.errors import AppError
from agent_platform.core.ids import new_id
from agent_platform.state.session import notice_of, refusal_of, show_once
from agent_platform.views.notice import Notice, Refusal

log = structlog.get_logger()
LEAVES_PAGE_EMPTY = "_ap_leaves_page_empty"
_under_way: set[asyncio.Task[None]] = set()


def fails_page() -> None:
    """What fails in this task from here on is marked: it leaves a page without content.

    The mark is on the exception because the framework shows it from a task of its own, which has none of this one's context.
    """
    task = asyncio.current_task()
    assert task is not None
    task.add_done_callback(_mark)


def show_failure(exception: Exception) -> EventSpec | None:
    """An AppError is shown with its own sentence; anything else is logged under a reference that the person can quote.

    What failed while its page was loading is said in place of the content, the rest beside it.
    """
    page = hasattr(exception, LEAVES_PAGE_EMPTY)
    if isinstance(exception, AppError):
        shown = refusal_of(exception) if page else notice_of(exception)
    else:
        shown = _logged(exception, page=page)
    # the caller is sync and would only send events
    task = asyncio.get_running_loop().create_task(show_once(shown))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)


def log_browser_failure(exception: Exception) -> None:
    """What broke in somebody's browser is in the log; its text was sent by them."""
    log.warning("browser_failed", error=str(exception)[:2_000])


def _mark(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (exception := task.exception()):
        setattr(exception, LEAVES_PAGE_EMPTY, True)


def _logged(exception: Exception, *, page: bool) -> Notice | Refusal:
    reference = new_id().hex
    log.error("handler_failed", reference=reference, exc_info=exception)
    title = "Something failed on our side."
    if page:
        ways = "Load the page again in a moment; if it fails again, tell us the reference"
        return Refusal("failed", f"{title} Nothing was charged. {ways} {reference}.")
    return Notice(reference, "error", title, f"Nothing was charged by this click. Reference {reference}.")
