"""Row and charge in one transaction: what the hold can pay is stored and taken, the rest is refused."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from sqlalchemy import text

from agent_platform.core.db.tenant import TenantSession
from agent_platform.core.ids import new_id
from agent_platform.models.runs import Run, RunAttempt, RunState
from agent_platform.services import billing
from agent_platform.services.runs._events import Event
from agent_platform.services.runs._limits import MOST_ROW_BYTES, MOST_ROWS, ROWS_FULL
from agent_platform.services.runs._output import first_invalid
from agent_platform.services.runs._room import room_micro_usd
from agent_platform.services.runs.errors import EventRefused

INSERT_ITEMS = text(
    "INSERT INTO app.run_items (tenant_id, run_id, seq, attempt, key, payload, charge_id, amount_micro_usd)"
    " SELECT :tenant, :run, CAST(:base AS integer) + n, :attempt, k, p, c, m FROM ROWS FROM (unnest(CAST(:keys AS text[])),"
    " json_array_elements(CAST(:payloads AS json)), unnest(CAST(:charges AS uuid[])), unnest(CAST(:amounts AS bigint[])))"
    " WITH ORDINALITY AS t(k, p, c, m, n)"
)


@dataclass
class Row:
    key: str | None
    payload: str
    charge_id: Any = None
    amount_micro_usd: int = 0


@dataclass(frozen=True)
class Paid:
    units: int
    amount_micro_usd: int
    keyed: bool
    key: str | None = None


def store_items(session: TenantSession, run: Run, attempt: RunAttempt, event: Event) -> int:
    """How many items are accepted: the longest prefix that can be paid. A key that is stored already is accepted and free."""
    _refuse_unknown(run, event)
    _check_schema(attempt, event)
    known = _known_keys(session, run, event)
    fresh: list[Row] = []
    accepted = 0
    room, before = room_micro_usd(run), _units_so_far(session, run, event.event)
    amount = 0
    for key, payload in zip(event.keys, event.payloads, strict=True):
        if key is not None and key in known:
            accepted += 1
            continue
        units, price = billing.payable(
            run.price, event.event, units=1, units_before=before + len(fresh), left_micro_usd=room - amount
        )
        if not units or (price and run.state == RunState.STOPPING):
            break
        amount += price
        accepted += 1
        fresh.append(Row(key, payload, amount_micro_usd=price))
        if key is not None:
            known.add(key)
    _refuse_flood(run, attempt, fresh)
    _take(session, run, event.event, fresh)
    _insert(session, run, attempt, fresh)
    return accepted


def charge_units(session: TenantSession, run: Run, event: Event) -> int:
    """How many units are paid. A keyed charge that is stored already counts as paid and costs nothing."""
    _refuse_unknown(run, event)
    key = event.keys[0] if event.keys else None
    if key is not None and _charged_before(session, run, event.event, key):
        return event.count
    if run.state == RunState.STOPPING:
        return 0
    before = _units_so_far(session, run, event.event)
    units, amount = billing.payable(
        run.price, event.event, units=event.count, units_before=before, left_micro_usd=room_micro_usd(run)
    )
    if amount:
        _new_charge(session, run, event.event, Paid(units, amount, key is not None, key))
    return units


def void_charges(session: TenantSession, run: Run, which: str) -> billing.Refund:
    """`all`, `keyless` (of the attempt that ended), `unused` (charges without a stored row) or `none` count as void; the money is for the caller to move."""
    narrower = {
        "all": "",
        "keyless": " AND NOT keyed AND event <> 'run'",
        "unused": " AND NOT EXISTS (SELECT 1 FROM app.run_items i WHERE i.charge_id = c.id)",
    }
    source_id = uuid5(run.id, f"void {which} {run.attempt}")
    if which not in narrower:
        return billing.Refund(source_id, 0)
    total = session.execute(
        text(
            "WITH voided AS (UPDATE app.run_charges c SET voided_micro_usd = amount_micro_usd WHERE tenant_id = :tenant AND run_id = :run"
            " AND voided_micro_usd = 0"
            + narrower[which]
            + " RETURNING amount_micro_usd) SELECT coalesce(sum(amount_micro_usd), 0)::bigint FROM voided"
        ),
        {"tenant": session.tenant_id, "run": run.id},
    ).scalar_one()
    run.charged_micro_usd -= total
    return billing.Refund(source_id, total)


def _take(session: TenantSession, run: Run, event: str | None, rows: list[Row]) -> None:
    """Keyed rows belong to the run, keyless ones to the attempt: one charge for each sort."""
    for keyed in (True, False):
        paid = [row for row in rows if (row.key is not None) is keyed and row.amount_micro_usd]
        if paid:
            total = sum(row.amount_micro_usd for row in paid)
            charge_id = _new_charge(session, run, event, Paid(len(paid), total, keyed))
            for row in paid:
                row.charge_id = charge_id


def _new_charge(session: TenantSession, run: Run, event: str | None, paid: Paid) -> Any:
    charge_id = new_id()
    session.execute(
        text(
            "INSERT INTO app.run_charges (tenant_id, id, run_id, attempt, event, units, keyed, key, amount_micro_usd)"
            " VALUES (:tenant, :id, :run, :attempt, :event, :units, :keyed, :key, :amount)"
        ),
        {
            "tenant": session.tenant_id,
            "id": charge_id,
            "run": run.id,
            "attempt": run.attempt,
            "event": event,
            "units": paid.units,
            "keyed": paid.keyed,
            "key": paid.key,
            "amount": paid.amount_micro_usd,
        },
    )
    billing.capture(session, run_id=run.id, charge_id=charge_id, amount_micro_usd=paid.amount_micro_usd)
    run.charged_micro_usd += paid.amount_micro_usd
    return charge_id


def _insert(session: TenantSession, run: Run, attempt: RunAttempt, rows: list[Row]) -> None:
    if not rows:
        return
    session.execute(
        INSERT_ITEMS,
        {
            "tenant": session.tenant_id,
            "run": run.id,
            "base": run.event_seq,
            "attempt": attempt.number,
            "keys": [row.key for row in rows],
            "payloads": f"[{','.join(row.payload for row in rows)}]",  # an array would be escaped element by element
            "charges": [row.charge_id for row in rows],
            "amounts": [row.amount_micro_usd for row in rows],
        },
    )
    run.event_seq += len(rows)
    run.item_count += len(rows)


def _refuse_flood(run: Run, attempt: RunAttempt, rows: list[Row]) -> None:
    """Counts the bytes of this attempt's rows. Raises: EventRefused when the run would store more than a run may."""
    size = attempt.outcomes.get("row_bytes", 0) + sum(len(row.payload) for row in rows)
    if rows and (run.item_count + len(rows) > MOST_ROWS or size > MOST_ROW_BYTES):
        raise EventRefused(ROWS_FULL)
    attempt.outcomes = {**attempt.outcomes, "row_bytes": size}


