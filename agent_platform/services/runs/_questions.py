"""Questions that an agent puts to a person. It may ask and read the answer; it can never give one."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.errors import InputInvalid
from agent_platform.core.ids import new_id, shown
from agent_platform.core.live import publish_after_commit
from agent_platform.core.storable import read_storable
from agent_platform.models.approvals import Approval, ApprovalRole, ApprovalState, OnExpire
from agent_platform.models.runs import Origin, Run, RunAttempt, RunState
from agent_platform.services import agents
from agent_platform.services.runs._speaker import speaking_attempt
from agent_platform.services.runs._states import tell
from agent_platform.services.runs.errors import EventRefused

MOST_QUESTIONS = 50
MOST_KEY_CHARACTERS = 200
MOST_TITLE_CHARACTERS = 200
MOST_FACTS_BYTES = 65_536
MOST_EXPIRES_SECONDS = 30 * 86_400
DRY_ANSWER, TEST_ANSWER = "dry run", "daily test"


@dataclass(frozen=True)
class Question:
    key: str
    title: str
    facts: dict[str, Any]
    form: dict[str, Any]
    role: str
    expires_seconds: int
    on_expire: str


def read_question(body: bytes) -> Question:
    """Raises: EventRefused naming the member."""
    try:
        raw = read_storable(body)
    except (ValueError, RecursionError):
        raise EventRefused("The body must be a JSON object.") from None
    if not isinstance(raw, dict):
        raise EventRefused("The body must be a JSON object.")
    return Question(
        key=_text(raw, "key", MOST_KEY_CHARACTERS),
        title=_text(raw, "title", MOST_TITLE_CHARACTERS),
        facts=_facts(raw.get("data")),
        form=_form(raw.get("form")),
        role=_one_of(raw, "role", ApprovalRole, ApprovalRole.MEMBER),
        expires_seconds=_seconds(raw.get("expires_seconds", 86_400)),
        on_expire=_one_of(raw, "on_expire", OnExpire, OnExpire.REJECT),
    )


def ask(session: TenantSession, *, run_id: UUID, attempt: int, question: Question) -> dict[str, Any]:
    """The decision, or `pending` for a question that is now recorded: the attempt should end, and the run will wait.

    Raises: TokenDead, EventRefused.
    """
    run, current = speaking_attempt(session, run_id, attempt)
    if run.is_dry_run:
        return _answered_at_once(session, run, question, by=DRY_ANSWER)
    if _is_test(session, run):
        run.approval_count += 1  # that it asks people is seen in its tests
        return _answered_at_once(session, run, question, by=TEST_ANSWER)
    known = session.execute(
        select(Approval)
        .where(
            col(Approval.tenant_id) == session.tenant_id,
            col(Approval.run_id) == run.id,
            col(Approval.key) == question.key,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if known is None:
        known = _record(session, run, current, question)
    elif known.state == ApprovalState.PENDING and _is_past(session, known):
        expire(session, known)
    if known.state != ApprovalState.PENDING:
        return decision_of(known)
    current.spoken = {"approval": question.key}
    return {"state": "pending"}


def expire(session: TenantSession, approval: Approval) -> None:
    """A locked question that nobody answered in time is answered by what it said would happen then."""
    approval.state = ApprovalState.EXPIRED
    approval.decided_at = session.execute(text("SELECT clock_timestamp()")).scalar_one()


def decision_of(approval: Approval) -> dict[str, Any]:
    """What the agent reads of an answered question."""
    expired = approval.state == ApprovalState.EXPIRED
    approved = approval.on_expire == OnExpire.APPROVE if expired else approval.state == ApprovalState.APPROVED
    return {
        "state": approval.state,
        "approved": approved,
        "by": approval.decided_by_name or None,
        "comment": approval.comment,
        "data": approval.answer,
    }


def _answered_at_once(session: TenantSession, run: Run, question: Question, *, by: str) -> dict[str, Any]:
    tell(session, run, "run.asked", title=question.title, answer=by)
    return {"state": "approved", "approved": True, "by": by, "comment": "", "data": {}}


def _is_test(session: TenantSession, run: Run) -> bool:
    """A daily test, or a run that one started: nobody is there who could answer."""
    while run.parent_run_id is not None:
        run = session.get_one(Run, (session.tenant_id, run.parent_run_id))
    return run.origin == Origin.TEST


def _record(session: TenantSession, run: Run, attempt: RunAttempt, question: Question) -> Approval:
    if run.state != RunState.RUNNING:
        raise EventRefused("The run is being stopped; nobody would answer.")
    if run.approval_count >= MOST_QUESTIONS:
        raise EventRefused(f"A run may ask {MOST_QUESTIONS} questions; this one has asked them.")
    run.approval_count += 1
    until = session.execute(
        text("SELECT now() + make_interval(secs => :seconds)"), {"seconds": question.expires_seconds}
    ).scalar_one()
    approval = Approval(
        tenant_id=session.tenant_id,
        id=new_id(),
        run_id=run.id,
        attempt=attempt.number,
        key=question.key,
        title=question.title,
        facts=question.facts,
        form=question.form,
        role=question.role,
        on_expire=question.on_expire,
        expires_at=until,
    )
    session.add(approval)
    tell(session, run, "run.asked", title=question.title, role=question.role, approval=shown("apv", approval.id))
    publish_after_commit(session, f"run:{run.id}", f"usage:{session.tenant_id}")
    return approval


def _is_past(session: TenantSession, approval: Approval) -> bool:
    return session.execute(text("SELECT now()")).scalar_one() >= approval.expires_at


def _text(raw: dict[str, Any], name: str, most: int) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= most:
        raise EventRefused(f"`{name}` is text of 1 to {most} characters.")
    return value.strip()


def _facts(value: Any) -> dict[str, Any]:
    facts = {} if value is None else value if isinstance(value, dict) else {"value": value}
    if len(json.dumps(facts)) > MOST_FACTS_BYTES:
        raise EventRefused(f"`data` is larger than {MOST_FACTS_BYTES // 1024} KiB. Put large content into a file.")
    return facts


def _form(value: Any) -> dict[str, Any]:
    """A form is a schema like the input of a manifest, with the same limits: it is drawn and checked in our processes."""
    if value is None or value == {}:
        return {}
    problems = agents.problems_of_schema(value)
    if problems:
        raise EventRefused(f"`form` is not a usable schema: {problems[0].path} {problems[0].message}")
    return value


def _one_of(raw: dict[str, Any], name: str, kinds: Any, otherwise: Any) -> str:
    value = raw.get(name, otherwise)
    if value not in set(kinds):
        raise EventRefused(f"`{name}` is one of {', '.join(kinds)}.")
    return str(value)


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_EXPIRES_SECONDS:
        raise EventRefused("`expires_seconds` is a whole number from 1 second to 30 days.")
    return value


def checked_answer(form: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What a person filled in. Raises: InputInvalid naming the field."""
    if not form:
        if answer:
            raise InputInvalid("This question has no form. Nothing was decided.")
        return {}
    error = next(agents.validator_of({"additionalProperties": False, **form}).iter_errors(answer), None)
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path)
        raise InputInvalid(f"{place or 'The form'}: {error.message[:200]}. Nothing was decided.")
    return answer
