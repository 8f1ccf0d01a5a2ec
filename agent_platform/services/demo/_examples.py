"""Examples of the sample agents: each a real run that its publisher has made and kept."""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import structlog

from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import AppError
from agent_platform.core.policy import Caller
from agent_platform.models.runs import FINAL_RUN_STATES
from agent_platform.services import catalog, examples, runs
from agent_platform.services.demo._bundles import AGENTS
from agent_platform.services.demo._history import wait_for_credit

log = structlog.get_logger()
POLL_SECONDS = 0.2
WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class Told:
    """One example: `sample` is a file of the agent's that is given as text, cut to `lines` of it; without it the form's own text is."""

    publisher: str
    slug: str
    title: str
    line: str
    sample: str = ""
    lines: int = 0
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def agent(self) -> str:
        return f"{self.publisher}/{self.slug}"


TOLD = (
    Told(
        "openworks", "data-profiler", "Orders with two date notations",
        "Ten orders pasted as CSV: German amounts, a repeated order, two ways to write a date.",
    ),
    Told(
        "openworks", "data-profiler", "A customer list before an import",
        "What is empty, doubled or out of range in a list of customers, column by column.", sample="customers.csv",
    ),
    Told(
        "openworks", "data-profiler", "Only the first rows of a list",
        "A quick look: the profile of the first five rows, and no cleaned copy.", sample="customers.csv",
        given={"sample": 5, "clean": False},
    ),
    Told(
        "openworks", "pii-redactor", "A mail to the support desk",
        "Name, phone, IBAN and card of one mail, each masked by its kind; a mistyped card is left alone.",
    ),
    Told(
        "openworks", "pii-redactor", "Tickets with the last four digits kept",
        "Support tickets as CSV, masked so that staff can still tell cards and accounts apart.",
        sample="support-tickets.csv", given={"mask": "last4"},
    ),
    Told(
        "openworks", "pii-redactor", "E-mail addresses alone, as tokens",
        "Each address becomes the same token wherever it stands, so that tickets of one person stay together.",
        sample="support-tickets.csv", given={"kinds": ["email"], "mask": "hash"},
    ),
    Told(
        "mica-tools", "log-triage", "A connection pool that ran dry",
        "Twenty minutes of one service: the release, the first error behind it, and the end.",
    ),
    Told(
        "mica-tools", "log-triage", "The beginning of an incident",
        "Three hundred lines of an order service, grouped by template, errors first.", sample="orders.log", lines=300,
    ),
    Told(
        "mica-tools", "log-triage", "Minute by minute, the five loudest",
        "The same log in windows of one minute, with the five templates that matter most.", sample="orders.log",
        lines=400, given={"window": 1, "top": 5},
    ),
    Told(
        "fieldnotes", "ask-my-documents", "Leave that is carried over",
        "One question about a page of rules, answered by the sentence that says it.",
    ),
    Told(
        "fieldnotes", "ask-my-documents", "A stolen device, asked of a handbook",
        "Which rule of a whole handbook applies, with the line on which it stands.", sample="handbook.md",
        given={"question": "Who is told about a stolen device?"},
    ),
    Told(
        "fieldnotes", "ask-my-documents", "A question that the handbook does not answer",
        "No document says it, so there is no answer, and the words that are missing are named.", sample="handbook.md",
        given={"question": "Which colour has the company car of the founder?"},
    ),
)  # fmt: skip


def show_examples(owners: dict[str, Caller]) -> None:
    """Each sample agent has its examples, made by running it in its publisher's workspace. Repeating adds none."""
    asked = [(told, owners[told.publisher]) for told in TOLD if told.publisher in owners]
    missing = [(told, owner) for told, owner in asked if _is_missing(told, owner)]
    for owner in {owner.tenant_id: owner for _, owner in missing}.values():
        wait_for_credit(owner)
    started = [(told, owner, run_id) for told, owner in missing if (run_id := _start(told, owner)) is not None]
    for told, owner, run_id in started:
        _keep(told, owner, run_id)


def _is_missing(told: Told, owner: Caller) -> bool:
    """Of an agent that is in the directory."""
    assert owner.tenant_id is not None
    with public_session() as session:
        listing = catalog.find_listing(session, publisher=told.publisher, slug=told.slug)
    if listing is None:
        return False
    with tenant_session(owner.tenant_id) as session:
        return all(one.title != told.title for one in examples.list_own(session, agent_id=listing.id))


def _start(told: Told, owner: Caller) -> UUID | None:
    """The run behind the example, made once; None where it was refused."""
    assert owner.tenant_id is not None
    key = str(uuid5(owner.tenant_id, f"example {told.agent} {told.title}"))
    try:
        with tenant_session(owner.tenant_id) as session:
            given = _input(told, catalog.find_runnable(session, publisher=told.publisher, slug=told.slug).manifest)
            return runs.start(session, runs.RunRequest(told.publisher, told.slug, given, key), caller=owner).id
    except AppError as error:
        log.warning("seed_example_refused", agent=told.agent, reason=error.sentence)
        return None


def _input(told: Told, manifest: Any) -> dict[str, Any]:
    if not told.sample:
        known = manifest.input_schema.get("properties", {})
        prefilled = {name: rule["prefill"] for name, rule in known.items() if "prefill" in rule}
        return {**prefilled, **told.given}
    content = (AGENTS / told.publisher / told.slug / "samples" / told.sample).read_text(encoding="utf-8")
    lines = content.splitlines(keepends=True)
    return {"text": "".join(lines[: told.lines or len(lines)]), **told.given}


def _keep(told: Told, owner: Caller, run_id: UUID) -> None:
    assert owner.tenant_id is not None
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with tenant_session(owner.tenant_id) as session:
            if runs.get_run(session, run_id=run_id).state in FINAL_RUN_STATES:
                break
        time.sleep(POLL_SECONDS)
    try:
        with tenant_session(owner.tenant_id) as session:
            examples.save_example(session, run_id=run_id, title=told.title, line=told.line, caller=owner)
    except AppError as error:
        log.warning("seed_example_refused", agent=told.agent, reason=error.sentence)