def _refuse_unknown(run: Run, event: Event) -> None:
    if run.price["model"] == "per_run" and event.event == billing.RUN_EVENT:
        raise EventRefused("The price of the run is taken by the platform. Emit rows without an event.")
    if (
        event.event is not None
        and event.event not in run.price.get("events", {})
        and run.price["model"] not in {"own", "free"}
    ):
        known = ", ".join(run.price["events"]) or "none"
        raise EventRefused(f"The price list has no event {event.event!r}; it has {known}.")


def _check_schema(attempt: RunAttempt, event: Event) -> None:
    schema = (attempt.spec.get("output") or {}).get("item")
    if not schema or attempt.outcomes.get("invalid"):
        return
    for item in event.items:
        found = first_invalid(schema, item, "item")
        if found:
            attempt.outcomes = {**attempt.outcomes, "invalid": found}
            return


def _units_so_far(session: TenantSession, run: Run, event: str | None) -> int:
    """Needed only while free units of the month are left: counts what this run has had of the event."""
    offer = run.price.get("events", {}).get(event or "", {})
    if not offer.get("free_units"):
        return 0
    return session.execute(
        text("SELECT count(*) FROM app.run_items WHERE tenant_id = :tenant AND run_id = :run"),
        {"tenant": session.tenant_id, "run": run.id},
    ).scalar_one()


def _known_keys(session: TenantSession, run: Run, event: Event) -> set[str]:
    keys = [key for key in event.keys if key is not None]
    if not keys:
        return set()
    return set(
        session.execute(
            text("SELECT key FROM app.run_items WHERE tenant_id = :tenant AND run_id = :run AND key = ANY(:keys)"),
            {"tenant": session.tenant_id, "run": run.id, "keys": keys},
        ).scalars()
    )


def _charged_before(session: TenantSession, run: Run, event: str | None, key: str) -> bool:
    return (
        session.execute(
            text(
                "SELECT 1 FROM app.run_charges WHERE tenant_id = :tenant AND run_id = :run AND event = :event AND key = :key"
            ),
            {"tenant": session.tenant_id, "run": run.id, "event": event, "key": key},
        ).first()
        is not None
    )
