"""Sign-in: GitHub where it is set up, or a link by e-mail."""

import reflex as rx

from agent_platform.components.brand import mark
from agent_platform.components.buttons import link_button, text_link
from agent_platform.components.callouts import callout
from agent_platform.components.feedback import bone, loading
from agent_platform.components.public import plain_form, workspace_links
from agent_platform.components.theme import icon, when
from agent_platform.pages._frame import sign_in_frame
from agent_platform.state.sign_in import SignInState as State

FENCED = "Row security in the database; the server does not start without it."


def sign_in() -> rx.Component:
    shown = rx.match(
        State.showing,
        ("loading", waiting()),
        ("door", door()),
        rx.cond(State.shell.signed_in, already(), rx.cond(State.showing == "sent", sent(), form())),
    )
    return sign_in_frame(
        shown,
        shell=State.shell,
        seed=State.view.seed,
        foot=rx.cond((State.showing == "form") & ~State.shell.signed_in, other_workspace()),
        over=fenced(),
    )


def waiting() -> rx.Component:
    shapes = (bone("70%", "26px"), bone("50%", "14px"), bone(height="40px"), bone(height="40px"))
    return loading(rx.el.div(*shapes, class_name="col gap-4"), name="Loading the sign-in form")


def form() -> rx.Component:
    closed = callout(
        "Nobody can sign in here yet",
        "The operator has set up neither GitHub nor a mail server.",
        kind="warning",
    )
    return rx.el.div(
        rx.el.h1(State.view.title),
        rx.el.p(State.view.host, class_name="mono muted host"),
        problem(),
        rx.cond(State.view.github, github()),
        rx.cond(State.view.github & State.view.email, rx.el.div(rx.el.span("or"), class_name="or")),
        rx.cond(State.view.email, by_mail()),
        rx.cond(State.view.github | State.view.email, rx.fragment(), closed),
        rx.el.p(
            "No account? The first sign-in makes one, with a workspace of your own. No card needed. By signing in you accept the ",
            text_link("terms", href="/terms"),
            " and have read what is said about ",
            text_link("privacy", href="/privacy"),
            ".",
            class_name="muted",
            margin_top="20px",
        ),
    )


def problem() -> rx.Component:
    reference = when(State.view.reference, rx.fragment("Reference ", State.view.reference))
    said = callout(State.view.problem, rx.el.p(reference, class_name="meta muted mono"), kind="error", urgent=True)
    return rx.cond(State.view.problem != "", rx.el.div(said, margin_bottom="16px"))


def github() -> rx.Component:
    sign = rx.el.svg(
        rx.el.svg.use(href="/brand/github.svg#github"), width="18", height="18", fill="currentColor", aria_hidden="true"
    )
    return link_button(
        sign, "Continue with GitHub", href=State.view.github_href, size=3, leaves=True, class_name="wide"
    )


def by_mail() -> rx.Component:
    entry = rx.el.input(
        type="email",
        name="email",
        id="email",
        required=True,
        auto_complete="email",
        placeholder="you@example.com",
        max_length=254,
    )
    return plain_form(
        rx.el.label("E-mail", html_for="email", class_name="label"),
        rx.el.div(entry, class_name="input s3"),
        rx.el.input(type="hidden", name="next", value=State.view.next),
        rx.el.button("Send a link", type="submit", class_name="btn solid s3 wide", custom_attrs={"data-submit": ""}),
        rx.cond(
            State.view.outbox,
            rx.el.p(
                "This server has no mail server: ",
                text_link("its outbox is open", href="/sandbox/mail", leaves=True),
                ".",
                class_name="help",
            ),
        ),
        action="/auth/email",
        method="post",
        class_name="by-mail",
    )


def sent() -> rx.Component:
    outbox = rx.el.div(
        link_button("Open the outbox", href="/sandbox/mail", kind="solid", size=3, leaves=True, class_name="wide"),
        rx.el.p("This server has no mail server; what it would send is kept there.", class_name="help"),
    )
    return rx.el.div(
        icon("mail", 24, class_name="good"),
        rx.el.h1("Look into your mail"),
        rx.el.p(
            "A link is on its way, if the address is right. Open it within 15 minutes, in this browser.",
            class_name="muted",
        ),
        rx.cond(State.view.outbox, outbox),
        rx.el.p(text_link("Use another address", href=State.view.again_href, leaves=True), margin_top="4px"),
        class_name="col gap-4",
        role="status",
    )


def already() -> rx.Component:
    """Somebody who is signed in may have come here by a refusal, or by mistake."""
    leave = rx.el.button(
        icon("log-out"), "Sign out", type="button", class_name="menu-item", custom_attrs={"data-post": "/auth/sign-out"}
    )
    return rx.el.div(
        rx.el.h1("You are signed in"),
        rx.el.p("As ", State.shell.user_name, ". Where to?", class_name="muted"),
        problem(),
        rx.cond(
            (State.view.next != "") & (State.view.problem == ""),
            link_button("Go on", href=State.view.away, kind="solid", size=3, leaves=True, class_name="wide"),
        ),
        rx.el.nav(workspace_links(State.shell), leave, class_name="card places", aria_label="Your workspaces"),
        class_name="col gap-4",
    )


def door() -> rx.Component:
    """On a workspace's host, when coming in has failed there."""
    return rx.el.div(
        rx.el.h1(State.view.title),
        rx.el.p(State.view.host, class_name="mono muted host"),
        problem(),
        link_button("Sign in", href=State.view.away, kind="solid", size=3, leaves=True, class_name="wide"),
    )


def other_workspace() -> rx.Component:
    """The way to a workspace by its address; the browser is led on after sign-in."""
    entry = rx.el.input(
        name="to",
        id="to",
        required=True,
        auto_complete="off",
        auto_capitalize="none",
        spell_check=False,
        placeholder="northwind",
        pattern="[a-z0-9\\-]{3,32}",
        title="3 to 32 lower-case letters, digits and hyphens",
    )
    asks = plain_form(
        rx.el.label("Its address, without the domain", html_for="to", class_name="label"),
        rx.el.div(
            rx.el.div(entry, class_name="input mono"),
            rx.el.button("Go", type="submit", class_name="btn outline"),
            class_name="row",
        ),
        action="/auth/switch",
        class_name="elsewhere",
    )
    head = rx.el.summary("Other workspace? ", rx.el.span("Enter its address", class_name="link"))
    return rx.el.details(head, asks, class_name="other")


def fenced() -> rx.Component:
    words = rx.el.div(rx.el.b("Your workspace is fenced off"), rx.el.p(FENCED, class_name="meta muted"))
    return rx.el.div(mark(28), words, class_name="card row gap-3")
