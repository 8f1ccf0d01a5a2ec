"""A steady mixed load: clients of several workspaces that start, follow and cancel runs, and insist until they are answered."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import DBAPIError

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import RateLimited
from agent_platform.core.policy import Caller
from agent_platform.services import runs
from tests.faults.bundles import MICRO_USD_PER_NUMBER
from tests.faults.witness import Seen, Witness

POLL_SECONDS = 0.2
PAUSE_SECONDS = 0.3
DOLLAR = 1_000_000


@dataclass(frozen=True)
class Kind:
    """One sort of run. `expected` are the ends that a client may see when nothing of the platform fails for good."""

    name: str
    agent: str
    input: dict[str, Any]
    cap_micro_usd: int = DOLLAR // 10
    cancel_after_seconds: float | None = None
    expected: tuple[str, ...] = ("succeeded",)


KINDS = (
    Kind("echo", "echo", {"text": "hello"}),
    Kind("counts", "counter", {"numbers": 40, "pause_ms": 50}),
    Kind("counts long", "counter", {"numbers": 80, "pause_ms": 100}),
    Kind("fails", "counter", {"numbers": 30, "pause_ms": 20, "fail_at": 20}, expected=("failed",)),
    Kind("is cancelled", "counter", {"numbers": 80, "pause_ms": 100}, cancel_after_seconds=1.5, expected=("cancelled", "succeeded")),
    Kind("hits its cap", "counter", {"numbers": 60, "pause_ms": 20}, cap_micro_usd=20 * MICRO_USD_PER_NUMBER, expected=("capped",)),
)  # fmt: skip


@dataclass(frozen=True)
class Tenant:
    id: UUID
    slug: str
    caller: Caller  # its owner


def accept(witness: Witness, tenant: Tenant, publisher: str, kind: Kind, *, key: str = "") -> Seen:
    """A run is accepted: asked for again with the same key until an answer comes, as a client does."""
    key = key or uuid4().hex
    request = runs.RunRequest(publisher, kind.agent, kind.input, key, cap_micro_usd=kind.cap_micro_usd)

    def ask() -> UUID:
        with tenant_session(tenant.id) as session:
            return runs.start(session, request, caller=tenant.caller).id

    run_id = insist(ask, witness)
    return witness.accepted(run_id, tenant.id, key, kind.cap_micro_usd, kind.name)


def look(witness: Witness, seen: Seen) -> Any:
    """The run as it is now, written down."""

    def ask() -> Any:
        with tenant_session(seen.tenant_id) as session:
            return runs.get_run(session, run_id=seen.run_id)

    run = insist(ask, witness)
    witness.saw(run)
    return run


def cancel(witness: Witness, tenant: Tenant, seen: Seen) -> None:
    """The run is being stopped, or it is over already."""

    def ask() -> None:
        with tenant_session(tenant.id) as session:
            runs.cancel(session, run_id=seen.run_id, caller=tenant.caller)

    with contextlib.suppress(runs.RunAlreadyFinished):
        insist(ask, witness)


def insist(ask: Callable[[], Any], witness: Witness) -> Any:
    """What `ask` returns once the database answers and the queue has room."""
    while True:
        try:
            return ask()
        except DBAPIError as error:
            witness.refusal(type(error).__name__)
        except RateLimited as error:
            witness.refusal(error.code)
        time.sleep(PAUSE_SECONDS)


@dataclass
class Load:
    """`clients` threads; each has one run at a time. `stop` lets them follow theirs to the end."""

    witness: Witness
    tenants: list[Tenant]
    publisher: str
    clients: int = 6
    seed: int = 0
    surprises: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)  # lost three times, ended with that reason, refunded
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, kinds: Iterable[Kind] = KINDS) -> None:
        for number in range(self.clients):
            thread = threading.Thread(target=self._live, args=(number, tuple(kinds)), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, seconds: float) -> int:
        """No new runs. Returns how many clients still wait for theirs after so long."""
        self._ended.set()
        give_up_at = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, give_up_at - time.monotonic()))
        return sum(thread.is_alive() for thread in self._threads)

    def _live(self, number: int, kinds: tuple[Kind, ...]) -> None:
        choice = random.Random(f"{self.seed} {number}")
        tenant = self.tenants[number % len(self.tenants)]
        while not self._ended.is_set():
            kind = choice.choice(kinds)
            try:
                self._one(tenant, kind)
            except Exception as error:  # noqa: BLE001 - whatever a client may not meet is a finding
                self.surprises.append(f"{kind.name}: {type(error).__name__}: {error}")
            self._ended.wait(choice.random() * PAUSE_SECONDS)

    def _one(self, tenant: Tenant, kind: Kind) -> None:
        seen = accept(self.witness, tenant, self.publisher, kind)
        cancel_at = time.monotonic() + (kind.cancel_after_seconds or 1e9)
        while (run := look(self.witness, seen)).finished_at is None:
            if time.monotonic() > cancel_at:
                cancel_at = 1e9
                cancel(self.witness, tenant, seen)
            time.sleep(POLL_SECONDS)
        if run.failure_code == "worker_lost" and not run.charged_micro_usd:
            self.given_up.append(str(run.id))
        elif run.state not in kind.expected:
            self.surprises.append(f"{kind.name}: {run.state} {run.failure_code} {run.failure_message} ({run.id})")
