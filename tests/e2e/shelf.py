"""Agents that a test needs in the directory, put there through the services by a publisher of the tests."""

from uuid import UUID

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import shown
from agent_platform.models.agents import VersionState, Visibility
from agent_platform.services import agents, catalog, visitors
from tests.doubles.people import Person, arrive
from tests.e2e.product import until
from tests.e2e.records import Records

PUBLISHER = "Gustav"
SUBMITTER = "Hedwig"


def publish(records: Records, bundle: bytes, *, publisher: tuple[str, int] = (PUBLISHER, 7_001)) -> str:
    """`publisher/slug` of an agent that is built and in the directory; `publisher` is a name with its number at GitHub."""
    with records.services():
        person = arrive(*publisher)
        with tenant_session(person.home) as session:
            version = agents.upload(session, content=bundle, by=person.id)
        slug = version.manifest["slug"]
        until(lambda: _state(records, version.id) != VersionState.BUILDING, f"the build of {slug}")
        if _state(records, version.id) == VersionState.READY:  # else it is there already, or the wait below says so
            _approve(person, _ask(person, version.id))
        found = "SELECT publisher FROM catalogue.listings WHERE slug = %(slug)s AND tenant_id = %(tenant)s"
        until(lambda: records.rows(found, slug=slug, tenant=person.home), f"the listing of {slug}")
    return f"{records.rows(found, slug=slug, tenant=person.home)[0]['publisher']}/{slug}"


def submit(records: Records, bundle: bytes) -> str:
    """The id of an open request for publication, as addresses show it."""
    with records.services():
        person = arrive(SUBMITTER, 7_002)
        with tenant_session(person.home) as session:
            version = agents.upload(session, content=bundle, by=person.id)
        until(lambda: _state(records, version.id) == VersionState.READY, "the build of what is submitted")
        return shown("pub", _ask(person, version.id))


def complain(records: Records) -> str:
    """The id of an open report about a sample agent, as addresses show it."""
    listing = "SELECT id FROM catalogue.listings WHERE publisher = 'openworks' AND slug = 'pii-redactor'"
    with records.services():
        person = arrive(SUBMITTER, 7_002)
        facts = {"listing_id": records.value(listing), "review_id": None, "by": person.id, "by_name": SUBMITTER}
        with tenant_session(person.home) as session:
            return shown("rep", catalog.file_report(session, kind="broken", text="It missed an address.", **facts))


def try_sample(records: Records) -> str:
    """The key of a finished demo, begun from an address of its own."""
    number = int(records.value("SELECT count(*) FROM app.demos"))
    with records.services():
        asked = {
            "publisher": "openworks",
            "slug": "pii-redactor",
            "given": {"text": f"{'a' * 60}@example.com, 2026-11-02"},
        }
        key = visitors.start_demo(**asked, address=f"192.0.2.{number % 250}")
        run_id = visitors.find_demo(key).run_id
    until(lambda: records.run(str(run_id))["finished_at"], "the end of a demo")
    return key


def _ask(person: Person, version_id: UUID) -> UUID:
    with tenant_session(person.home) as session:
        return catalog.request_publication(
            session, version_id=version_id, visibility=Visibility.PUBLIC, message="For tests", by=person.id
        )


def _approve(person: Person, request_id: UUID) -> None:
    with tenant_session(person.home) as session:
        catalog.approve_as_installation(session, request_id=request_id, note="For tests")


def _state(records: Records, version_id: UUID) -> str:
    return records.value("SELECT state FROM app.agent_versions WHERE id = %(id)s", id=version_id)
