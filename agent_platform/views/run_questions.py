"""A question that a run puts to people: who may answer, until when, and what happens if nobody does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from agent_platform.core.ids import shown
from agent_platform.core.policy import Caller
from agent_platform.models.approvals import Approval, ApprovalState
from agent_platform.services.runs import PendingApproval, may_decide
from agent_platform.views.form_kinds import title_of
from agent_platform.views.format import ago_text, span
from agent_platform.views.parts import FactView
from agent_platform.views.run_output import cell_text
from agent_platform.views.run_words import clock_words, one_line

MOST_FACTS = 40
WHO = {"member": "Members, admins and owners", "admin": "Admins and owners", "owner": "Owners"}
OTHERWISE = {"reject": "it is rejected", "approve": "it is approved"}


@dataclass(frozen=True)
class QuestionView:
    """An empty `id` is no question. `has_form`: the person may fill something in."""

    id: str = ""
    title: str = ""
    who: str = ""
    otherwise: str = ""
    facts: list[FactView] = field(default_factory=list)
    has_form: bool = False
    can_decide: bool = False


@dataclass(frozen=True)
class AnswerView:
    """A question that is answered; `state` is a word of the status vocabulary."""

    title: str
    state: str
    said: str


@dataclass(frozen=True)
class PendingView:
    """One line of the list of open questions."""

    title: str
    agent: str
    slug: str
    run: str
    href: str
    who: str
    asked: str
    left: str
    can_decide: bool


def question_of(approvals: Sequence[Approval], caller: Caller, *, now: datetime, zone: tzinfo) -> QuestionView:
    """The oldest open question of a run; empty when there is none."""
    one = next((approval for approval in approvals if is_open(approval, now)), None)
    if one is None:
        return QuestionView()
    until = clock_words(one.expires_at, now=now, zone=zone)
    return QuestionView(
        id=shown("apv", one.id),
        title=one_line(one.title, 200),
        who=f"{WHO[one.role]} may decide. The run waits and nothing is charged meanwhile.",
        otherwise=f"If nobody decides by {until}, {OTHERWISE[one.on_expire]}.",
        facts=facts_of(one.facts),
        has_form=bool(one.form.get("properties")),
        can_decide=may_decide(one, caller),
    )


def answers_of(approvals: Sequence[Approval], *, now: datetime, zone: tzinfo) -> list[AnswerView]:
    """What was asked and is settled, oldest first."""
    return [
        AnswerView(one_line(one.title, 120), _state(one), _said(one, now=now, zone=zone))
        for one in approvals
        if not is_open(one, now)
    ]


def pending_of(found: Sequence[PendingApproval], caller: Caller, *, now: datetime) -> list[PendingView]:
    return [
        PendingView(
            title=one_line(one.approval.title, 120),
            agent=one_line(one.run.agent_name),
            slug=one.run.agent_ref.partition("/")[2],
            run=one_line(one.run.title or one.run.agent_name),
            href=f"/runs/{shown('run', one.run.id)}",
            who=WHO[one.approval.role],
            asked=ago_text(one.approval.created_at, now),
            left=span(max(1, round((one.approval.expires_at - now).total_seconds()))),
            can_decide=may_decide(one.approval, caller),
        )
        for one in found
    ]


def is_open(approval: Approval, now: datetime) -> bool:
    return approval.state == ApprovalState.PENDING and approval.expires_at > now


def facts_of(facts: Mapping[str, Any]) -> list[FactView]:
    return [
        FactView(one_line(title_of(str(name), {}), 60), one_line(cell_text(value), 400))
        for name, value in list(facts.items())[:MOST_FACTS]
    ]


def _state(one: Approval) -> str:
    return {"approved": "approved", "rejected": "rejected"}.get(
        one.state, "expired" if one.state != "cancelled" else "cancelled"
    )


def _said(one: Approval, *, now: datetime, zone: tzinfo) -> str:
    if one.state == ApprovalState.CANCELLED:
        return "The run ended before anybody answered."
    if one.decided_by_name:
        at = f" at {clock_words(one.decided_at, now=now, zone=zone)}" if one.decided_at else ""
        comment = f": {one_line(one.comment, 300)}" if one.comment else ""
        return f"{one_line(one.decided_by_name)}{at}{comment}"
    return f"Nobody answered in time, so {OTHERWISE[one.on_expire]}."
