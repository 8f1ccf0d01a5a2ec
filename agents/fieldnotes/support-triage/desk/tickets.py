"""Tickets from a form, a CSV or JSON: plain text in bounded size, each with a number of its own."""

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import Any

MOST_TICKETS = 200
MOST_BODY, MOST_SUBJECT, MOST_ID = 20_000, 300, 60
NO_MESSAGE = "No ticket has a message. The column must be named body, message, text or description."
COLUMNS = {
    "id": ("id", "ticket", "number", "ticket_id", "ticketid", "nr"),
    "from": ("from", "sender", "email", "customer_email", "customer", "requester", "absender", "e-mail"),
    "subject": ("subject", "title", "summary", "betreff"),
    "body": ("body", "message", "text", "description", "content", "nachricht", "beschreibung"),
}

SENDER = re.compile(r"(?:\"?([^\"<>@]{0,200}?)\"? ?<([^<> ]{3,254})>|([^<> ]{3,254}))")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{2,63}")


class BadTickets(Exception):
    """These are no tickets; the text says what to change."""


@dataclass(frozen=True)
class Ticket:
    """`name` and `address` may be empty."""

    id: str
    subject: str
    body: str
    name: str = ""
    address: str = ""


def read_given(rows: list[dict[str, Any]]) -> list[Ticket]:
    """Rows with neither subject nor body are none. Raises: BadTickets."""
    if not rows:
        raise BadTickets("Give tickets in the form, or a CSV or JSON file of them.")
    if len(rows) > MOST_TICKETS:
        raise BadTickets(f"There are {len(rows):,} tickets; at most {MOST_TICKETS} are sorted at once. Give them in parts.")
    tickets = [ticket for number, row in enumerate(rows, start=1) if (ticket := _ticket(number, row)).subject or ticket.body]
    if not tickets:
        raise BadTickets(NO_MESSAGE)
    seen: set[str] = set()
    for ticket in tickets:
        if ticket.id in seen:
            raise BadTickets(f"The number {ticket.id} stands twice. Give each ticket a number of its own.")
        seen.add(ticket.id)
    return tickets


def read_file(content: bytes) -> list[Ticket]:
    """Raises: BadTickets."""
    if b"\x00" in content[:8192] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadTickets("The file is no text. Give tickets as CSV or JSON.")
    text = _decoded(content).lstrip("\ufeff").strip()
    if not text:
        raise BadTickets("The file is empty. Give tickets as CSV or JSON.")
    return read_given(_from_json(text) if text[0] in "[{" else _from_csv(text))


def _from_json(text: str) -> list[dict[str, Any]]:
    """A list, an object with a list in it, or one object per line."""
    try:
        try:
            found = json.loads(text)
        except ValueError:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise BadTickets(f"The JSON cannot be read: {str(error)[:120]}. Give a list of tickets.") from error
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [found])
    rows = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
    if not rows:
        raise BadTickets("The JSON holds no tickets. Give a list of objects with subject and body.")
    return [_renamed(row) for row in rows]


def _from_csv(text: str) -> list[dict[str, Any]]:
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=head.count))
    try:
        rows = []
        for row in reader:
            named = _renamed({key: value for key, value in row.items() if isinstance(key, str)})
            if not (named["subject"] + named["body"]).strip():
                continue  # a spreadsheet saves empty rows as well
            rows.append(named)
            if len(rows) > MOST_TICKETS:
                raise BadTickets(f"There are more than {MOST_TICKETS} tickets, the most at once. Give them in parts.")
    except csv.Error as error:
        raise BadTickets(f"The CSV cannot be read: {str(error)[:120]}. Save it again and upload the new copy.") from error
    names = {name.strip().lower() for name in reader.fieldnames or ()}
    if not names & {*COLUMNS["body"], *COLUMNS["subject"]}:
        raise BadTickets("The first row names no column of messages. Name it body, message, text or description.")
    if not rows:
        raise BadTickets(NO_MESSAGE)
    return rows


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    lower = {str(key).strip().lower(): value for key, value in row.items()}
    return {name: next((lower[one] for one in known if lower.get(one)), "") for name, known in COLUMNS.items()}


def _ticket(number: int, row: dict[str, Any]) -> Ticket:
    name, address = _sender(_line(row.get("from"), 300))
    return Ticket(
        id=_line(row.get("id"), MOST_ID) or f"row {number}",
        subject=_line(row.get("subject"), MOST_SUBJECT),
        body=_plain(row.get("body"))[:MOST_BODY].strip(),
        name=name,
        address=address,
    )


def _sender(text: str) -> tuple[str, str]:
    """Name and address: one plain address, alone or in brackets behind a name; anything else is none to reply to."""
    found = SENDER.fullmatch(text)
    address = (found[2] or found[3]) if found else ""
    if not found or not ADDRESS.fullmatch(address):
        return (text if "@" not in text else "")[:60], ""
    return (found[1] or "").strip()[:60], address


def _line(value: Any, most: int) -> str:
    return " ".join(_plain(value).split())[:most]


def _plain(value: Any) -> str:
    """Text without control characters, which have no business in a reply."""
    text = value if isinstance(value, str) else "" if value is None else str(value)[:MOST_BODY]
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
