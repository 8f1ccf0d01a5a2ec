"""A demo is a real run that nobody pays for, that counts nowhere, and that only its key shows."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.core.errors import NotFound
from agent_platform.core.ids import new_id, shown
from agent_platform.models.catalogue import Listing
from agent_platform.services import billing, catalog, runs, tenancy, visitors
from tests.factories import make_tenant
from tests.services.catalog.test_reports import suspend, sync
from tests.services.runs.conftest import item, manifest, result


def test_a_demo_is_a_run_whose_terms_are_ours(stall):
    run = stall.run_of(stall.try_it())
    assert (run.origin, run.is_dry_run, run.state, run.input) == ("demo", True, "queued", {"n": 3})
    assert (run.timeout_seconds, run.cap_micro_usd, run.retries_left) == (30, 20_000, 0)
    assert (run.started_by_user_id, run.tenant_id) == (None, stall.consumer)


@pytest.mark.parametrize("stall", ["free", "per_run", "per_event"], indirect=True)
def test_nobody_pays_or_earns_and_nothing_is_counted(stall, god):
    key = stall.try_it()
    run = stall.finish_demo(key)
    assert (run.state, run.charged_micro_usd, run.item_count) == ("succeeded", 0, 3)
    with tenant_session(stall.consumer) as session:
        assert billing.ledger_differences(session) == []
        assert runs.find_receipt(session, run_id=run.id) is None
    for table in ("outbox", "usage_events", "usage_hourly", "usage_daily", "run_charges", "postings"):
        assert god.do(f"SELECT count(*) FROM app.{table} WHERE tenant_id = %s", stall.consumer) == [(0,)], table
    assert god.do("SELECT count(*) FROM app.creator_runs") == [(0,)]
    with acting_as("worker"):
        catalog.refresh_figures()
    assert (stall.listing.runs_30d, stall.listing.users_30d) == (0, 0)


def test_only_the_key_leads_to_it(stall):
    key = stall.try_it()
    run = stall.run_of(key)
    other = stall.try_it(address="198.51.100.9")
    assert stall.run_of(other).id != run.id
    wrong = (
        "",
        "x",
        key[:-1],
        key + "A",
        key[:-1] + ("A" if key[-1] != "A" else "B"),
        str(run.id),
        shown("run", run.id),
        "A" * 43,
    )
    for guess in wrong:
        with pytest.raises(visitors.DemoGone):
            visitors.find_demo(guess)


def test_the_key_is_kept_nowhere_and_neither_is_the_address(stall, god):
    key = stall.try_it(address="203.0.113.77")
    rows = str(god.do("SELECT to_jsonb(d) FROM app.demos d")) + str(god.do("SELECT to_jsonb(r) FROM app.runs r"))
    assert key not in rows
    assert "203.0.113" not in rows


def test_who_looks_on_may_do_nothing_with_it(stall):
    key = stall.try_it()
    seen = visitors.in_demo(key, lambda session, *, run_id, caller: caller)
    assert (seen.role, seen.user_id) == (None, None)


def test_an_agent_that_does_not_allow_it_is_not_tried(stall):
    stall.change(demo=False)
    with pytest.raises(visitors.DemoRefused, match="offers no demo"):
        stall.try_it()
    with pytest.raises(NotFound):
        stall.try_it(slug="nowhere")


@pytest.mark.parametrize(
    "asked",
    [
        {"network": [{"host": "example.com", "ports": [443], "methods": ["GET"], "why": ""}]},
        {"connections": {"gh": {}}},
        {"models": ["default"]},
        {"agents": ["a/b"]},
    ],
)
def test_what_asks_for_anything_outside_is_no_demo_whatever_it_says(asked):
    plain = catalog.manifest_of({**manifest("counter", "free"), "demo": True})
    assert catalog.allows_demo(plain)
    assert not catalog.allows_demo(replace(plain, permissions={**plain.permissions, **asked}))
    assert not catalog.allows_demo(replace(plain, demo=False))


def test_a_suspended_or_deprecated_agent_is_not_tried(stall):
    stall.try_it()
    with publisher_session() as session:
        session.get_one(Listing, stall.listing_id).state = "deprecated"
    with pytest.raises(visitors.DemoRefused):
        stall.try_it()
    with publisher_session() as session:
        session.get_one(Listing, stall.listing_id).state = "published"
    suspend(stall)
    with pytest.raises(catalog.AgentSuspended, match="mines coins"):
        stall.try_it()
    sync()
    with pytest.raises(catalog.AgentSuspended):
        stall.try_it()


def test_a_demo_that_waits_when_its_agent_is_suspended_never_begins(stall):
    key = stall.try_it()
    suspend(stall)
    stall.launch(stall.run_of(key))
    assert stall.run_of(key).failure_code == "agent_suspended"


def test_input_is_checked_as_for_every_run(stall):
    with pytest.raises(runs.RunInputInvalid) as refused:
        stall.try_it({"n": 1_000})
    assert [problem.path for problem in refused.value.errors] == ["n"]
    with pytest.raises(runs.RunInputInvalid):
        stall.try_it({"n": 3, "more": 1})


def test_a_megabyte_is_the_most(stall):
    with pytest.raises(visitors.DemoTooLarge, match="at most 1 MiB of input, 1,048,576 bytes"):
        stall.try_it({"n": 3, "text": "x" * 1_048_576})


def test_what_one_demo_keeps_no_other_finds(stall, god):
    run = stall.begin(stall.try_it())
    with acting_as("broker"), tenant_session(stall.consumer) as session:
        runs.set_value(session, "state", run_id=run.id, attempt=1, key="seen", body=b'"a secret"')
    assert god.do("SELECT count(*) FROM app.agent_state") == [(0,)]


def test_a_tenant_s_own_workspace_does_not_see_demos(stall):
    run = stall.run_of(stall.try_it())
    for tenant in (stall.buyer, stall.publisher, make_tenant()):
        with tenant_session(tenant) as session:
            assert session.execute(text("SELECT count(*) FROM app.demos")).scalar_one() == 0
            with pytest.raises(NotFound):
                runs.get_run(session, run_id=run.id)


def test_a_newer_release_is_what_is_tried_also_when_it_asks_for_more(stall):
    stall.try_it()
    stall.change(demo=True, permissions={"state": True})
    run = stall.run_of(stall.try_it())
    assert run.state == "queued"


def test_no_demo_before_the_installation_has_begun(settings):
    assert tenancy.find_demo_workspace() is None
    with pytest.raises(visitors.DemoRefused, match="not set up"):
        visitors.start_demo(publisher="a", slug="b", given={}, address="203.0.113.1")
    with pytest.raises(visitors.DemoGone):
        visitors.find_demo("A" * 43)
    assert visitors.sweep_demos() == 0


def test_the_first_page_offers_what_may_be_tried(stall):
    with public_session() as session:
        assert catalog.find_demo_listing(session).slug == "counter"
    suspend(stall)
    with public_session() as session:
        assert catalog.find_demo_listing(session) is None


def test_the_first_page_offers_nothing_where_nothing_may_be_tried(stall):
    stall.change(demo=False)
    with public_session() as session:
        assert catalog.find_demo_listing(session) is None


def test_a_worker_deletes_nothing_of_runs_that_are_no_demos(stall, god):
    stall.consumer = stall.buyer
    run = stall.running()
    stall.speak(run, item(1, 1), result(2))
    stall.end(run)
    before = god.left_of(run.id)
    assert {"runs", "run_attempts", "run_events"} <= set(before)
    with acting_as("worker"), tenant_session(stall.buyer) as session:
        for table in ("run_attempts", "run_events", "run_log_chunks", "run_egress", "run_egress_use", "approvals"):
            session.execute(text(f"DELETE FROM app.{table}"))
        session.execute(text("DELETE FROM app.runs"))
    assert god.left_of(run.id) == before
    with acting_as("worker"), tenant_session(stall.buyer) as session, pytest.raises(Exception, match="Only a demo"):
        runs.forget_demo(session, run_id=run.id)


def test_a_demo_that_goes_on_is_not_forgotten(stall):
    run = stall.begin(stall.try_it())
    with acting_as("worker"), tenant_session(stall.consumer) as session, pytest.raises(Exception, match="has ended"):
        runs.forget_demo(session, run_id=run.id)
    with tenant_session(stall.consumer) as session, pytest.raises(NotFound):
        runs.forget_demo(session, run_id=new_id())
