"""A workspace whose agents go into the directory."""

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.services import agents, catalog, identity
from agent_platform.services.runtime import Phase, Reason
from tests.factories import make_reviewer, make_tenant, make_user
from tests.services.agents.samples import bundle
from tests.services.agents.twins import Said, StillDriver


class Creator:
    """A workspace that uploads, builds and publishes."""

    def __init__(self, slug: str) -> None:
        self.by = make_user()
        self.slug = slug
        self.tenant = make_tenant(slug, owner=self.by)
        self.driver = StillDriver()

    def ready(self, files: dict | None = None, **changes):
        """A version that was built."""
        with tenant_session(self.tenant) as session:
            version = agents.upload(session, content=bundle(files, **changes), by=self.by)
            build = agents.list_builds(session, version_id=version.id)[0]
        with acting_as("worker"):
            agents.start_build(tenant_id=self.tenant, build_id=build.id, driver=self.driver)
        with acting_as("broker"), tenant_session(self.tenant) as session:
            agents.record_build_events(session, build_id=build.id, events=[Said(1, "result", value={})])
        with acting_as("worker"):
            status = self.driver.end(Reason.OK, phase=Phase.SUCCEEDED)
            agents.finish_build(tenant_id=self.tenant, build_id=build.id, status=status)
        return version

    def request(self, version, visibility="public"):
        with tenant_session(self.tenant) as session:
            return catalog.request_publication(
                session, version_id=version.id, visibility=visibility, message="Please look.", by=self.by
            )

    def decide(self, request_id, decision="approve", *, by=None, note=""):
        answer = {"decision": decision, "note": note, "by": by or make_reviewer()}
        return identity.in_platform(catalog.decide, request_id=request_id, **answer)

    def publish(self, files: dict | None = None, *, visibility="public", **changes):
        """A release of a version that was built and approved."""
        request_id = self.request(self.ready(files, **changes), visibility)
        self.decide(request_id)
        return self.work(request_id)

    def work(self, request_id):
        with acting_as("worker"):
            return catalog.publish(tenant_id=self.tenant, request_id=request_id)

    def sync(self, agent_id):
        with acting_as("worker"):
            catalog.sync_listing(tenant_id=self.tenant, agent_id=agent_id)

    @property
    def agent(self):
        with tenant_session(self.tenant) as session:
            return agents.get_agent(session, slug="site-auditor")

    def version_state(self, version):
        with tenant_session(self.tenant) as session:
            return agents.get_version(session, version_id=version.id).state


def listing(publisher="harbor", slug="site-auditor"):
    with public_session() as session:
        return catalog.get_listing(session, publisher=publisher, slug=slug)
