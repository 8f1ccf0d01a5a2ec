"""What the product has stored, read beside it: as superuser across all workspaces, and through the services."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row

from agent_platform.core import queue
from agent_platform.core.db.engine import dispose_engines
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.embedded.addresses import known_addresses
from agent_platform.core.settings import get_settings
from agent_platform.services import billing
from tests.e2e.product import Product

COUNTED = ("app.agents", "app.agent_versions", "app.builds", "app.runs", "app.run_files", "app.run_charges")

# the daily tests of listings begin when they are due, and demos are deleted when theirs is over, whatever a test of ours does
BY_PEOPLE = "tenant_id NOT IN (SELECT id FROM app.tenants WHERE slug IN ('platform-tests', 'demo'))"


class Records:
    def __init__(self, product: Product) -> None:
        self.product = product

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        secret = (self.product.data / "secrets" / "postgres").read_text(encoding="ascii").strip()
        port = (self.product.data / "postgres.port").read_text(encoding="ascii").strip()
        with psycopg.connect(
            host="127.0.0.1", port=port, user="postgres", password=secret, dbname="agent_platform", row_factory=dict_row
        ) as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, **values: Any) -> Any:
        return next(iter(self.rows(query, **values)[0].values()))

    def run(self, run_id: str) -> dict[str, Any]:
        (row,) = self.rows("SELECT * FROM app.runs WHERE id = %(id)s", id=run_id)
        return row

    def stored_rows(self, run_id: str) -> dict[str, Any]:
        """How many, how many different keys, and what they cost together."""
        (row,) = self.rows(
            "SELECT count(*) AS number, count(DISTINCT key) AS keys, coalesce(sum(amount_micro_usd), 0)::bigint AS micro_usd"
            " FROM app.run_items WHERE run_id = %(id)s", id=run_id,
        )  # fmt: skip
        return row

    def latest_run(self, slug: str) -> str:
        """The id of the newest run of this workspace."""
        return str(self.value(
            "SELECT r.id FROM app.runs r JOIN app.tenants t ON t.id = r.tenant_id WHERE t.slug = %(slug)s"
            " ORDER BY r.created_at DESC LIMIT 1", slug=slug,
        ))  # fmt: skip

    def held_micro_usd(self) -> int:
        """Money that is set aside for runs, over all workspaces."""
        held = "SELECT coalesce(sum(balance_micro_usd), 0) FROM app.accounts WHERE kind = 'hold'"
        return int(self.value(f"{held} AND {BY_PEOPLE}"))

    def counts(self) -> dict[str, int]:
        """How much there is of what people can add to."""
        return {table: int(self.value(f"SELECT count(*) FROM {table} WHERE {BY_PEOPLE}")) for table in COUNTED}

    def folders_of_others(self) -> set[str]:
        """Names of the folders in which the daily tests and demos keep their files."""
        return {
            row["id"].hex
            for row in self.rows(f"SELECT id FROM app.tenants WHERE NOT ({BY_PEOPLE.replace('tenant_id', 'id')})")
        }

    def ledger_differences(self) -> list[str]:
        """Over all workspaces; empty when every book is right."""
        tenants = [row["id"] for row in self.rows("SELECT id FROM app.tenants")]
        assert tenants
        found = []
        with self.services():
            for tenant in tenants:
                with tenant_session(tenant) as session:
                    found += billing.ledger_differences(session)
        return found

    @contextmanager
    def services(self) -> Iterator[None]:
        """Within the block this process reaches the product's database, as the product's web process does."""
        given = known_addresses(self.product.data) | {"AP_DATA_DIR": str(self.product.data)}
        before = {name: os.environ.get(name) for name in given}
        os.environ.update(given)
        _forget()
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            _forget()


def _forget() -> None:
    dispose_engines()
    if queue.redis.cache_info().currsize:
        queue.redis().close()
    queue.redis.cache_clear()
    get_settings.cache_clear()
