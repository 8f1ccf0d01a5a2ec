"""Daily tests of listings through real runs: judged, paid by nobody, counted nowhere, and followed by the listing's state."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text
from sqlmodel import col

from agent_platform.core.db.engine import acting_as
from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import public_session, tenant_session
from agent_platform.models.catalogue import DayOfTests, Listing, Release
from agent_platform.models.quality import ListingTest
from agent_platform.models.runs import Run
from agent_platform.services import audit, billing, catalog, quality, runs, tenancy
from tests.services.catalog.test_reports import suspend, sync
from tests.services.catalog.test_reviews import Shop
from tests.services.runs.conftest import item, manifest, result

TONIGHT = datetime.now(UTC).replace(hour=23, minute=59)  # every minute of the day has come
TESTS = [
    {"name": "three", "input": {"n": 3}, "expect": {"items_min": 3, "cost_max": "0.01"}},
    {"name": "too large", "input": {"n": 1_000}, "expect": {"error_class": "input"}},
]


class Range(Shop):
    """A shop whose agent has tests, and the workspace that runs them; its steps are those of the processes."""

    def __init__(self, pricing="per_event", tests=TESTS):
        super().__init__(pricing)
        tenancy.in_platform(tenancy.ensure_tests_workspace)
        self.tests_tenant = tenancy.find_tests_workspace()
        self.consumer = self.tests_tenant
        with publisher_session() as session:
            release = session.execute(select(Release)).scalar_one()
            release.manifest = {**manifest("counter", pricing), "tests": tests}
            session.get_one(Listing, self.listing_id).published_at = datetime.now(UTC) - timedelta(hours=1)

    def beat(self):
        with acting_as("worker"):
            quality.run_daily_tests(at=TONIGHT)

    def begun(self):
        with acting_as("worker"), tenant_session(self.tests_tenant) as session:
            return list(session.execute(select(Run).order_by(col(Run.created_at))).scalars())

    def finish_tests(self, items=3):
        """Every test under way runs in its sandbox and ends well."""
        for run in self.begun():
            if run.finished_at is None:
                assert self.launch(run)
                self.hand_input(run)
                self.speak(run, item(1, items), result(2))
                self.end(run)

    def results(self):
        with acting_as("worker"), tenant_session(self.tests_tenant) as session:
            rows = session.execute(select(ListingTest).order_by(col(ListingTest.created_at))).scalars()
            return {row.name: (row.state, row.note) for row in rows}

    def last(self):
        with public_session() as session:
            return quality.last_test(session, listing_id=self.listing_id)


@pytest.fixture
def range_(settings):
    return Range()


def test_a_day_of_tests_is_real_runs_judged_by_what_the_manifest_expects(range_):
    range_.beat()
    (run,) = range_.begun()
    assert (run.origin, run.input, run.agent_ref, run.state) == ("test", {"n": 3}, "maker/counter", "queued")
    assert range_.results() == {"three": ("running", ""), "too large": ("passed", "")}
    range_.beat()
    assert len(range_.begun()) == 1
    range_.finish_tests()
    range_.beat()
    assert range_.results()["three"] == ("passed", "")
    range_.beat()
    found = range_.last()
    assert (found.passed, found.tests, found.failed, found.note) == (True, 2, 0, "")


def test_a_test_is_paid_by_nobody_and_its_creator_earns_nothing(range_):
    range_.beat()
    range_.finish_tests()
    (run,) = range_.begun()
    assert (run.state, run.charged_micro_usd, run.item_count) == ("succeeded", 0, 3)
    with tenant_session(range_.tests_tenant) as session:
        assert billing.ledger_differences(session) == []
        balance = billing.balance(session)
        assert balance.held_micro_usd == 0
        receipt = runs.find_receipt(session, run_id=run.id)
    assert receipt is not None
    with acting_as("worker"), tenant_session(range_.tests_tenant) as session:
        told = session.execute(text("SELECT count(*) FROM app.outbox WHERE kind = 'run.settled'")).scalar_one()
    assert told == 0


def test_what_came_instead_is_named_and_a_cost_is_that_of_the_price_list(range_):
    range_.beat()
    range_.finish_tests(items=2)
    range_.beat()
    assert range_.results()["three"] == ("failed", "expected at least 3 items, got 2")
    range_.beat()
    found = range_.last()
    assert (found.passed, found.failed, found.note) == (False, 1, "three: expected at least 3 items, got 2")


def test_a_dearer_run_than_the_test_allows_is_found_although_nobody_pays(settings):
    dear = Range(tests=[{"name": "dear", "input": {"n": 3}, "expect": {"cost_max": "0.01"}}])
    dear.beat()
    dear.finish_tests(items=6)  # six pages at $0.002
    dear.beat()
    assert dear.results()["dear"] == ("failed", "expected a cost of at most 10000 micro-dollars, got 12000")


def test_our_own_fault_is_no_bad_day(range_):
    range_.beat()
    (run,) = range_.begun()
    for attempt in (1, 2, 3):
        range_.launch(run)
        range_.end(run, phase="failed", reason="start_timeout", attempt=attempt)
    assert range_.now(run).failure_class == "platform"
    range_.beat()
    range_.beat()
    assert range_.results()["three"][0] == "void"
    assert range_.last() is None


def test_three_bad_days_are_maintenance_which_the_directory_shows_and_runs_survive(range_):
    with publisher_session() as session:
        session.execute(insert(DayOfTests), [_row(range_, back, failed=1) for back in (1, 2)])
    assert range_.listing.state == "published"
    range_.beat()
    range_.finish_tests(items=1)
    range_.beat()
    range_.beat()
    assert range_.listing.state == "maintenance"
    with public_session() as session:
        assert [card.state for card in catalog.search(session).listings] == ["maintenance"]
    with tenant_session(range_.publisher) as session:
        entry = audit.list_entries(session)[0]
    assert (entry.action, entry.detail["now"]) == ("listing.tested", "maintenance")
    range_.buy_as("customer")
    assert range_.start(key="still").state == "queued"


def test_the_third_good_day_restores_it(range_):
    with publisher_session() as session:
        session.get_one(Listing, range_.listing_id).state = "maintenance"
        session.execute(insert(DayOfTests), [_row(range_, back, state="maintenance") for back in (1, 2)])
    range_.beat()
    range_.finish_tests()
    range_.beat()
    range_.beat()
    assert range_.listing.state == "published"


def test_a_suspended_listing_is_not_tested_and_one_without_tests_runs_its_prefilled_input(settings):
    shop = Range(tests=[])
    suspend(shop)
    sync()
    shop.beat()
    assert shop.begun() == []
    assert [test["name"] for test in quality.tests_of(_release())] == ["prefilled input"]


def test_test_runs_change_no_figure_and_give_no_right_to_review(range_):
    range_.beat()
    range_.finish_tests()
    with acting_as("worker"):
        catalog.refresh_figures()
    assert (range_.listing.runs_30d, range_.listing.users_30d) == (0, 0)
    assert range_.standing(tenant=range_.tests_tenant).may_write is False


def _row(shop, back, *, failed=0, state="published"):
    return {
        "listing_id": shop.listing_id,
        "day": TONIGHT.date() - timedelta(days=back),
        "version": "1.0.0",
        "tests": 2,
        "failed": failed,
        "note": "",
        "state": state,
    }


def _release():
    with public_session() as session:
        return session.execute(select(Release)).scalar_one()
