"""Agents that a test needs in the directory, put there through the services by a publisher of the tests."""

from uuid import UUID

from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.agents import VersionState, Visibility
from agent_platform.services import agents, catalog
from tests.doubles.people import Person, arrive
from tests.e2e.product import until
from tests.e2e.records import Records

PUBLISHER = "Gustav"


def publish(records: Records, bundle: bytes) -> str:
    """`publisher/slug` of an agent that is built and in the directory."""
    with records.services():
        person = arrive(PUBLISHER, 7_001)
        with tenant_session(person.home) as session:
            version = agents.upload(session, content=bundle, by=person.id)
        slug = version.manifest["slug"]
        until(lambda: _state(records, version.id) != VersionState.BUILDING, f"the build of {slug}")
        if _state(records, version.id) == VersionState.READY:  # else it is there already, or the wait below says so
            _approve(person, version.id)
        found = "SELECT publisher FROM catalogue.listings WHERE slug = %(slug)s AND tenant_id = %(tenant)s"
        until(lambda: records.rows(found, slug=slug, tenant=person.home), f"the listing of {slug}")
    return f"{records.rows(found, slug=slug, tenant=person.home)[0]['publisher']}/{slug}"


def _approve(person: Person, version_id: UUID) -> None:
    with tenant_session(person.home) as session:
        request_id = catalog.request_publication(
            session, version_id=version_id, visibility=Visibility.PUBLIC, message="For tests", by=person.id
        )
        catalog.decide(session, request_id=request_id, decision="approve", note="For tests", by=person.id)


def _state(records: Records, version_id: UUID) -> str:
    return records.value("SELECT state FROM app.agent_versions WHERE id = %(id)s", id=version_id)
