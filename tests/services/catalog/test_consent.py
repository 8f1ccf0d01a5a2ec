"""Which version a consumer runs, and what of it somebody has to accept first."""

import pytest

from agent_platform.core.db.tenant import tenant_session
from agent_platform.services import catalog
from tests.factories import caller_of, make_tenant


def test_consumers_run_the_release_and_creators_their_own_version(harbor):
    release_id = harbor.publish()
    other = make_tenant()
    with tenant_session(other) as session:
        theirs = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
    with tenant_session(harbor.tenant) as session:
        own = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
    assert (theirs.release_id, theirs.own_version_id, theirs.publisher_tenant_id) == (release_id, None, harbor.tenant)
    assert theirs.price["events"]["run"]["price_micro_usd"] == 20_000
    assert (own.release_id, own.publisher_tenant_id, own.price["model"]) == (None, None, "own")
    assert own.agent_ref == theirs.agent_ref == "harbor/site-auditor"


def test_private_agents_of_others_read_like_missing_ones(harbor):
    harbor.ready()
    with tenant_session(make_tenant()) as session:
        with pytest.raises(catalog.AgentNotFound) as private:
            catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        with pytest.raises(catalog.AgentNotFound) as missing:
            catalog.find_runnable(session, publisher="harbor", slug="no-such-agent")
    assert private.value.sentence == missing.value.sentence


def test_a_private_agent_is_run_by_creators_of_its_workspace_only(harbor):
    harbor.ready()
    with tenant_session(harbor.tenant) as session:
        own = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        catalog.require_accepted(session, own, caller=caller_of(harbor.tenant, role="owner"), accept=False)
        with pytest.raises(Exception, match="is private to the creators of this workspace"):
            catalog.require_accepted(session, own, caller=caller_of(harbor.tenant, role="member"), accept=False)


NETWORK = [{"host": "api.example.com", "why": "Reads prices."}]
WIDE = [{"host": "*", "why": "Reads any page."}]


def test_low_permissions_are_accepted_by_running(harbor):
    harbor.publish()
    tenant = make_tenant()
    with tenant_session(tenant) as session:
        found = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        assert found.needs_yes
        catalog.require_accepted(session, found, caller=caller_of(tenant, role="member"), accept=False)
        assert not catalog.find_runnable(session, publisher="harbor", slug="site-auditor").needs_yes


def test_high_permissions_need_an_admin_who_says_yes(harbor):
    harbor.publish(permissions={"network": WIDE})
    tenant = make_tenant()
    with tenant_session(tenant) as session:
        found = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        with pytest.raises(catalog.PermissionsNotAccepted, match="Read the sheet and accept it"):
            catalog.require_accepted(session, found, caller=caller_of(tenant, role="owner"), accept=False)
        with pytest.raises(catalog.PermissionsNotAccepted, match="Only an admin may accept"):
            catalog.require_accepted(session, found, caller=caller_of(tenant, role="member"), accept=True)
        catalog.require_accepted(session, found, caller=caller_of(tenant, role="admin"), accept=True)
        found = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        catalog.require_accepted(session, found, caller=caller_of(tenant, role="member"), accept=False)


def test_a_release_that_asks_for_more_waits_while_the_accepted_one_runs_on(harbor):
    first = harbor.publish()
    tenant = make_tenant()
    with tenant_session(tenant) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=first, by=None)
    second = harbor.publish(version="1.1.0", permissions={"network": NETWORK})
    with tenant_session(tenant) as session:
        found = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        assert (found.release_id, found.needs_yes, found.waiting_release_id) == (first, False, second)
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=second, by=None)
        found = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        assert (found.release_id, found.needs_yes, found.waiting_release_id) == (second, False, None)


def test_a_release_that_asks_for_less_is_taken_at_once(harbor):
    first = harbor.publish(permissions={"network": NETWORK})
    tenant = make_tenant()
    with tenant_session(tenant) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=first, by=None)
    second = harbor.publish(version="1.1.0")
    with tenant_session(tenant) as session:
        assert catalog.find_runnable(session, publisher="harbor", slug="site-auditor").release_id == second


