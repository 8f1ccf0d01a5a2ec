"""The routes of sign-in, sign-out, hand-over between hosts and invitations."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent_platform.api import _account, _email_link, _github, _hand_off, _invite, _paper
from agent_platform.core import mail
from agent_platform.core.policy import policy
from agent_platform.core.settings import Settings, get_settings
from agent_platform.services import identity


def routes(settings: Settings) -> list[Route]:
    """The table. The outbox exists only where every condition of local mode holds. Raises: UnsafeSignIn, which stops start-up."""
    identity.refuse_unsafe_sign_in(settings)
    table = [
        Route("/auth/github", _github.begin, methods=["GET"]),
        Route(_github.CALLBACK, _github.finish, methods=["GET"]),
        Route("/auth/email", _email_link.begin, methods=["POST"]),
        Route(_email_link.FINISH, _email_link.finish, methods=["GET"]),
        Route(_email_link.CONFIRM, _email_link.ask_confirmation, methods=["GET"]),
        Route(_email_link.CONFIRM, _email_link.confirm, methods=["POST"]),
        Route(identity.ADD_EMAIL, _account.ask_email, methods=["GET"]),
        Route(identity.ADD_EMAIL, _account.add_email, methods=["POST"]),
        Route("/auth/leave", _account.leave, methods=["POST"]),
        Route("/auth/home", _hand_off.home, methods=["GET"]),
        Route("/auth/admin", _hand_off.admin, methods=["GET"]),
        Route("/auth/start", _hand_off.start, methods=["GET"]),
        Route("/auth/hand-off", _hand_off.hand_off, methods=["GET"]),
        Route("/auth/finish", _hand_off.finish, methods=["GET"]),
        Route("/auth/switch", _hand_off.switch, methods=["GET"]),
        Route("/auth/sign-out", _hand_off.sign_out, methods=["POST"]),
        Route("/auth/sign-out-everywhere", _hand_off.sign_out_everywhere, methods=["POST"]),
        Route("/invite/{code}", _invite.show, methods=["GET"]),
        Route("/invite/{code}", _invite.accept, methods=["POST"]),
    ]
    if identity.is_outbox_open(settings):
        table.append(Route("/sandbox/mail", outbox, methods=["GET"]))
    return table


@policy("public")
async def outbox(_request: Request) -> Response:
    """Mails of local mode, sign-in links among them."""
    return _paper.outbox(await run_in_threadpool(mail.list_kept, get_settings()))
