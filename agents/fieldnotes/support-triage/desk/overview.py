"""The overview in Markdown. Text of tickets is escaped, so that none of it becomes formatting."""

import re
from collections import Counter

from desk.asking import Reply
from desk.sorting import Sorted

MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~+-])")
MOST_ROWS = 200


def write_overview(found: list[Sorted], replies: list[Reply]) -> str:
    urgencies = Counter(one.urgency for one in found)
    may_go = sum(reply.may_go for reply in replies)
    counted = ", ".join(f"{urgencies[name]} {name}" for name in ("critical", "high", "normal", "low") if urgencies[name])
    rows = [
        f"| {plain(one.ticket.id)} | {one.urgency} | {one.kind} | {plain(one.ticket.subject[:100])} | {plain(', '.join(one.reasons))} |"
        for one in found[:MOST_ROWS]
    ]
    held = [f"- {plain(reply.one.ticket.id)}: {plain(reply.why)}" for reply in replies if not reply.may_go]
    parts = ["# Support triage", "", f"{len(found)} tickets: {counted or 'none'}. {may_go} replies may go out, {len(held)} are held back."]
    parts += ["", "| ticket | urgency | class | subject | because of |", "|---|---|---|---|---|", *rows]
    parts += ["", "## Held back", "", *(held or ["None."])]
    parts += ["", "Nothing was sent by this agent: what may go out are its rows of kind send."]
    return "\n".join(parts) + "\n"


def plain(text: str) -> str:
    return MARKUP.sub(r"\\\1", " ".join(text.split()))
