"""Who decides about the public directory, and on what."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.tenancy import Membership
from agent_platform.services import audit, catalog, identity
from tests.factories import make_reviewer, make_user
from tests.services.catalog.creators import Creator, listing


@pytest.fixture
def harbor(settings) -> Creator:
    return Creator("harbor")


def queue(by):
    return identity.in_platform(catalog.list_open_requests, by=by)


def submission(request_id, by):
    return identity.in_platform(catalog.get_submission, request_id=request_id, by=by)


def state_of(creator, request_id):
    with tenant_session(creator.tenant) as session:
        return catalog.get_request(session, request_id=request_id).state


@pytest.mark.sec
@pytest.mark.parametrize("self_review", [True, False])
def test_nobody_without_a_platform_role_decides_not_even_about_their_own(harbor, self_review):
    if self_review:
        catalog.ensure_flags()  # on in local mode
    mallory, request_id = harbor.by, harbor.request(harbor.ready())
    for person in (mallory, make_user("Somebody"), make_reviewer("support")):
        for decision in ("approve", "request_changes", "reject"):
            with pytest.raises(catalog.NotReviewer):
                harbor.decide(request_id, decision, by=person, note="I say so.")
        with pytest.raises(catalog.NotReviewer):
            queue(person)
        with pytest.raises(catalog.NotReviewer):
            submission(request_id, person)
    assert state_of(harbor, request_id) == "open"


@pytest.mark.parametrize("role", ["operator", "reviewer"])
def test_operator_and_reviewer_decide_about_other_workspaces_without_any_flag(harbor, role):
    request_id = harbor.request(harbor.ready())
    harbor.decide(request_id, by=make_reviewer(role))
    harbor.work(request_id)
    assert listing().card.slug == "site-auditor"


def test_a_reviewer_of_the_same_workspace_decides_only_where_the_flag_allows_it_and_that_is_on_record(harbor):
    reviewer, request_id = make_reviewer("operator"), harbor.request(harbor.ready())
    with tenant_session(harbor.tenant) as session:
        session.add(Membership(tenant_id=harbor.tenant, user_id=reviewer, role="viewer", display_name="Operator"))
    with pytest.raises(catalog.OwnReview):
        harbor.decide(request_id, by=reviewer)
    catalog.ensure_flags()
    harbor.decide(request_id, by=reviewer)
    with tenant_session(harbor.tenant) as session:
        entry = next(one for one in audit.list_entries(session) if one.action == "publication.approved")
    assert (entry.actor, entry.detail["self_review"]) == (f"user:{reviewer}", True)


def test_the_queue_holds_the_open_requests_of_all_workspaces_the_longest_waiting_first(harbor):
    other, rita = Creator("mica"), make_reviewer()
    first, second = harbor.request(harbor.ready()), other.request(other.ready(), "unlisted")
    found = queue(rita)
    assert [(one.request.id, one.publisher, one.request.visibility) for one in found] == [
        (first, "harbor", "public"),
        (second, "mica", "unlisted"),
    ]
    other.decide(second, "reject", note="No.")
    assert [one.request.id for one in queue(rita)] == [first]


def test_a_submission_shows_the_whole_bundle_and_what_it_may_do(harbor):
    request_id = harbor.request(harbor.ready({"README.md": "# Audits"}))
    found = submission(request_id, make_reviewer())
    assert (found.publisher, found.requested_by, found.compared_with, found.level) == (
        "harbor",
        "Mara Okafor",
        "",
        "low",
    )
    assert found.files[0].path == "agent.yaml"
    assert {file.mark for file in found.files} == {"new"}
    assert next(file.text for file in found.files if file.path == "README.md") == "# Audits"
    assert {row.change for row in found.permissions} == {""}


def test_a_later_version_is_compared_with_the_one_that_consumers_run(harbor):
    harbor.publish({"README.md": "# Audits", "old.py": "x = 1"})
    network = [{"host": "example.com", "why": "Reads it."}]
    version = harbor.ready(
        {"README.md": "# Audits", "new.py": "y = 2"}, version="1.1.0", permissions={"network": network}
    )
    found = submission(harbor.request(version), make_reviewer())
    assert found.compared_with == "1.0.0"
    marks = {file.path: file.mark for file in found.files}
    assert (marks["agent.yaml"], marks["README.md"], marks["old.py"], marks["new.py"]) == (
        "changed",
        "same",
        "gone",
        "new",
    )
    assert "+version: 1.1.0" in found.files[0].text
    assert [row.change for row in found.permissions if row.key == "network:example.com"] == ["new"]


@pytest.mark.sec
def test_a_change_far_down_in_a_large_file_is_seen_as_one(harbor):
    lines = "".join(f"# {number}\n" for number in range(20_000))
    harbor.publish({"large.py": lines})
    version = harbor.ready({"large.py": lines + "import os\n"}, version="1.1.0")
    found = submission(harbor.request(version), make_reviewer())
    assert next(file.mark for file in found.files if file.path == "large.py") == "changed"
