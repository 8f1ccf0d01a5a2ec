"""The first page: the promise, agents to run, how money works, what keeps workspaces apart."""

from typing import Any

import reflex as rx

from agent_platform.components.agent_card import agent_grid
from agent_platform.components.badges import badge
from agent_platform.components.brand import agent_icon, rosette
from agent_platform.components.buttons import link_button, text_link
from agent_platform.components.cards import card, card_body, card_foot, card_head, fact
from agent_platform.components.feedback import empty, loading_cards
from agent_platform.components.meter import cost_meter
from agent_platform.components.money import money, money_lines
from agent_platform.components.public import plain_form
from agent_platform.components.tabs import segmented
from agent_platform.components.theme import each, icon, when
from agent_platform.pages._frame import public_frame
from agent_platform.state.landing import LandingState as State
from agent_platform.views.site.words import LEAD

TRY = "Try without an account"
FENCES = (
    ("Row security in Postgres", "every table of a workspace"),
    ("Read rows of another workspace", "0 rows"),
    ("Write a row for another workspace", "refused"),
    ("Read without a workspace", "0 rows"),
    ("A role that could bypass the fence", "server does not start"),
)
CHECKS = (
    "A run has a sandbox of its own: no network, no files but yours, no view of others",
    "Its only way out is one socket to the platform, which checks each request",
    "A new permission needs your yes before the new version runs",
)
COMMANDS = (
    ("make run", "everything on this machine: http://localhost:3000"),
    ("make test", "style, types, isolation and every test"),
)


def landing() -> rx.Component:
    return public_frame(hero(), figures(), shelf(), amounts(), isolation(), creators(), hosting(), shell=State.shell)


def hero() -> rx.Component:
    words = rx.el.div(
        rx.el.h1("Run agents at a price you\N{NO-BREAK SPACE}agreed\N{NO-BREAK SPACE}to.", class_name="display"),
        rx.el.p(LEAD, class_name="hero-lead"),
        search(),
        rx.el.div(
            link_button(State.landing.browse, href="/agents", kind="solid", size=3),
            rx.cond(State.landing.demo.href != "", demo_way(), rx.cond(State.showing == "loading", demo_place())),
            link_button("Publish an agent", href="/docs/first-agent", size=3),
            class_name="row gap-3 wrap hero-ways",
        ),
    )
    ground = rx.el.div(rosette("agent-platform", 1120, faint=True), class_name="hero-rosette", aria_hidden="true")
    return rx.el.section(ground, rx.el.div(words, receipt(), class_name="public hero-grid"), class_name="hero")


def demo_way() -> rx.Component:
    """To an agent that may be tried at once; which one is said to those who do not see the page it leads to."""
    view = State.landing.demo
    which = rx.el.span(": ", view.name, class_name="sr-only")
    return link_button(TRY, which, href=view.href, size=3, icon_name="zap")


def demo_place() -> rx.Component:
    """As wide as the way to a demo, which most first pages have: what stands behind it keeps its place when it comes."""
    return rx.el.span(icon("zap"), TRY, class_name="btn outline s3", visibility="hidden", aria_hidden="true")


def search() -> rx.Component:
    """Works without the socket: the browser itself opens the directory with the words."""
    entry = rx.el.input(
        name="q",
        type="search",
        placeholder="What should the agent do? e.g. clean a CSV file",
        aria_label="Search agents by task, name or publisher",
        auto_complete="off",
        custom_attrs={"data-search": ""},
    )
    send = rx.el.button("Find", type="submit", class_name="btn solid s1 only-narrow")  # a phone has no Enter to press
    box = rx.el.div(icon("search"), entry, rx.el.kbd("/", class_name="only-wide"), send, class_name="input s3")
    return plain_form(box, action="/agents", role="search")


def receipt() -> rx.Component:
    view = State.landing.example
    who = rx.el.span(
        rx.el.b(view.name, display="block"), rx.el.span(view.address, class_name="mono muted meta"), min_width="0"
    )
    head = rx.el.div(
        rx.el.span(agent_icon(view.slug, 36), who, class_name="row gap-3"),
        badge("Example", outlined=True),
        class_name="row between",
    )
    amounts = rx.el.div(
        rx.el.span(
            rx.el.span(view.before, class_name="before"), " ", rx.el.span(view.before_note, class_name="meta muted")
        ),
        money(view.charged, large=True),
        class_name="row between base num",
    )
    labels = rx.el.div(rx.el.span("Quoted before"), rx.el.span("Charged"), class_name="row between meta muted")
    foot = rx.el.div(
        rosette("agent-platform-receipt", 44),
        rx.el.span(
            rx.el.b("Signed when the run ends", display="block"),
            rx.el.span("Anyone can check a receipt without asking us", class_name="muted"),
            class_name="meta",
        ),
        class_name="row gap-3",
    )
    return rx.el.section(
        head,
        rx.el.div(labels, amounts, cost_meter(view.meter, name="Charged, against the cap"), class_name="amounts"),
        money_lines(view.lines),
        foot,
        class_name="card receipt",
        aria_label="A receipt, worked out as an example",
    )


