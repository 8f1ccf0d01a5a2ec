"""Workspaces, published agents and the checker of one installation: what every fault test starts from."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from agent_platform.services import catalog
from tests.e2e.product import until
from tests.e2e.shelf import publish
from tests.factories import caller_of, make_tenant, make_user
from tests.faults import bundles
from tests.faults.checker import Checker, Difference
from tests.faults.installation import Installation
from tests.faults.load import Tenant
from tests.faults.witness import Witness

RECOVERED_SECONDS = 30  # promised
ENDED_SECONDS = 180  # the longest run of the load, several times over
DELIVERED_SECONDS = 60
AGENTS = (bundles.ECHO, bundles.COUNTER)


@dataclass
class World:
    installation: Installation
    publisher: str
    checker: Checker

    def tenant(self, *, plan: str = "business") -> Tenant:
        """A workspace with its credit."""
        owner, slug = make_user(), f"w-{uuid4().hex[:10]}"
        tenant_id = make_tenant(slug, owner=owner, plan=plan)
        self.wait_for(
            "SELECT count(*) FROM app.outbox WHERE tenant_id = %s AND kind = 'tenant.created' AND done_at IS NULL",
            tenant_id,
        )
        return Tenant(tenant_id, slug, caller_of(tenant_id, owner))

    def wait_for(self, count: str, *values: object) -> None:
        """The query has come to zero."""

        def is_zero() -> bool:
            with self.installation.connect() as connection:
                row = connection.execute(count, values).fetchone()  # pyright: ignore[reportArgumentType]
                return row is not None and row[0] == 0

        until(is_zero, count)

    def verdict(self, witness: Witness) -> list[Difference]:
        """Everything that is wrong once all runs have had the time they were promised."""
        found = self._unrecovered(witness)
        give_up_at = time.monotonic() + ENDED_SECONDS
        while self.checker.open_runs() and time.monotonic() < give_up_at:
            time.sleep(0.5)
        give_up_at = time.monotonic() + DELIVERED_SECONDS
        while self.checker.undelivered() and time.monotonic() < give_up_at:
            time.sleep(0.5)
        return found + self.checker.differences(witness)

    def _unrecovered(self, witness: Witness) -> list[Difference]:
        give_up_at = time.monotonic() + RECOVERED_SECONDS
        while found := self.checker.unrecovered(witness):
            if time.monotonic() > give_up_at:
                return found
            time.sleep(0.5)
        return []


@contextmanager
def open_world(installation: Installation) -> Iterator[World]:
    """The agents of the load are in the directory of the running installation; this process reaches its services."""
    installation.sign_in_link()  # makes the operator, whose book takes fees and costs
    with installation.records.services():
        catalog.ensure_flags()
        addresses = [publish(installation.records, bundle) for bundle in AGENTS]
        yield World(installation, addresses[0].partition("/")[0], Checker(installation.connect))
