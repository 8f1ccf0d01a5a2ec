"""The site map: every page, its address, its title, who may enter, what it loads.

`who` says what a visitor needs to see the page at all; the handlers enforce it, each by its own policy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import reflex as rx

from agent_platform.pages._served import served_title
from agent_platform.pages.agent import agent
from agent_platform.pages.allowed import allowed
from agent_platform.pages.approvals import approvals
from agent_platform.pages.contact import contact
from agent_platform.pages.demo import demo
from agent_platform.pages.directory import directory
from agent_platform.pages.docs import CHANGELOG, DOCUMENTS, page_of
from agent_platform.pages.docs import index as documents
from agent_platform.pages.errors import not_found
from agent_platform.pages.example import example
from agent_platform.pages.keys import keys
from agent_platform.pages.landing import landing
from agent_platform.pages.legal import cookies, legal
from agent_platform.pages.members import members
from agent_platform.pages.overview import overview
from agent_platform.pages.profile import profile
from agent_platform.pages.publisher import publisher
from agent_platform.pages.quality import quality
from agent_platform.pages.report import report
from agent_platform.pages.review import review_queue, submission
from agent_platform.pages.run import run
from agent_platform.pages.runs import runs
from agent_platform.pages.settings import workspace
from agent_platform.pages.sign_in import sign_in
from agent_platform.pages.start import start
from agent_platform.pages.status import status
from agent_platform.pages.storefront import storefront
from agent_platform.pages.studio import new_agent, studio
from agent_platform.pages.studio_agent import studio_agent
from agent_platform.pages.usage import usage
from agent_platform.pages.wishes import agent_requests, wanted
from agent_platform.state.agent import AgentState
from agent_platform.state.allowed import AllowedState
from agent_platform.state.approvals import ApprovalsState
from agent_platform.state.contact import ContactState
from agent_platform.state.demo import DemoPage
from agent_platform.state.directory import DirectoryState
from agent_platform.state.docs import DocsState
from agent_platform.state.examples import ExamplePage, StudioExamples
from agent_platform.state.keys import KeysState
from agent_platform.state.landing import LandingState
from agent_platform.state.legal import LegalState
from agent_platform.state.overview import OverviewState
from agent_platform.state.profile import ProfileState
from agent_platform.state.publisher import PublisherState
from agent_platform.state.reports import ReportPage, ReportQueue
from agent_platform.state.review import ReviewPage, ReviewQueue
from agent_platform.state.run import RunPage
from agent_platform.state.runs import RunList
from agent_platform.state.saved import SavedState
from agent_platform.state.session import Session
from agent_platform.state.settings import MembersState, WorkspaceState
from agent_platform.state.sign_in import SignInState
from agent_platform.state.start import StartState
from agent_platform.state.status import StatusState
from agent_platform.state.storefront import StorefrontState
from agent_platform.state.studio import StudioAgentState, StudioState, UploadState
from agent_platform.state.taken_down import TakenDownReviews
from agent_platform.state.usage import UsageState
from agent_platform.state.wishes import AgentRequestQueue, WantedAgents
from agent_platform.views.site import words

Who = Literal["public", "signed_in", "viewer", "member", "admin", "owner"]


@dataclass(frozen=True)
class Page:
    """`load` runs when the page opens, after the shell; every handler in it runs, whoever is refused by another."""

    route: str
    draw: Callable[[], rx.Component]
    title: str
    who: Who = "public"
    load: Sequence[Any] = field(default_factory=tuple)
    description: str = ""


SITE_MAP: tuple[Page, ...] = (
    Page(
        "/",
        landing,
        words.LANDING.title,
        load=[LandingState.open],
        description=words.LANDING.description,
    ),
    Page(
        "/agents",
        directory,
        words.DIRECTORY.title,
        load=[DirectoryState.open],
        description=words.DIRECTORY.description,
    ),
    Page("/agents/[publisher]/[slug]", agent, "Agent", load=[AgentState.open, SavedState.open]),
    Page("/publishers/[publisher]", publisher, "Publisher", load=[PublisherState.open]),
    Page("/agents/[publisher]/[slug]/examples/[example_slug]", example, "Example", load=[ExamplePage.open]),
    Page("/demo/[key]", demo, words.DEMO.title, load=[DemoPage.open]),
    Page("/sign-in", sign_in, words.SIGN_IN.title, load=[SignInState.open], description=words.SIGN_IN.description),
    Page("/start", start, "New workspace", "signed_in", [StartState.open]),
    Page(
        "/docs",
        documents,
        words.DOCUMENTS.title,
        load=[DocsState.open],
        description=words.DOCUMENTS.description,
    ),
    *(Page(f"/docs/{one.name}", page_of(one), one.title, description=one.summary) for one in DOCUMENTS),
    Page(
        "/quality",
        quality,
        words.QUALITY.title,
        description=words.QUALITY.description,
    ),
    Page("/changelog", page_of(CHANGELOG), words.CHANGELOG.title, description=words.CHANGELOG.description),
    Page("/status", status, words.STATUS.title, load=[StatusState.open], description=words.STATUS.description),
    Page("/contact", contact, words.CONTACT.title, load=[ContactState.open], description=words.CONTACT.description),
    Page("/terms", legal, words.TERMS.title, load=[LegalState.open], description=words.TERMS.description),
    Page("/privacy", legal, words.PRIVACY.title, load=[LegalState.open], description=words.PRIVACY.description),
    Page("/cookies", cookies, words.COOKIES.title, load=[LegalState.open], description=words.COOKIES.description),
    Page("/overview", overview, "Overview", "viewer", [OverviewState.open]),
    Page("/runs", runs, "Runs", "viewer", [RunList.open]),
    Page("/runs/[run_id]", run, "Run", "viewer", [RunPage.open]),
    Page("/approvals", approvals, "Approvals", "viewer", [ApprovalsState.open]),
    Page("/studio", studio, "Studio", "admin", [StudioState.open]),
    Page("/studio/new", new_agent, "New agent", "admin", [UploadState.open]),
    Page("/studio/agents/[slug]", studio_agent, "Agent", "admin", [StudioAgentState.open, StudioExamples.open]),
    Page("/studio/wanted", wanted, "What people look for", "admin", [WantedAgents.open]),
    Page("/ops/requests", agent_requests, "Requested agents", "viewer", [AgentRequestQueue.open]),
    Page("/ops/review", review_queue, "Review", "viewer", [ReviewQueue.open, ReportQueue.open, TakenDownReviews.open]),
    Page("/ops/review/[request]", submission, "Submission", "viewer", [ReviewPage.open]),
    Page("/ops/reports/[report]", report, "Report", "viewer", [ReportPage.open]),
    Page("/usage", usage, "Usage", "viewer", [UsageState.open]),
    Page("/settings", profile, "Settings", "signed_in", [ProfileState.begin]),
    Page("/settings/profile", profile, "Profile", "signed_in", [ProfileState.open]),
    Page("/settings/workspace", workspace, "Workspace", "viewer", [WorkspaceState.open]),
    Page("/settings/members", members, "Members", "viewer", [MembersState.open]),
    Page("/settings/keys", keys, "API keys", "viewer", [KeysState.open]),
    Page("/settings/agents", allowed, "Allowed agents", "viewer", [AllowedState.open]),
    Page("/settings/storefront", storefront, "Storefront", "viewer", [StorefrontState.open]),
    Page("404", not_found, words.NOT_FOUND.title),
)


def add_pages(app: rx.App) -> None:
    """The application has every page of the site map."""
    for page in SITE_MAP:
        app.add_page(
            page.draw,
            route=page.route,
            title=_title(page),
            description=page.description or None,
            image="/og/site.png",
            on_load=[Session.load_shell, *page.load],
        )


def _title(page: Page) -> str | rx.Var[str]:
    title = f"{page.title} · {words.NAME}"
    return served_title(title) if page.who == "public" and "[" in page.route else title
