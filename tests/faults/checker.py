"""Compares what clients were told with what is stored. A fault test is green only if this finds nothing."""

from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg

from tests.faults.books import BOOKS
from tests.faults.witness import Seen, Witness

# what a run must be once the dust has settled: over, or at work with a lease that somebody renews
AT_WORK = (
    "SELECT r.id FROM app.runs r JOIN app.dispatch d ON (d.tenant_id, d.run_id) = (r.tenant_id, r.id)"
    " WHERE r.state IN ('starting', 'running', 'stopping') AND d.state = 'leased' AND d.lease_until > now()"
    " OR r.state = 'queued' AND d.priority < 0"  # lost twice: such runs start again one after the other
)


class Difference(NamedTuple):
    kind: str
    found: str


class Checker:
    """`connect` opens a connection that sees all workspaces."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[Any]"]) -> None:
        self._connect = connect

    def differences(self, witness: Witness) -> list[Difference]:
        """Between the acknowledged facts and the books, and among the books; empty when all is right."""
        with self._connect() as connection:
            stored = _stored_runs(connection)
            found = [Difference("key answered with two runs", text) for text in witness.twice]
            for seen in list(witness.runs.values()):
                found += _compare(seen, stored.get(seen.run_id))
            return found + [
                Difference(kind, line[0])
                for kind, query in BOOKS.items()
                for line in connection.execute(query).fetchall()
            ]

    def unrecovered(self, witness: Witness) -> list[Difference]:
        """Accepted runs that are neither over nor at work: the promise is that there are none 30 s after the last fault."""
        with self._connect() as connection:
            stored = _stored_runs(connection)
            at_work = {row[0] for row in connection.execute(AT_WORK).fetchall()}
        return [
            Difference("run not recovered", f"run {run_id} is {row['state']} at attempt {row['attempt']}")
            for run_id, row in stored.items()
            if run_id in witness.runs and row["finished_at"] is None and run_id not in at_work
        ]

    def open_runs(self) -> int:
        with self._connect() as connection:
            return int(_one(connection, "SELECT count(*) FROM app.runs WHERE finished_at IS NULL"))

    def undelivered(self) -> int:
        """Messages to other books that are still on their way."""
        with self._connect() as connection:
            return int(_one(connection, "SELECT count(*) FROM app.outbox WHERE done_at IS NULL"))


def _compare(seen: Seen, row: dict[str, Any] | None) -> list[Difference]:
    if row is None or row["tenant_id"] != seen.tenant_id:
        return [Difference("accepted run lost", f"run {seen.run_id} of workspace {seen.tenant_id}")]
    found = []
    if row["idempotency_key"] != seen.key or row["cap_micro_usd"] != seen.cap_micro_usd:
        found.append(Difference("accepted run changed", f"run {seen.run_id} has another key or cap"))
    if row["finished_at"] is None:
        found.append(Difference("accepted run unfinished", f"run {seen.run_id} is {row['state']}"))
    if seen.final and (row["state"], row["charged_micro_usd"]) != (seen.state, seen.charged_micro_usd):
        told = f"told {seen.state} for {seen.charged_micro_usd}"
        found.append(
            Difference(
                "final run changed", f"run {seen.run_id}: {told}, stored {row['state']} for {row['charged_micro_usd']}"
            )
        )
    if row["rows"] < seen.keyed_rows:
        found.append(
            Difference("seen row lost", f"run {seen.run_id}: {seen.keyed_rows} were seen, {row['rows']} stored")
        )
    return found


def _stored_runs(connection: "psycopg.Connection[Any]") -> dict[Any, dict[str, Any]]:
    names = (
        "id",
        "tenant_id",
        "idempotency_key",
        "cap_micro_usd",
        "state",
        "attempt",
        "charged_micro_usd",
        "finished_at",
    )
    query = "SELECT " + ", ".join(f"r.{name}" for name in names) + ", count(i.seq) FROM app.runs r"
    query += " LEFT JOIN app.run_items i ON (i.tenant_id, i.run_id) = (r.tenant_id, r.id) GROUP BY r.tenant_id, r.id"
    rows = connection.execute(query).fetchall()
    return {row[0]: dict(zip((*names, "rows"), row, strict=True)) for row in rows}


def _one(connection: "psycopg.Connection[Any]", query: str) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
