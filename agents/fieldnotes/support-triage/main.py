"""Support Triage: a row per ticket, then one per reply that a person has approved or held back. It sends nothing itself."""

from collections import Counter
from typing import Any

from desk.asking import Reply, ask_for_all, batches
from desk.drafts import draft_of
from desk.overview import write_overview
from desk.sorting import Sorted, sort_ticket
from desk.tickets import BadTickets, Ticket, read_file, read_given

from agent_platform.sdk import InputError, Run, agent

URGENCIES = ("critical", "high", "normal", "low")


@agent
def triage(run: Run) -> dict[str, Any]:
    """Every attempt begins here: tickets are sorted in the same way, and rows with the same key are stored once."""
    tickets = _tickets(run)
    found = sorted((sort_ticket(ticket) for ticket in tickets), key=lambda one: URGENCIES.index(one.urgency))
    sorted_ones = _emit_tickets(run, found)
    replies = [Reply(one, draft_of(one, run.input)) for one in sorted_ones if one.kind != "spam"]
    asked = batches(replies)
    for number, batch in enumerate(asked, start=1):
        ask_for_all(run, batch, number=number, of=len(asked))
        run.emit_many([reply.item() for reply in batch], keys=[f"reply:{reply.one.ticket.id}" for reply in batch])
        run.progress(number, len(asked), f"Answered {number} of {len(asked)}")
    run.files.put("triage.md", write_overview(sorted_ones, replies), "text/markdown")
    return _result(sorted_ones, replies, len(asked))


def _tickets(run: Run) -> list[Ticket]:
    given = "file" if run.input.get("file") else "tickets"
    try:
        if given == "file":
            with run.files.open(run.input["file"]) as stream:
                return read_file(stream.read())
        return read_given(run.input.get("tickets") or [])
    except BadTickets as error:
        raise InputError(given, str(error)) from error


def _emit_tickets(run: Run, found: list[Sorted]) -> list[Sorted]:
    """Those that the cap pays for, the most urgent first."""
    for number, one in enumerate(found):
        item = one.item() | {"text": draft_of(one, run.input) if one.kind != "spam" else ""}
        if not run.emit(item, event="ticket", key=f"ticket:{one.ticket.id}"):
            run.log.warn(f"The cap was reached: {len(found) - number} less urgent tickets were not sorted.")
            return found[:number]
        run.progress(number + 1, len(found), f"Sorted {number + 1} of {len(found)}")
    return found


def _result(found: list[Sorted], replies: list[Reply], questions: int) -> dict[str, Any]:
    return {
        "tickets": len(found),
        "critical": sum(one.urgency == "critical" for one in found),
        "to_send": sum(reply.may_go for reply in replies),
        "held": sum(not reply.may_go for reply in replies),
        "no_reply": len(found) - len(replies),
        "questions": questions,
        "classes": dict(Counter(one.kind for one in found).most_common()),
    }
