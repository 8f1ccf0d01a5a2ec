"""What the page of one run shows, read in one transaction of its workspace."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import parse, shown
from agent_platform.core.policy import Caller
from agent_platform.models.runs import FINAL_RUN_STATES, Run, RunAttempt, RunState
from agent_platform.services import billing, catalog, runs, tenancy
from agent_platform.state._examples import offer_of
from agent_platform.state._run_output import see_output
from agent_platform.views.examples import OfferView
from agent_platform.views.format import count
from agent_platform.views.parts import FactView, LogLine, TimelineBar
from agent_platform.views.promises import promises
from agent_platform.views.run import RunHead, RunStrip, head_of, strip_of
from agent_platform.views.run_costs import Books, CostsView, costs_of
from agent_platform.views.run_details import details_of, input_facts, input_json
from agent_platform.views.run_failure import LAST_LINES, TroubleView, trouble_of
from agent_platform.views.run_files import DocumentView, FileView
from agent_platform.views.run_log import KEPT_LINES, log_lines
from agent_platform.views.run_network import NetworkView, network_of
from agent_platform.views.run_output import OutputView, Shown, Slice
from agent_platform.views.run_questions import AnswerView, QuestionView, answers_of, question_of
from agent_platform.views.run_timeline import HappeningView, bars_of, happenings_of, total_of

PAGE_ROWS = 25
NEWEST_ROWS = 10  # few, so that the log beneath them is seen
TAIL_LINES = 12
SEARCHED_LINES = 5_000
NEWEST = 0


@dataclass(frozen=True)
class Looking:
    """What somebody is looking at. `page` 0 follows the newest rows; a log of `log_bytes` or file of `document_sha` is not sent again."""

    run_id: UUID
    tab: str = "output"
    page: int = 1
    shown: Shown = field(default_factory=Shown)
    log_level: str = "all"
    log_find: str = ""
    log_bytes: int = -1
    document_sha: str = ""
    history: billing.History | None = None


@dataclass(frozen=True)
class RunSight:
    """Everything the open tab needs, and nothing of the others."""

    head: RunHead
    strip: RunStrip
    trouble: TroubleView
    bars: list[TimelineBar]
    total: str
    final: bool
    page: int
    pages: int
    log_bytes: int
    rows: str = ""
    output: OutputView | None = None
    files: list[FileView] = field(default_factory=list)
    figure: go.Figure | None = None
    document: DocumentView | None = None
    document_sha: str = ""
    lines: list[LogLine] | None = None
    happenings: list[HappeningView] | None = None
    costs: CostsView | None = None
    details: list[FactView] | None = None
    network: NetworkView | None = None
    question: QuestionView = field(default_factory=QuestionView)
    form: dict[str, Any] = field(default_factory=dict)
    answers: list[AnswerView] = field(default_factory=list)
    example: OfferView | None = None


@dataclass(frozen=True)
class RunTerms:
    """What never changes: read once, when the page opens."""

    run_id: UUID
    final: bool
    history: billing.History | None
    promises: list[str]
    input: list[FactView]
    input_json: str


def find_terms(session: TenantSession, *, shown_id: str) -> RunTerms | None:
    """None for a run that is not there or belongs to somebody else: both read the same."""
    try:
        run = runs.get_run(session, run_id=read_id(shown_id))
    except NotFound:
        return None
    schema, history = _agent_now(session, run)
    return RunTerms(
        run.id,
        run.state in FINAL_RUN_STATES,
        history,
        promises(run.price),
        input_facts(run, schema, runs.input_file_names(session, run=run)),
        input_json(run, schema),
    )


def see_run(session: TenantSession, *, looking: Looking, caller: Caller) -> RunSight:
    """Raises: NotFound."""
    run = runs.get_run(session, run_id=looking.run_id)
    attempts = runs.list_attempts(session, run_id=run.id)
    events = runs.list_events(session, run_id=run.id)
    now, zone = datetime.now(UTC), ZoneInfo(caller.time_zone)
    final = run.state in FINAL_RUN_STATES
    place = runs.place_in_queue(session, run=run) if run.state == RunState.QUEUED else 0
    failed = run.state in {RunState.FAILED, RunState.TIMED_OUT}
    last = log_lines(runs.log_tail(session, run_id=run.id, lines=LAST_LINES), zone=zone) if failed else []
    page = looking.page if looking.page or not final else _pages(run)
    seen: dict[str, Any] = {}
    if looking.tab == "output":
        output = _output_spec(attempts)
        rows = _slice(session, run, page, final=final)
        seen |= see_output(session, run, output, rows, shown=looking.shown, document_sha=looking.document_sha)
    if looking.tab in {"output", "log"} and run.log_bytes != looking.log_bytes:
        seen["lines"] = _log(session, run, looking, zone)
    if looking.tab == "timeline":
        seen["happenings"] = happenings_of(events, zone=zone)
    if looking.tab == "costs":
        seen["costs"] = costs_of(run, attempts, _books(session, run, final=final), now=now, zone=zone)
    if looking.tab == "details":
        seen["details"] = details_of(run, attempts, now=now, zone=zone)
    if final:
        seen["example"] = offer_of(session, run=run, caller=caller)
    seen["network"] = _network(session, run, looking, zone)
    seen.update(_questions(session, run, caller, now, zone))
    return RunSight(
        head=head_of(run, caller, tenancy.avatar_of(session, user_id=run.started_by_user_id)),
        strip=strip_of(run, attempts, now=now, zone=zone, place=place, history=looking.history),
        trouble=trouble_of(run, events, now=now, zone=zone, log=last),
        bars=bars_of(run, attempts, now=now),
        total=total_of(run, now=now),
        final=final,
        page=page,
        pages=_pages(run),
        log_bytes=run.log_bytes,
        rows=count(run.item_count) if run.item_count else "",
        **seen,
    )


def _network(session: TenantSession, run: Run, looking: Looking, zone: ZoneInfo) -> NetworkView:
    """Hosts for the card beside every tab; single requests for their own tab."""
    total = runs.count_requests(session, run_id=run.id)
    hosts = runs.hosts_asked(session, run_id=run.id) if total else []
    requests = runs.last_requests(session, run_id=run.id) if total and looking.tab == "network" else []
    return network_of(run, total, hosts, requests, zone=zone)


def _questions(session: TenantSession, run: Run, caller: Caller, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    if not run.approval_count:
        return {}
    asked = runs.list_approvals(session, run_id=run.id)
    question = question_of(asked, caller, now=now, zone=zone)
    form = next((one.form for one in asked if shown("apv", one.id) == question.id), {})
    return {"question": question, "form": form, "answers": answers_of(asked, now=now, zone=zone)}


def read_id(text: str) -> UUID:
    """The id in an address, as we show it or as a plain UUID. Raises: NotFound."""
    try:
        return UUID(text)
    except ValueError:
        return parse("run", text)


def _agent_now(session: TenantSession, run: Run) -> tuple[dict[str, Any], billing.History | None]:
    """Form and usual cost of the agent as it is today; nothing if it is no longer offered."""
    publisher, _, slug = run.agent_ref.partition("/")
    try:
        found = catalog.find_runnable(session, publisher=publisher, slug=slug)
    except (catalog.AgentNotFound, catalog.AgentNotRunnable):
        return {}, None
    usual = billing.quote(
        run.price, history=found.history, memory_mb=run.memory_mb, timeout_seconds=run.timeout_seconds
    )
    return found.manifest.input_schema, billing.History(
        usual.runs, usual.p50_micro_usd, usual.p90_micro_usd, usual.p50_ms
    )


def _output_spec(attempts: list[RunAttempt]) -> dict[str, Any]:
    return next((attempt.spec["output"] for attempt in reversed(attempts) if attempt.spec.get("output")), {})


def _pages(run: Run) -> int:
    return max(1, -(-run.item_count // PAGE_ROWS))


def _slice(session: TenantSession, run: Run, page: int, *, final: bool) -> Slice:
    """Behind the last page of a live run come its newest rows."""
    if page == NEWEST:
        items = runs.items_page(session, run_id=run.id, newest=True, limit=NEWEST_ROWS)
        return Slice(items, max(run.item_count, len(items)) - len(items) + 1)
    first = (page - 1) * PAGE_ROWS
    items = runs.items_at(session, run_id=run.id, offset=first, limit=PAGE_ROWS + 1)
    return Slice(items[:PAGE_ROWS], first + 1, has_next=len(items) > PAGE_ROWS or not final)


def _log(session: TenantSession, run: Run, looking: Looking, zone: ZoneInfo) -> list[LogLine]:
    if looking.tab == "output":
        return log_lines(runs.log_tail(session, run_id=run.id, lines=TAIL_LINES), zone=zone)
    narrowed = looking.log_level != "all" or looking.log_find
    found = runs.log_tail(session, run_id=run.id, lines=SEARCHED_LINES if narrowed else KEPT_LINES)
    return log_lines(found, zone=zone, level=looking.log_level, find=looking.log_find)


def _books(session: TenantSession, run: Run, *, final: bool) -> Books:
    return Books(
        runs.sum_charges(session, run_id=run.id),
        billing.journal_totals_of_run(session, run_id=run.id),
        runs.find_receipt(session, run_id=run.id) if final else None,
    )
