"""Pages that are no content: sign-in, and addresses that lead nowhere. Search engines list none of them."""

from dataclasses import replace

from agent_platform.views.reports import SuspendedView
from agent_platform.views.sign_in import SignInView
from agent_platform.views.site.blocks import Block, Heading, Link, Links, MailForm, SitePage, Words
from agent_platform.views.site.landing import SITE_PICTURE
from agent_platform.views.site.words import (
    DEMO,
    NO_AGENT,
    NO_DEMO,
    NO_EXAMPLE,
    NOT_FOUND,
    SIGN_IN,
    STILL_THERE,
    SUSPENDED,
    Named,
)

CLOSED = "Nobody can sign in here yet: the operator has set up neither GitHub nor a mail server."
SENT = "A link is on its way, if the address is right. Open it within 15 minutes, in this browser."
TERMS_AND_PRIVACY = Links(
    [Link("Terms", "/terms"), Link("Privacy", "/privacy")],
    "By signing in you accept the terms and what is said about privacy",
)
WAYS = Links([Link("Find an agent", "/agents"), Link("Home", "/")], "Ways on", buttons=True)


def sign_in_page(view: SignInView) -> SitePage:
    """The doors that are open, each usable without a script."""
    return SitePage(
        path="/sign-in",
        title=SIGN_IN.title,
        description=SIGN_IN.description,
        picture=SITE_PICTURE,
        twin="/sign-in.md",
        indexed=False,
        blocks=[Heading(view.title, 1), *_doors(view), Words(SIGN_IN.description), TERMS_AND_PRIVACY],
    )


def missing_page(named: Named = NOT_FOUND) -> SitePage:
    return SitePage(
        path="/",
        title=named.title,
        description=named.description,
        picture=SITE_PICTURE,
        indexed=False,
        status=404,
        blocks=[Heading(named.title, 1), Words(named.description), WAYS],
    )


def missing_agent() -> SitePage:
    return missing_page(NO_AGENT)


def suspended_agent(view: SuspendedView) -> SitePage:
    """Missing for machines; people read why, since when, and what still stands."""
    since = f"{SUSPENDED}{view.since}"
    page = missing_page(Named(view.title, f"{since}. {STILL_THERE}"))
    return replace(
        page,
        blocks=[Heading(view.name, 1), Words(view.address), Words(since), Words(view.reason), Words(STILL_THERE), WAYS],
    )


def missing_example() -> SitePage:
    return missing_page(NO_EXAMPLE)


def demo_page(*, gone: bool = False) -> SitePage:
    """Says nothing of the demo, and names no address: whoever has its key reads it over the socket."""
    named = NO_DEMO if gone else DEMO
    return SitePage(
        path="/",
        title=named.title,
        description=named.description,
        picture=SITE_PICTURE,
        indexed=False,
        status=404 if gone else 200,
        blocks=[Heading(named.title, 1), Words(named.description), WAYS],
    )


def _doors(view: SignInView) -> list[Block]:
    if view.sent:
        return [Words(SENT)]
    doors: list[Block] = [Words(view.problem)] if view.problem else []
    if view.github:
        doors.append(Links([Link("Continue with GitHub", view.github_href)], "GitHub", buttons=True))
    if view.email:
        doors.append(MailForm(view.next))
    return doors if view.github or view.email else [*doors, Words(CLOSED)]
