"""The contact form as browsers send it, with and without a script."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api import _paper
from agent_platform.api._entry import form_of, go
from agent_platform.core.errors import AppError, RateLimited
from agent_platform.core.policy import policy
from agent_platform.services import contact
from agent_platform.views.contact import FIELDS, ContactView
from agent_platform.views.site.contact import contact_form
from agent_platform.views.site.words import CONTACT

SENT = "/contact?sent=1"
MOST_BYTES = contact.MOST_TEXT * 12 + 4_096  # each character of a form may take twelve


@policy("public", rate="write")
async def send(request: Request) -> Response:
    """The operator has the message; else the form again, with what was typed and what is wrong with it."""
    form: dict[str, str] = {}
    try:
        form = await form_of(request, MOST_BYTES)
        await run_in_threadpool(contact.send_message, form=form, address=request.state.ap["address"])
    except AppError as error:
        return _again(form, error)
    return go(SENT)


def routes() -> list[Route]:
    """The edge adds a slash where a built page lies in a folder."""
    return [Route(path, send, methods=["POST"]) for path in ("/contact", "/contact/")]


def _again(form: dict[str, str], error: AppError) -> Response:
    view = ContactView(
        is_open=not isinstance(error, contact.ContactClosed),
        problem=error.sentence,
        values={name: form.get(name, "") for name in FIELDS},
        faults={one.path: one.message for one in error.errors},
    )
    wait = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, RateLimited) else None
    return _paper.form(CONTACT.title, str(contact_form(view)), status=error.status, headers=wait)
