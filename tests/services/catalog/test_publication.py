"""How an agent comes into the directory, is replaced there and leaves it."""

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from agent_platform.core import objects
from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.platform import platform_session
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import Conflict, NotFound
from agent_platform.models.catalogue import ListedWord, Listing
from agent_platform.models.settings import Setting
from agent_platform.services import agents, catalog
from agent_platform.services.billing import PriceModelNotAvailable
from tests.factories import make_tenant
from tests.services.catalog.creators import Creator, listing


def test_an_approved_version_is_listed_with_its_bundle_and_facts(harbor):
    release_id = harbor.publish({"README.md": "# Audits"}, env={"USER_AGENT": "auditor/1"})
    facts = listing()
    assert (facts.card.publisher, facts.card.slug, facts.card.version) == ("harbor", "site-auditor", "1.0.0")
    assert (facts.card.price_label, facts.card.price_unit, facts.card.permission_level) == ("$0.02", "run", "low")
    assert (facts.readme, facts.publisher_name, facts.card.release_id) == ("# Audits", "Harbor", release_id)
    assert facts.manifest.env == {}
    assert objects.read_bytes(objects.release_folder(), facts.digest)
    assert (harbor.agent.visibility, harbor.agent.stable) == ("public", "1.0.0")


def test_only_workers_read_how_a_release_is_executed(harbor):
    release_id = harbor.publish(env={"USER_AGENT": "auditor/1"})
    query = text("SELECT spec FROM platform.release_specs WHERE release_id = :id")
    consumer = make_tenant()
    with acting_as("worker"), tenant_session(consumer) as session:
        spec = session.execute(query, {"id": release_id}).scalar_one()
    assert (spec["entry"], spec["folder"], spec["env"]) == ("main:audit", "releases", {"USER_AGENT": "auditor/1"})
    for role in ("app", "broker"):
        with (
            acting_as(role),
            pytest.raises(Exception, match="permission denied"),
            tenant_session(harbor.tenant) as session,
        ):
            session.execute(query, {"id": release_id})


def test_publishing_again_changes_nothing(harbor):
    request_id = harbor.request(harbor.ready())
    assert harbor.work(request_id) is None  # nobody has approved it
    harbor.decide(request_id)
    assert harbor.work(request_id) == harbor.work(request_id) == request_id
    with tenant_session(harbor.tenant) as session:
        said = session.execute(
            text("SELECT count(*) FROM app.audit_log WHERE action = 'release.published'")
        ).scalar_one()
    assert said == 1
    assert len(listing().releases) == 1


def test_the_decision_leaves_a_message_for_the_publishing_job(harbor):
    request_id = harbor.request(harbor.ready())
    harbor.decide(request_id)
    with acting_as("worker"), tenant_session(harbor.tenant) as session:
        query = text("SELECT payload FROM app.outbox WHERE kind = 'publication.approved'")
        assert session.execute(query).scalar_one() == {"request_id": str(request_id)}


def test_flags_that_an_operator_has_edited_stay(settings):
    with platform_session() as session:
        session.add(Setting(key="flags", value={"self_review": False}))
    catalog.ensure_flags()
    with platform_session() as session:
        assert session.get(Setting, "flags").value == {"self_review": False}


@pytest.mark.parametrize(("decision", "state"), [("request_changes", "changes_requested"), ("reject", "rejected")])
def test_a_refusal_needs_a_reason_and_lists_nothing(harbor, decision, state):
    version = harbor.ready()
    request_id = harbor.request(version)
    with pytest.raises(Conflict, match="Say what has to change"):
        harbor.decide(request_id, decision, note=" ")
    harbor.decide(request_id, decision, note="The README is empty.")
    assert harbor.version_state(version) == state
    assert harbor.work(request_id) is None
    with pytest.raises(NotFound):
        listing()
    with pytest.raises(NotFound, match="not open any more"):
        harbor.decide(request_id)


def test_a_withdrawn_request_makes_the_version_ready_again(harbor):
    version = harbor.ready()
    request_id = harbor.request(version)
    with tenant_session(harbor.tenant) as session:
        catalog.withdraw_request(session, request_id=request_id, by=harbor.by)
    assert harbor.version_state(version) == "ready"
    assert harbor.request(version) != request_id


