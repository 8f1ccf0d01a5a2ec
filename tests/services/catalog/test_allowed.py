"""A workspace runs what its admins let in, and nothing else, through no door."""

import pytest

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.errors import InputInvalid, NotFound
from agent_platform.services import audit, catalog, runs, tenancy
from agent_platform.services.tenancy.errors import RoleTooLow
from tests.doubles import people
from tests.factories import make_tenant, make_user
from tests.services.catalog.test_reviews import Shop


@pytest.fixture
def shop(settings):
    return Shop("per_event")


def admin(shop):
    (owner,) = people.inside(shop.consumer, tenancy.owners_of)
    return owner


def choose(shop, rule, *, by=None):
    people.inside(shop.consumer, catalog.set_allowed, rule=rule, by=by or admin(shop))


def allow(shop, address="maker/counter", *, by=None):
    return people.inside(shop.consumer, catalog.allow_agent, address=address, by=by or admin(shop))


refused = pytest.raises(catalog.AgentNotAllowed, match=r"Nothing was charged\. Ask an admin")


def test_without_a_rule_all_public_agents_run(shop):
    assert people.inside(shop.consumer, catalog.get_allowed).rule == "all"
    shop.start()


def test_own_only_starts_no_agent_of_others_through_any_door(shop):
    earlier = shop.finish(key="earlier")
    before = shop.money()
    choose(shop, "own")
    for key, asked in {"page": {}, "pinned": {"version": "1.0.0"}, "dry": {"dry_run": True}}.items():
        with refused:
            shop.start(key=key, **asked)
    with refused, tenant_session(shop.consumer) as session:
        runs.rerun(session, run_id=earlier.id, idempotency_key="again", caller=shop.caller)
    assert shop.money() == before


def test_a_list_lets_in_what_is_on_it_and_nothing_else(shop):
    choose(shop, "listed")
    with refused:
        shop.start(key="not yet")
    assert allow(shop, " /agents/maker/Counter ") == "Counter"
    allow(shop)  # twice is once
    facts = people.inside(shop.consumer, catalog.get_allowed)
    assert [(one.publisher, one.slug) for one in facts.agents] == [("maker", "counter")]
    shop.start(key="now")
    people.inside(shop.consumer, catalog.disallow_agent, listing_id=shop.listing_id, by=admin(shop))
    with refused:
        shop.start(key="no more")


def test_agents_call_only_what_the_workspace_lets_in(settings):
    shop = Shop("per_event")
    shop.release("caller", agents=["maker/counter"])
    choose(shop, "listed")
    allow(shop, "maker/caller")
    parent = shop.running(key="parent", slug="caller", accept_permissions=True)
    request = runs.ChildRequest("maker/counter", {"n": 1}, 10_000, "k", None)
    with refused, acting_as("broker"), tenant_session(shop.consumer) as session:
        runs.start_child(session, run_id=parent.id, attempt=1, request=request)
    allow(shop)
    late = pytest.raises(catalog.PermissionsNotAccepted, match="start the calling agent again")
    with late, acting_as("broker"), tenant_session(shop.consumer) as session:
        runs.start_child(session, run_id=parent.id, attempt=1, request=request)
    following = shop.running(key="following", slug="caller", accept_permissions=True)
    with acting_as("broker"), tenant_session(shop.consumer) as session:
        assert runs.start_child(session, run_id=following.id, attempt=1, request=request)


def test_a_run_that_waits_when_the_rule_changes_does_not_begin_and_costs_nothing(shop):
    before = shop.money()
    queued = shop.start(key="queued")
    choose(shop, "own")
    assert shop.launch(queued) is False
    ended = shop.now(queued)
    assert (ended.state, ended.failure_code, ended.charged_micro_usd) == ("failed", "agent_not_allowed", 0)
    assert shop.money() == before


def test_a_run_that_has_begun_goes_on(shop):
    run = shop.running(key="begun")
    choose(shop, "own")
    shop.end(run)
    assert shop.now(run).failure_code != "agent_not_allowed"


def test_the_rule_of_one_workspace_holds_in_no_other(shop):
    choose(shop, "own")
    shop.buy_as("elsewhere")
    shop.start(key="elsewhere")


@pytest.mark.sec
@pytest.mark.parametrize("role", ["viewer", "member"])
def test_only_admins_choose(shop, role):
    person = people.Person(make_user("Mia"), "Mia", shop.consumer)
    people.inside(shop.consumer, people.enrol, person=person, role=role)
    stranger = make_user("Sam")
    make_tenant(owner=stranger)
    for by in (person.id, stranger):
        with pytest.raises(RoleTooLow):
            choose(shop, "own", by=by)
        with pytest.raises(RoleTooLow):
            allow(shop, by=by)
        with pytest.raises(RoleTooLow):
            people.inside(shop.consumer, catalog.disallow_agent, listing_id=shop.listing_id, by=by)
    shop.start(key="still all")


@pytest.mark.parametrize("address", ["", "counter", "maker/", "/counter", "maker/counter/x", "maker/none", "maker\0/'"])
def test_what_is_no_agent_cannot_be_listed(shop, address):
    with pytest.raises(InputInvalid):
        allow(shop, address)


def test_nonsense_changes_nothing(shop):
    with pytest.raises(InputInvalid):
        choose(shop, "everything")
    with pytest.raises(NotFound):
        people.inside(shop.consumer, catalog.disallow_agent, listing_id=shop.listing_id, by=admin(shop))


def test_each_change_is_in_the_audit_log(shop):
    choose(shop, "listed")
    allow(shop)
    people.inside(shop.consumer, catalog.disallow_agent, listing_id=shop.listing_id, by=admin(shop))
    with tenant_session(shop.consumer) as session:
        done = {entry.action for entry in audit.list_entries(session)}
        assert audit.verify_chain(session) is None
    assert {"agents.rule_changed", "agents.allowed", "agents.disallowed"} <= done
