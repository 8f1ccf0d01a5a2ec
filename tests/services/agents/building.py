"""A workspace with an agent to build, and an engine that builds what a test says."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import agents
from agent_platform.services.runtime import Reason
from tests.factories import make_tenant, make_user
from tests.services.agents.samples import bundle
from tests.services.agents.twins import Said, StillDriver

STARTED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Bench:
    """A workspace with one uploaded version and a driver whose sandboxes end as the test says."""

    def __init__(self) -> None:
        self.by = make_user()
        self.tenant = make_tenant(owner=self.by)
        self.driver = StillDriver()
        self.upload(bundle())

    def upload(self, content: bytes) -> None:
        with tenant_session(self.tenant) as session:
            self.version = agents.upload(session, content=content, by=self.by)
            self.build_id: UUID = agents.list_builds(session, version_id=self.version.id)[0].id

    def start(self) -> bool:
        with acting_as("worker"):
            return agents.start_build(tenant_id=self.tenant, build_id=self.build_id, driver=self.driver)

    def say(self, *events: Said) -> dict:
        with acting_as("broker"), tenant_session(self.tenant) as session:
            return agents.record_build_events(session, build_id=self.build_id, events=events)

    def end(self, reason: Reason, **how) -> str:
        with acting_as("worker"):
            status = self.driver.end(reason, **how)
            return agents.finish_build(tenant_id=self.tenant, build_id=self.build_id, status=status)

    def check(self) -> bool:
        with acting_as("worker"):
            return agents.check_build(tenant_id=self.tenant, build_id=self.build_id, driver=self.driver)

    @property
    def build(self):
        with tenant_session(self.tenant) as session:
            return agents.get_build(session, build_id=self.build_id)

    @property
    def agent(self):
        with tenant_session(self.tenant) as session:
            return agents.get_agent(session, slug="site-auditor")

    def one(self, query: str):
        with acting_as("worker"), tenant_session(self.tenant) as session:
            return session.execute(text(query)).scalar_one()