def test_only_a_ready_version_is_requested_and_only_for_the_directory(harbor):
    version = harbor.ready()
    with pytest.raises(catalog.PublicationRefused, match="Choose unlisted or public"):
        harbor.request(version, "tenant")
    harbor.request(version)
    with pytest.raises(agents.StateMoved, match="This version is in review and cannot become in review"):
        harbor.request(version)


def test_a_price_that_cannot_be_charged_here_is_not_published(harbor):
    with pytest.raises(PriceModelNotAvailable):
        harbor.request(harbor.ready(pricing={"model": "usage", "factor": "1.2"}))


def test_another_workspace_cannot_touch_a_request(harbor):
    version = harbor.ready()
    request_id = harbor.request(version)
    with tenant_session(make_tenant()) as session:
        for act in (
            lambda: catalog.approve_as_installation(session, request_id=request_id, note=""),
            lambda: catalog.withdraw_request(session, request_id=request_id, by=None),
            lambda: catalog.get_request(session, request_id=request_id),
            lambda: catalog.request_publication(
                session, version_id=version.id, visibility="public", message="", by=None
            ),
            lambda: catalog.withdraw(session, agent_id=version.agent_id, by=None),
            lambda: catalog.yank(session, version_id=version.id, reason="mine", by=None),
        ):
            with pytest.raises(NotFound):
                act()
        assert catalog.list_requests(session) == []


def test_unlisted_agents_are_found_by_address_only(harbor):
    harbor.publish(visibility="unlisted")
    assert listing().card.visibility == "unlisted"
    with public_session() as session:
        assert catalog.search(session, q="site auditor").listings == []
        assert catalog.search(session).listings == []
        assert catalog.list_by_publisher(session, publisher="harbor")[1] == []
        assert catalog.collections(session) == []


def test_a_newer_release_replaces_the_listed_one_and_an_older_number_does_not(harbor):
    harbor.publish()
    harbor.publish(version="1.2.0", summary="Finds broken links faster.")
    harbor.publish(version="1.1.0")
    facts = listing()
    assert (facts.card.version, facts.card.summary) == ("1.2.0", "Finds broken links faster.")
    assert [release.number for release in facts.releases] == ["1.2.0", "1.1.0", "1.0.0"]
    assert harbor.agent.stable == "1.2.0"


def test_a_breaking_change_needs_a_new_major_version(harbor):
    harbor.publish()
    broken = harbor.ready(
        version="1.1.0", input__required=["start_url", "max_pages"], input__properties__max_pages__default=None
    )
    with pytest.raises(catalog.BreakingChange) as refused:
        harbor.request(broken)
    assert refused.value.sentence == (
        "Version 1.1.0 breaks those who use 1.0.0: input.required. Upload it as 2.0.0, or undo these changes."
    )
    assert [problem.message for problem in refused.value.errors] == [
        "max_pages is required now; callers do not send it."
    ]
    assert harbor.publish(
        version="2.0.0", input__required=["start_url", "max_pages"], input__properties__max_pages__default=None
    )


def test_a_withdrawn_listing_is_gone_for_good(harbor):
    harbor.publish()
    agent = harbor.agent
    with tenant_session(harbor.tenant) as session:
        catalog.withdraw(session, agent_id=agent.id, by=harbor.by)
    harbor.sync(agent.id)
    with pytest.raises(NotFound):
        listing()
    with pytest.raises(catalog.PublicationRefused, match="was withdrawn, which is final"):
        harbor.request(harbor.ready(version="1.1.0"))
    with tenant_session(make_tenant()) as session, pytest.raises(catalog.AgentNotFound):
        catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
    with tenant_session(harbor.tenant) as session:
        assert catalog.find_runnable(session, publisher="harbor", slug="site-auditor").own_version_id


