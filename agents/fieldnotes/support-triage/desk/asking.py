"""What is asked of a person, and what the answer means for each reply. Without a yes nothing may go out."""

from dataclasses import dataclass
from typing import Any

from desk.sorting import Sorted

from agent_platform.sdk import Run

AT_ONCE = 10
MOST_REPLY = 4_000
MOST_EXCERPT = 200
SEND, HOLD = "Let the replies below go out", "Hold all of them back"


@dataclass
class Reply:
    """A draft on its way: `may_go` once a person has said yes, and `why` not otherwise."""

    one: Sorted
    draft: str
    text: str = ""
    may_go: bool = False
    by: str = ""
    why: str = ""

    def item(self) -> dict[str, Any]:
        ticket = self.one.ticket
        facts = {
            "kind": "send" if self.may_go else "held",
            "ticket": ticket.id,
            "class": self.one.kind,
            "urgency": self.one.urgency,
            "language": self.one.language,
            "subject": f"Re: {ticket.subject}" if ticket.subject else "Re: your message",
            "to": ticket.address,
            "text": self.text or self.draft,
            "edited": bool(self.text) and self.text != self.draft,
        }
        return facts | ({"approved_by": self.by} if self.may_go else {"why": self.why})


def batches(replies: list[Reply]) -> list[list[Reply]]:
    """As many as a person can read at once, the most urgent first."""
    return [replies[first : first + AT_ONCE] for first in range(0, len(replies), AT_ONCE)]


def ask_for_all(run: Run, batch: list[Reply], *, number: int, of: int) -> None:
    """Each reply of the batch may go or is held. While nobody has answered this does not return: the run waits."""
    decision = run.approval.request(
        f"replies-{number}",
        _title(batch, number, of),
        data={f"Reply {place}": _fact(reply) for place, reply in enumerate(batch, start=1)},
        form=_form(batch),
        role=run.input.get("role", "member"),
        expires_seconds=3600 * run.input.get("wait_hours", 24),
    )
    for place, reply in enumerate(batch, start=1):
        _decide(reply, decision, f"reply_{place}")


def _decide(reply: Reply, decision: Any, name: str) -> None:
    """An empty form is a plain yes to the drafts. In a filled one a reply that was emptied is held back."""
    reply.by = decision.by or ""
    filled = decision.data or {}
    reply.text = str(filled.get(name, "")).strip()[:MOST_REPLY] if filled else reply.draft
    if not decision.approved:
        reply.text = ""
        reply.why = _refusal(decision)
    elif filled.get("replies", SEND) == HOLD:
        reply.why = f"{reply.by or 'The person asked'} held all of these back."
    elif not reply.text:
        reply.why = f"{reply.by or 'The person asked'} emptied this reply."
    elif not reply.one.ticket.address:
        reply.why = "The ticket has no address to reply to."
    else:
        reply.may_go = True


def _refusal(decision: Any) -> str:
    if not decision.by:
        return "Nobody answered in time."
    return f"{decision.by} said no: {decision.comment[:300]}" if decision.comment else f"{decision.by} said no."


def _title(batch: list[Reply], number: int, of: int) -> str:
    critical = sum(reply.one.urgency == "critical" for reply in batch)
    count = f"{len(batch)} replies" if len(batch) > 1 else "1 reply"
    part = f" (part {number} of {of})" if of > 1 else ""
    urgent = f" {critical} of them to critical tickets." if critical else ""
    return f"May {count} go out?{part}{urgent}"


def _fact(reply: Reply) -> str:
    ticket = reply.one.ticket
    words = " ".join(ticket.body[:1_000].split())[:MOST_EXCERPT]
    to = ticket.address or "no address"
    return f"Ticket {ticket.id}, {reply.one.urgency}, {reply.one.kind}, to {to}: {ticket.subject[:100]}. {words}"


def _form(batch: list[Reply]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "replies": {
            "type": "string",
            "enum": [SEND, HOLD],
            "title": "Replies",
            "description": "A reply that you empty is held back.",
            "prefill": SEND,
        }
    }
    for place, reply in enumerate(batch, start=1):
        fields[f"reply_{place}"] = {
            "type": "string",
            "title": f"Reply {place}: {reply.one.ticket.subject[:60] or reply.one.ticket.id}",
            "maxLength": MOST_REPLY,
            "editor": "textarea",
            "prefill": reply.draft,
        }
    return {"type": "object", "required": ["replies"], "properties": fields}
