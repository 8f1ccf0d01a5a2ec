import pytest
from sqlalchemy import text

from agent_platform.core import objects, queue
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.services import agents
from tests.factories import make_tenant, make_user
from tests.services.agents.samples import bundle


@pytest.fixture
def by(settings):
    return make_user()


@pytest.fixture
def tenant(by):
    return make_tenant(owner=by)


def upload(tenant, by, content):
    with tenant_session(tenant) as session:
        return agents.upload(session, content=content, by=by)


def count(tenant, table):
    with tenant_session(tenant) as session:
        return session.execute(text(f"SELECT count(*) FROM app.{table}")).scalar_one()


def test_a_first_upload_makes_agent_version_and_build_and_wakes_a_builder(tenant, by):
    version = upload(tenant, by, bundle({"README.md": "# Hello", "CHANGELOG.md": "First."}))
    with tenant_session(tenant) as session:
        (agent,) = agents.list_agents(session)
        (build,) = agents.list_builds(session, version_id=version.id)
    assert (agent.slug, agent.latest, agent.latest_state, agent.stable) == ("site-auditor", "1.0.0", "building", None)
    assert (agent.visibility, agent.summary) == ("private", "Finds broken links.")
    assert (build.number, build.state, build.log) == (1, "queued", "")
    assert (version.readme, version.changelog) == ("# Hello", "First.")
    (job,) = queue.queue("builds").jobs
    assert job.func_name == "workers.jobs.build_version"
    assert job.kwargs == {"tenant_id": str(tenant), "build_id": str(build.id)}


def test_the_stored_bytes_have_the_digest_of_the_version(tenant, by):
    version = upload(tenant, by, bundle())
    stored = objects.read_bytes(objects.tenant_folder(tenant), version.digest)
    assert len(stored) == version.bundle_bytes


def test_the_same_bundle_again_is_the_same_version_and_no_second_build(tenant, by):
    first, second = upload(tenant, by, bundle()), upload(tenant, by, bundle())
    assert first.id == second.id
    assert count(tenant, "builds") == 1


def test_other_content_under_the_same_number_is_refused_with_the_next_free_number(tenant, by):
    upload(tenant, by, bundle())
    upload(tenant, by, bundle(version="1.0.1"))
    with pytest.raises(agents.VersionTaken) as refused:
        upload(tenant, by, bundle({"more.py": "x = 1\n"}))
    assert refused.value.sentence == (
        "Version 1.0.0 of site-auditor exists with other content, and versions never change. "
        "Nothing was stored. Write version: 1.0.2 in agent.yaml and upload again."
    )
    assert refused.value.status == 409
    assert count(tenant, "agent_versions") == 2


def test_a_refused_bundle_leaves_no_row_and_no_byte(tenant, by, settings):
    with pytest.raises(agents.ManifestInvalid):
        upload(tenant, by, bundle(version="one"))
    assert count(tenant, "agents") == count(tenant, "agent_versions") == count(tenant, "builds") == 0
    assert not (settings.objects_dir / objects.tenant_folder(tenant)).exists()


def test_an_archived_agent_takes_no_upload_until_it_is_restored(tenant, by):
    version = upload(tenant, by, bundle())
    with tenant_session(tenant) as session:
        agents.archive(session, agent_id=version.agent_id, by=by)
    with pytest.raises(agents.AgentArchived, match=r"Site Auditor is archived\. Nothing was stored\. Restore it"):
        upload(tenant, by, bundle(version="1.0.1"))
    with tenant_session(tenant) as session:
        agents.unarchive(session, agent_id=version.agent_id, by=by)
    assert upload(tenant, by, bundle(version="1.0.1")).number == "1.0.1"


def test_two_workspaces_may_use_one_slug_and_see_only_their_own(tenant, by):
    other = make_tenant()
    mine, theirs = upload(tenant, by, bundle()), upload(other, None, bundle(name="Another Auditor"))
    with tenant_session(other) as session:
        assert [agent.name for agent in agents.list_agents(session)] == ["Another Auditor"]
        with pytest.raises(NotFound) as foreign:
            agents.get_version(session, version_id=mine.id)
        with pytest.raises(NotFound) as guessed:
            agents.get_version(session, version_id=by)
        assert foreign.value.sentence == guessed.value.sentence
        for act in (agents.archive, agents.unarchive):
            with pytest.raises(NotFound):
                act(session, agent_id=mine.agent_id, by=None)
        with pytest.raises(NotFound):
            agents.set_channel(session, agent_id=theirs.agent_id, version_id=mine.id, by=None)
        with pytest.raises(NotFound):
            agents.rebuild(session, version_id=mine.id, by=None)
        assert agents.list_versions(session, agent_id=mine.agent_id) == []
        assert agents.list_builds(session, version_id=mine.id) == []


def test_versions_are_listed_with_the_highest_number_first(tenant, by):
    for number in ("1.9.0", "1.10.0", "1.2.0"):
        version = upload(tenant, by, bundle(version=number))
    with tenant_session(tenant) as session:
        listed = agents.list_versions(session, agent_id=version.agent_id)
    assert [one.number for one in listed] == ["1.10.0", "1.9.0", "1.2.0"]