def test_a_yanked_release_gives_way_to_the_newest_that_is_left(harbor):
    first = harbor.ready()
    request_id = harbor.request(first)
    harbor.decide(request_id)
    harbor.work(request_id)
    second = harbor.ready(version="1.1.0", name="Site Auditor Plus")
    request_id = harbor.request(second)
    harbor.decide(request_id)
    harbor.work(request_id)
    with tenant_session(harbor.tenant) as session:
        agents.set_channel(session, agent_id=first.agent_id, version_id=first.id, by=harbor.by)
        catalog.yank(session, version_id=second.id, reason="It leaks memory.", by=harbor.by)
    harbor.sync(first.agent_id)
    facts = listing()
    assert (facts.card.version, facts.card.name) == ("1.0.0", "Site Auditor")
    assert {release.number: release.state for release in facts.releases} == {"1.1.0": "yanked", "1.0.0": "published"}
    with tenant_session(make_tenant()) as session, pytest.raises(catalog.AgentNotRunnable):
        catalog.find_runnable(session, publisher="harbor", slug="site-auditor", number="1.1.0")


def test_an_agent_in_the_directory_is_not_archived_or_narrowed_behind_its_consumers(harbor):
    harbor.publish()
    agent = harbor.agent
    with tenant_session(harbor.tenant) as session:
        with pytest.raises(Conflict, match="Withdraw it there before you archive it"):
            agents.archive(session, agent_id=agent.id, by=harbor.by)
        with pytest.raises(Conflict, match="Withdraw it there before you narrow who sees it"):
            agents.show_within(session, agent_id=agent.id, visibility="private", by=harbor.by)


def test_a_listed_manifest_keeps_the_order_its_creator_wrote(settings):
    fields = {name: {"type": "string"} for name in ("zone", "a_file_of_records", "mask", "b")}
    Creator("harbor").publish(input={"type": "object", "properties": fields})
    with public_session() as session:
        listed = catalog.get_listing(session, publisher="harbor", slug="site-auditor").manifest
    assert list(listed.input_schema["properties"]) == ["zone", "a_file_of_records", "mask", "b"]


def test_a_listing_is_found_by_the_name_of_its_publisher(harbor):
    with tenant_session(harbor.tenant) as session:
        session.execute(text("UPDATE app.tenants SET name = 'Lighthouse Keepers'"))
    harbor.publish()
    for asked in ("harbor", "lighthouse", "Lighthouse keepers"):
        with public_session() as session:
            assert [card.slug for card in catalog.search(session, q=asked).listings] == ["site-auditor"]


def dictionary() -> set[str]:
    with public_session() as session:
        return set(session.execute(select(col(ListedWord.word))).scalars())


def test_words_of_a_withdrawn_agent_that_no_other_has_leave_the_dictionary(harbor):
    harbor.publish(name="Zephyr Auditor", tags=["wind-power"], summary="Example.com/o'neil \\\\ audits.")
    other = Creator("mica")
    other.publish(name="Other Auditor", tags=["lake"], slug="other")
    only_theirs = {"zephyr", "wind-power", "harbor", "example.com/o'neil"}
    assert dictionary() >= only_theirs | {"auditor"}
    with tenant_session(harbor.tenant) as session:
        catalog.withdraw(session, agent_id=harbor.agent.id, by=harbor.by)
    harbor.sync(harbor.agent.id)
    assert dictionary().isdisjoint(only_theirs)
    assert dictionary() >= {"auditor", "lake", "mica"}
    harbor.sync(harbor.agent.id)
    with publisher_session() as session:
        catalog.forget_words(session)
    assert dictionary() >= {"auditor", "lake", "mica"}


def test_words_that_a_newer_release_does_not_say_leave_the_dictionary(harbor):
    harbor.publish(name="Zephyr Auditor")
    harbor.publish(version="1.1.0", name="Breeze Auditor")
    assert dictionary() >= {"breez", "auditor"}
    assert "zephyr" not in dictionary()


def test_words_of_a_suspended_agent_stay_because_it_may_come_back(harbor):
    harbor.publish(name="Zephyr Auditor")
    with publisher_session() as session:
        session.get_one(Listing, harbor.agent.id).state = "suspended"
        session.flush()
        catalog.forget_words(session)
    assert "zephyr" in dictionary()