def test_acceptances_are_of_one_workspace(harbor):
    release_id = harbor.publish()
    mine, other = make_tenant(), make_tenant()
    with tenant_session(mine) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=release_id, by=None)
    with tenant_session(other) as session:
        assert catalog.installation_of(session, listing_id=harbor.agent.id) is None


NARROWER = {"input__required": ["start_url", "max_pages"]}


def make_stable(creator, version):
    with tenant_session(creator.tenant) as session:
        catalog.make_stable(session, agent_id=version.agent_id, version_id=version.id, by=creator.by)


def test_a_breaking_version_becomes_stable_in_its_own_workspace_only_under_a_new_first_number(harbor):
    first = harbor.ready()
    broken = harbor.ready(version="1.1.0", input__properties__max_pages={"type": "integer"}, **NARROWER)
    with pytest.raises(
        catalog.BreakingChange, match=r"1\.1\.0 breaks those who use 1\.0\.0: .*Upload it as 2\.0\.0"
    ) as refused:
        make_stable(harbor, broken)
    assert [problem.path for problem in refused.value.errors] == ["input.required"]
    assert harbor.agent.stable == "1.0.0"
    renumbered = harbor.ready(version="2.0.0", input__properties__max_pages={"type": "integer"}, **NARROWER)
    make_stable(harbor, renumbered)
    assert harbor.agent.stable == "2.0.0"
    make_stable(harbor, first)  # the way back is always open
    assert harbor.agent.stable == "1.0.0"


def test_a_way_back_within_a_first_number_is_open_too(harbor):
    first = harbor.ready()
    wider = harbor.ready(version="1.1.0", input__properties__depth={"type": "integer"})
    make_stable(harbor, wider)
    make_stable(harbor, first)
    assert harbor.agent.stable == "1.0.0"


def sheet_of(tenant):
    with tenant_session(tenant) as session:
        runnable = catalog.find_runnable(session, publisher="harbor", slug="site-auditor")
        return catalog.permission_sheet(session, runnable)


def changes(sheet):
    return {row.key: row.change for row in sheet.rows if row.change}


def test_the_sheet_marks_what_changed_since_the_version_that_was_accepted_last(harbor):
    first = harbor.publish(permissions={"network": NETWORK})
    tenant, stranger = make_tenant(), make_tenant()
    assert (sheet_of(tenant).accepted, changes(sheet_of(tenant))) == ("", {})
    with tenant_session(tenant) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=first, by=None)
    assert (sheet_of(tenant).accepted, changes(sheet_of(tenant))) == ("", {})
    harbor.publish(version="1.1.0")
    sheet = sheet_of(tenant)
    assert (sheet.number, sheet.accepted, sheet.waits) == ("1.1.0", "1.0.0", False)
    assert changes(sheet) == {"network:api.example.com": "removed"}
    assert (sheet_of(stranger).accepted, changes(sheet_of(stranger))) == ("", {})


def test_a_version_that_waits_is_compared_and_accepted_by_an_admin(harbor):
    first = harbor.publish()
    tenant = make_tenant()
    with tenant_session(tenant) as session:
        catalog.accept_permissions(session, listing_id=harbor.agent.id, release_id=first, by=None)
    second = harbor.publish(version="1.1.0", permissions={"network": WIDE})
    sheet = sheet_of(tenant)
    assert (sheet.number, sheet.accepted, sheet.waits, sheet.level) == ("1.1.0", "1.0.0", True, "high")
    assert changes(sheet) == {"network:*": "new"}
    asked = {"publisher": "harbor", "slug": "site-auditor"}
    with tenant_session(tenant) as session:
        with pytest.raises(catalog.PermissionsNotAccepted, match="Only an admin may accept"):
            catalog.accept_newest(session, **asked, caller=caller_of(tenant, role="member"))
        assert catalog.find_runnable(session, **asked).release_id == first
        catalog.accept_newest(session, **asked, caller=caller_of(tenant, role="admin"))
        assert catalog.find_runnable(session, **asked).release_id == second
    assert (sheet_of(tenant).waits, changes(sheet_of(tenant))) == (False, {})