def figures() -> rx.Component:
    """Counted in the database; left out while there is nothing to count."""

    def one(view: Any) -> rx.Component:
        return rx.el.div(rx.el.dt(view.label), rx.el.dd(view.value))

    strip = rx.el.section(
        rx.el.dl(each(State.landing.figures, one), class_name="public"), class_name="strip", aria_label="Live figures"
    )
    return rx.cond(State.landing.figures.length() > 0, strip)


def shelf() -> rx.Component:
    words = rx.el.div(
        rx.el.h2("Ready to run", class_name="section-title"),
        rx.el.p("Success rate and typical time come from real runs of the last 30 days.", class_name="muted"),
    )
    choice = segmented(State.landing.collections, State.collection, State.choose, name="Collection")
    head = rx.el.div(words, rx.cond(State.collection != "", choice), class_name="shelf-head")
    nothing = empty(
        "No agent is listed here yet",
        "The first one can be yours: a folder with a manifest, fifteen minutes.",
        link_button("Build an agent", href="/docs/first-agent"),
        icon_name="bot",
    )
    shown = rx.match(
        State.showing,
        ("loading", loading_cards(4, class_name="agent-grid four")),
        ("empty", nothing),
        agent_grid(State.cards, four=True, under_heading=True),
    )
    return rx.el.section(head, shown, class_name="public section shelf")


def amounts() -> rx.Component:
    view = State.landing.example
    quote = rx.fragment(when(view.quote.typical, rx.fragment(view.quote.typical, " ")), view.quote.sentence)
    held = rx.fragment(view.cap, " set aside, drawn down event by event.")
    paid = rx.fragment(money(view.charged), ", with every event and price.")
    return rx.el.section(
        rx.el.h2("The amount is never a surprise", class_name="section-title"),
        rx.el.div(
            _third(
                "receipt-text",
                "Before: a quote",
                quote,
                "From runs that really finished. Shown beside Run, before anything is set aside.",
            ),
            _third(
                "gauge",
                "During: a hard cap",
                held,
                "Output and charge are written in one transaction. At the cap the run stops with exactly what you paid for.",
            ),
            _third(
                "scroll-text",
                "After: a signed receipt",
                paid,
                "Prices are frozen in it. Usage page, ledger and receipt add up to the same number.",
            ),
            class_name="thirds",
        ),
        class_name="public section",
    )


def isolation() -> rx.Component:
    checks = rx.el.ul(*[rx.el.li(icon("check"), rx.el.span(words)) for words in CHECKS], class_name="checks")
    left = rx.el.div(
        rx.el.h2("Workspaces are fenced apart", class_name="section-title"),
        rx.el.p(
            "Every workspace table is fenced by the database itself, not by application code. "
            "The server refuses to start if the fence is off.",
            class_name="section-lead",
        ),
        checks,
    )
    rows = [
        fact(
            rx.el.span(icon("check", class_name="good"), what, class_name="row"),
            rx.el.span(outcome, class_name="mono"),
        )
        for what, outcome in FENCES
    ]
    right = card(
        card_head("What the fence does"),
        card_body(rx.el.dl(*rows, class_name="facts lines"), class_name="lines"),
        card_foot("Tests try each workspace table from another workspace: read, write, guess an id."),
    )
    return rx.el.section(rx.el.div(left, right, class_name="public two"), class_name="band")


def creators() -> rx.Component:
    view = State.landing.example
    sums = card(
        card_head(rx.fragment("Profit on ", view.name), note=view.sums_note),
        card_body(money_lines(view.sums), class_name="lines"),
        rx.el.div(rx.el.b(view.keeps_words), rx.el.b(money(view.keeps), class_name="good"), class_name="keeps"),
    )
    words = rx.el.div(
        rx.el.h2("Creators keep 85 %, with the sums shown", class_name="section-title"),
        rx.el.p(
            "Price per run or per event, and let the platform quote, cap, charge and sign. "
            "An agent is a folder with a manifest and a Python function.",
            class_name="section-lead",
        ),
        rx.el.div(
            link_button("Build your first agent", href="/docs/first-agent"),
            text_link("What it can declare", href="/docs/manifest"),
            class_name="row gap-4 wrap",
            margin_top="20px",
        ),
    )
    return rx.el.section(sums, words, class_name="public section two", id="creators")


def hosting() -> rx.Component:
    words = rx.el.div(
        rx.el.h2("Host it yourself", class_name="section-title"),
        rx.el.p(
            "Apache-2.0 with nothing held back. No Docker and no keys for the first run; Python and make are enough. ",
            text_link("How to run it", href="/docs/self-hosting"),
            class_name="muted",
        ),
    )
    lines = [
        rx.el.div(rx.el.span("$ ", class_name="muted"), command, rx.el.span(f"  # {note}", class_name="muted"))
        for command, note in COMMANDS
    ]
    terminal = rx.el.div(*lines, class_name="terminal code", tab_index=0, role="region", aria_label="Commands")
    return rx.el.section(rx.el.div(words, terminal, class_name="card hosting"), class_name="public section")


def _third(shown: str, title: str, figure: Any, sentence: str) -> rx.Component:
    return rx.el.div(
        icon(shown, 20),
        rx.el.h3(title),
        rx.el.p(figure, class_name="medium num"),
        rx.el.p(sentence, class_name="muted"),
    )
