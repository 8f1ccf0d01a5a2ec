"""What the studio shows, formatted."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from agent_platform.core.ids import shown
from agent_platform.services import agents
from agent_platform.views.format import ago, bytes_text, duration_ms, plain_text
from agent_platform.views.quality import QualityView

VISIBILITY = {
    "private": "Private: only who builds sees it",
    "tenant": "Workspace: every member runs it",
    "unlisted": "Unlisted: anybody with its address",
    "public": "Public: in the directory",
}
SUSPENDED = "Suspended: nobody finds it in the directory"
BUILD_NOTES = {
    "queued": "Waits for its turn: this workspace builds {most} at once.",
    "building": "Ends by itself after {minutes} minutes at the latest.",
}
RELEASABLE = frozenset({"ready", "in_review", "approved"})


@dataclass(frozen=True)
class AgentRowView:
    slug: str
    href: str
    name: str
    summary: str
    visibility: str
    version: str
    state: str
    ago: str


@dataclass(frozen=True)
class VersionView:
    """`step` is what happens next: wait, publish, review, mend, none."""

    id: str
    number: str
    state: str
    size: str
    digest: str
    ago: str
    stable: bool
    releasable: bool
    step: str
    error: str = ""
    request_id: str = ""
    note: str = ""


@dataclass(frozen=True)
class BuildView:
    """`note` says what a build under way waits for, or how long it may take; `open` while it can be cancelled."""

    id: str = ""
    open: bool = False
    note: str = ""
    number: int = 0
    state: str = ""
    time: str = ""
    error: str = ""
    log: str = ""


@dataclass(frozen=True)
class StudioAgentView:
    id: str = ""
    slug: str = ""
    name: str = ""
    summary: str = ""
    address: str = ""
    visibility: str = ""
    visibility_words: str = ""
    listed: bool = False
    archived: bool = False
    page: str = ""
    versions: list[VersionView] = field(default_factory=list)
    build: BuildView = BuildView()
    review_queue: str = ""
    quality: QualityView = QualityView()
    suspended: str = ""  # why a reviewer has stopped it


@dataclass(frozen=True)
class MistakeView:
    """One wrong place of a manifest and its fix."""

    path: str
    message: str


def agent_row(facts: agents.AgentFacts, now: datetime) -> AgentRowView:
    return AgentRowView(
        slug=facts.slug,
        href=f"/studio/agents/{facts.slug}",
        name=plain_text(facts.name),
        summary=plain_text(facts.summary),
        visibility=facts.visibility,
        version=facts.stable or facts.latest or "\N{EM DASH}",
        state=facts.latest_state or "draft",
        ago=ago(facts.created_at, now),
    )


def version_view(facts: agents.VersionFacts, now: datetime) -> VersionView:
    return VersionView(
        id=shown("ver", facts.id),
        number=facts.number,
        state=facts.state,
        size=bytes_text(facts.bundle_bytes),
        digest=facts.digest[:12],
        ago=ago(facts.created_at, now),
        stable=facts.is_stable,
        releasable=facts.state in RELEASABLE and not facts.is_stable,
        step=_step(facts),
        error=plain_text(facts.build_error or "") if facts.state == "build_failed" else "",
        request_id=shown("pub", facts.request_id) if facts.request_id and facts.state == "in_review" else "",
        note=plain_text(facts.request_note),
    )


def build_view(facts: agents.BuildFacts, *, most_at_once: int) -> BuildView:
    took = (
        round(((facts.finished_at or datetime.now(UTC)) - facts.started_at).total_seconds() * 1000)
        if facts.started_at
        else None
    )
    return BuildView(
        id=shown("bld", facts.id),
        open=facts.state in BUILD_NOTES,
        note=BUILD_NOTES.get(facts.state, "").format(minutes=agents.BUILD_SECONDS // 60, most=most_at_once),
        number=facts.number,
        state=facts.state,
        time=duration_ms(took),
        error=plain_text(facts.error or ""),
        log=plain_text(facts.log),
    )


def _step(facts: agents.VersionFacts) -> str:
    steps = {"draft": "wait", "building": "wait", "build_failed": "mend", "ready": "publish", "in_review": "review"}
    return steps.get(facts.state, "none")
