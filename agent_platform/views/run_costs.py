"""What a run costs, line by line: events, sandbox time, what was given back, the receipt, the journal."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from agent_platform.core.money import compute_cost_micro_usd
from agent_platform.models.run_records import Receipt
from agent_platform.models.runs import FINAL_RUN_STATES, FailureClass, Run, RunAttempt
from agent_platform.services.billing import JournalTotal, consumer_pays_compute
from agent_platform.services.runs import ChargeTotal
from agent_platform.views.format import MoneyView, count, duration_ms, money_exact, money_short, money_text
from agent_platform.views.run import download_base, sandbox_so_far
from agent_platform.views.run_words import clock_words, one_line

GIB_HOUR_MICRO_USD = compute_cost_micro_usd(1_024, 3_600_000)
JOURNALS = {
    "reserve": "Set aside at the start",
    "capture": "Taken for events",
    "void": "Given back",
    "settle": "Settled at the end",
}


@dataclass(frozen=True)
class CostRow:
    """An event of the price list: what it is, how many, at what price, what that came to."""

    title: str
    units: str
    unit_price: str
    amount: MoneyView
    voided: str = ""


@dataclass(frozen=True)
class PostingRow:
    time: str
    what: str
    account: str
    amount: MoneyView


@dataclass(frozen=True)
class ReceiptView:
    """`hash` is the SHA-256 of the signed text, which also seeds its rosette; empty while there is no receipt."""

    hash: str = ""
    signature: str = ""
    key_id: str = ""
    signed: str = ""
    href: str = ""


@dataclass(frozen=True)
class CostsView:
    rows: list[CostRow] = field(default_factory=list)
    total: MoneyView = MoneyView("")
    total_words: str = "Charged so far"
    released: MoneyView = MoneyView("")
    released_words: str = "Left of the cap"
    rule: str = ""
    receipt: ReceiptView = ReceiptView()
    postings: list[PostingRow] = field(default_factory=list)


@dataclass(frozen=True)
class Books:
    """What the ledger and the runs domain know about the money of one run."""

    charges: Sequence[ChargeTotal] = ()
    journal: Sequence[JournalTotal] = ()
    receipt: Receipt | None = None


def costs_of(run: Run, attempts: Sequence[RunAttempt], books: Books, *, now: datetime, zone: tzinfo) -> CostsView:
    final = run.state in FINAL_RUN_STATES
    sandbox = paid_for_sandbox(run, books.charges) if final else sandbox_so_far(run, attempts, now=now)
    total = run.charged_micro_usd if final else run.charged_micro_usd + sandbox
    return CostsView(
        rows=[*[_event(run, charge) for charge in books.charges], _sandbox(run, attempts, sandbox, now=now)],
        total=money_exact(total),
        total_words="Charged" if final else "Charged so far",
        released=money_exact(run.cap_micro_usd - total),
        released_words="Released" if final else "Left of the cap",
        rule=charge_rule(run),
        receipt=_receipt(run, books.receipt, now=now, zone=zone),
        postings=[_posting(line, now=now, zone=zone) for line in books.journal],
    )


def paid_for_sandbox(run: Run, charges: Sequence[ChargeTotal]) -> int:
    """Of a final run: what is left of its charge when the events are taken off."""
    return run.charged_micro_usd - sum(charge.amount_micro_usd - charge.voided_micro_usd for charge in charges)


def charge_rule(run: Run) -> str:
    """When a charge of this price list is due, in one sentence."""
    price = run.price
    if price["model"] == "own":
        return "Your own agent: you pay its sandbox time at cost, nothing else."
    if price["model"] == "free":
        return "A free agent: you pay its sandbox time at cost, nothing else."
    due = {
        "stored": "when its row is stored",
        "started": "when the run starts",
        "succeeded": "if the run succeeds",
        "valid_output": "if the run succeeds with valid output",
    }.get(price.get("charge_on", "stored"), "when its row is stored")
    time = (
        "Sandbox time is added at cost." if consumer_pays_compute(price) else "Sandbox time is included in the price."
    )
    return f"An event is due {due}. {time}"


def _event(run: Run, charge: ChargeTotal) -> CostRow:
    offer = run.price.get("events", {}).get(charge.event, {})
    each = {charge.amount_micro_usd // charge.units} if charge.amount_micro_usd % charge.units == 0 else set()
    price = offer.get("price_micro_usd") if not each else each.pop()
    return CostRow(
        one_line(str(offer.get("title") or charge.event), 80),
        count(charge.units),
        money_text(price) if price is not None else "",
        money_exact(charge.amount_micro_usd - charge.voided_micro_usd),
        money_text(charge.voided_micro_usd) if charge.voided_micro_usd else "",
    )


def _sandbox(run: Run, attempts: Sequence[RunAttempt], amount: int, *, now: datetime) -> CostRow:
    running = [
        (now - attempt.ready_at).total_seconds() * 1000
        for attempt in attempts
        if attempt.ready_at is not None and attempt.ended_at is None
    ]
    spent = run.compute_ms + round(sum(running))
    free = run.failure_class == FailureClass.PLATFORM or not consumer_pays_compute(run.price)
    price = (
        "included"
        if not consumer_pays_compute(run.price)
        else "not charged"
        if free
        else f"{money_short(GIB_HOUR_MICRO_USD)} per GiB-hour"
    )
    return CostRow(f"Sandbox time, {count(run.memory_mb)} MB", duration_ms(spent), price, money_exact(amount))


def _receipt(run: Run, receipt: Receipt | None, *, now: datetime, zone: tzinfo) -> ReceiptView:
    if receipt is None:
        return ReceiptView()
    at = json.loads(receipt.body).get("finished_at")
    signed = clock_words(datetime.fromisoformat(at), now=now, zone=zone) if at else ""
    return ReceiptView(
        hash=hashlib.sha256(receipt.body.encode()).hexdigest(),
        signature=receipt.signature,
        key_id=receipt.key_id,
        signed=signed,
        href=f"{download_base(run)}/receipt.json",
    )


def _posting(line: JournalTotal, *, now: datetime, zone: tzinfo) -> PostingRow:
    times = "" if line.journals == 1 else f", {count(line.journals)} times"
    return PostingRow(
        clock_words(line.last_at, now=now, zone=zone),
        JOURNALS.get(line.kind, line.kind.capitalize()) + times,
        one_line(line.account, 40),
        money_exact(line.amount_micro_usd),
    )
