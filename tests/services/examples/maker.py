"""A publisher that runs its own agent and keeps runs of it as examples."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from agent_platform.core.db.dispatch import dispatch_session
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.ids import new_id
from agent_platform.models.examples import Example
from agent_platform.services import billing, catalog, examples
from tests.factories import caller_of
from tests.services.runs.conftest import Bench, item, result
from workers.jobs import HANDLERS


class Maker(Bench):
    """As `Bench`, with the publisher in the place of the consumer; the other workspace is `stranger`."""

    def __init__(self, pricing: str = "free") -> None:
        super().__init__(pricing)
        self.stranger, self.stranger_caller = self.consumer, self.caller
        self.consumer, self.caller = self.publisher, caller_of(self.publisher, name="Ines Duarte")
        with acting_as("worker"), tenant_session(self.publisher) as session:
            billing.grant_plan_credit(session, month="2026-11")
        with public_session() as session:
            self.listing_id = catalog.get_listing(session, publisher="maker", slug="counter").card.id

    def finish(self, key: str = "k1", *, rows: int = 3, value: dict[str, Any] | None = None, **asked: Any) -> UUID:
        """A run of the own agent that has succeeded."""
        run = self.running(key=key, **asked)
        self.speak(run, item(1, rows, event=None), result(2, value))
        self.end(run)
        return run.id

    def save(self, run_id: UUID, title: str = "Three rows", line: str = "Counts to three.", caller: Any = None):
        with tenant_session(self.publisher) as session:
            said = {"title": title, "line": line, "caller": caller or self.caller}
            return examples.save_example(session, run_id=run_id, **said)

    def rename(self, example_id: UUID, title: str, line: str, caller: Any = None) -> None:
        with tenant_session(self.publisher) as session:
            said = {"title": title, "line": line, "caller": caller or self.caller}
            examples.rename_example(session, example_id=example_id, **said)

    def remove(self, example_id: UUID, caller: Any = None) -> None:
        with tenant_session(self.publisher) as session:
            examples.remove_example(session, example_id=example_id, caller=caller or self.caller)

    def standing(self, run_id: UUID, caller: Any = None) -> examples.Standing:
        run = self.now_by_id(run_id)
        with tenant_session(self.publisher) as session:
            return examples.standing(session, run=run, caller=caller or self.caller)

    def work(self, kind: str = "example.%") -> None:
        """What the maintenance worker does with the messages that wait, one of them twice."""
        with acting_as("worker"), dispatch_session() as session:
            waiting = session.execute(
                text("SELECT tenant_id, kind, payload FROM app.outbox WHERE kind LIKE :kind ORDER BY created_at"),
                {"kind": kind},
            ).all()
        for message in [*waiting, *waiting[:1]]:
            with acting_as("worker"):
                HANDLERS[message.kind](message.tenant_id, message.payload)

    def read(self) -> list[examples.ExampleCard]:
        with public_session() as session:
            return examples.list_examples(session, listing_id=self.listing_id)

    def page(self, slug: str = "three-rows") -> examples.ExampleFacts:
        with public_session() as session:
            return examples.get_example(session, publisher="maker", slug="counter", example=slug)

    def fill(self, number: int) -> None:
        """So many examples more, without their runs."""
        with tenant_session(self.publisher) as session:
            for one in range(number):
                session.execute(
                    insert(Example).values(
                        tenant_id=self.publisher, id=new_id(), listing_id=self.listing_id, release_id=new_id(),
                        run_id=new_id(), slug=f"filled-{one}", title="x", line="x", version="1.0.0", kept={},
                        ran_at=text("now()"), saved_by_user_id=self.caller.user_id,
                    )
                )  # fmt: skip

    def release_is(self, state: str) -> None:
        with publisher_session() as session:
            session.execute(text("UPDATE catalogue.releases SET state = :state"), {"state": state})

    def listing_is(self, **columns: str) -> None:
        with publisher_session() as session:
            for name, value in columns.items():
                statement = {
                    "state": "UPDATE catalogue.listings SET state = :value",
                    "visibility": "UPDATE catalogue.listings SET visibility = :value",
                }[name]
                session.execute(text(statement), {"value": value})
