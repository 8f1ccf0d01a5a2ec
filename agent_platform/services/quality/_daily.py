"""Daily tests of every public listing (P-07): real runs, by the door of all runs, in a workspace that the platform keeps for them.

A test pays as everybody does and gets everything back when it ends: its creator earns nothing and the platform bears the cost.
"""

import json
import logging
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.tenant import TenantSession, tenant_session
from agent_platform.core.errors import AppError
from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.models.catalogue import Listing, Release
from agent_platform.models.quality import ListingTest, ListingTestState
from agent_platform.models.runs import FailureClass, Run
from agent_platform.services import billing, catalog, runs, tenancy
from agent_platform.services.quality._days import close_day
from agent_platform.services.quality._due import due_listings
from agent_platform.services.quality._late import ended_days
from agent_platform.services.quality._trial import request_of
from agent_platform.services.quality._verdict import Outcome, why_failed

log = logging.getLogger(__name__)
MOST_OPEN = 6
MOST_NOTE = 500
WHOLE_DAY = "all tests"  # the name under which a listing is noted that could not be tested at all
OUR_FAULT = "This says nothing about the agent: the platform was at fault."
AUTOMATIC = {"name": "prefilled input", "input": "prefill", "dry_run": False, "expect": {"state": "succeeded"}}


def run_daily_tests(at: datetime | None = None) -> int:
    """Tests that ended are judged, complete days closed, and as many tests begun as may run at once. Safe to repeat.

    `at` is now unless it is given. Returns how many days of listings were closed.
    """
    tenant_id = tenancy.find_tests_workspace()
    if tenant_id is None:
        return 0
    _lend_float(tenant_id)
    _judge_ended(tenant_id)
    now = at or datetime.now(UTC)
    closed = _close_earlier(tenant_id, now.date())
    for listing, release in due_listings(tenant_id, now):
        try:
            if _close(tenant_id, listing, release, now.date()):
                closed += 1
            elif not _begin(tenant_id, listing, release, now.date()):
                break
        except Exception:  # one listing must not end the tests of all others
            log.exception("The tests of listing %s could not be run", listing.id)
            _void(tenant_id, listing, release, now.date(), WHOLE_DAY, OUR_FAULT)
    return closed


def _close_earlier(tenant_id: UUID, today: date) -> int:
    """Days whose last tests ended after midnight count too, each with the tests that were begun on it."""
    closed = 0
    for one in ended_days(tenant_id, today=today):
        try:
            close_day(
                one.listing_id, day=one.day, version=one.version, tests=one.tests, failed=one.failed, note=one.note
            )
            closed += 1
        except Exception:  # one listing must not end the tests of all others
            log.exception("The day %s of listing %s could not be closed", one.day, one.listing_id)
    return closed


def _begin(tenant_id: UUID, listing: Listing, release: Release, day: date) -> bool:
    """False once as many tests are under way as may be."""
    for test in tests_of(release):
        if _open(tenant_id) >= MOST_OPEN:
            return False
        _start(tenant_id, listing, release, test, day)
    return True


def _lend_float(tenant_id: UUID) -> None:
    with tenant_session(tenant_id) as session:
        lent = billing.lend_float(session)
    operator = tenancy.find_operator_workspace()
    if lent and operator is not None:
        with tenant_session(operator) as session:
            billing.book_grant(session, tenant_id=tenant_id, month="tests", amount_micro_usd=lent)


def tests_of(release: Release) -> list[dict[str, Any]]:
    """The manifest's tests, else one of the prefilled input."""
    return catalog.manifest_of(release.manifest).tests or [AUTOMATIC]


def _start(tenant_id: UUID, listing: Listing, release: Release, test: dict[str, Any], day: date) -> None:
    """The test has its run of today; one that cannot even start has failed."""
    with tenant_session(tenant_id) as session:
        if _result(session, listing.id, day, test["name"]) is not None:
            return
    try:
        with tenant_session(tenant_id) as session:
            run = runs.start(session, request_of(session, listing, release, test, day), caller=_caller(tenant_id))
            _keep(session, listing, release, day, test["name"], run_id=run.id, state=ListingTestState.RUNNING.value)
    except AppError as error:
        note = why_failed(test["expect"], _refused(error))[:MOST_NOTE]
        state = ListingTestState.FAILED if note else ListingTestState.PASSED
        if error.status == 402:
            return  # the float is lent to other tests just now; the next beat asks again
        if error.status in {429, 503}:  # ours, not the agent's
            _void(tenant_id, listing, release, day, test["name"], error.sentence[:MOST_NOTE])
            return
        with tenant_session(tenant_id) as session:
            _keep(session, listing, release, day, test["name"], state=state.value, note=note)


def _void(tenant_id: UUID, listing: Listing, release: Release, day: date, name: str, note: str) -> None:
    with tenant_session(tenant_id) as session:
        _keep(session, listing, release, day, name, state=ListingTestState.VOID.value, note=note)


def _refused(error: AppError) -> Outcome:
    """An input that the door refuses is what a run of it would have ended with."""
    refused = isinstance(error, runs.RunInputInvalid)
    failure = FailureClass.INPUT if refused else FailureClass.AGENT
    return Outcome("failed", failure.value, error.code, 0, 0.0, 0, error.sentence)


def _judge_ended(tenant_id: UUID) -> None:
    with tenant_session(tenant_id) as session:
        rows = session.execute(
            select(ListingTest, Run)
            .join(Run, (col(Run.tenant_id) == ListingTest.tenant_id) & (col(Run.id) == ListingTest.run_id))
            .where(
                col(ListingTest.tenant_id) == tenant_id,
                col(ListingTest.state) == ListingTestState.RUNNING.value,
                col(Run.finished_at).is_not(None),
            )
        ).all()
        for result, run in rows:
            try:
                with session.begin_nested():
                    _judge(session, result, run)
            except Exception:
                log.exception("The test %s of listing %s could not be judged", result.name, result.listing_id)
                result.state, result.note = ListingTestState.VOID.value, OUR_FAULT


def _judge(session: TenantSession, result: ListingTest, run: Run) -> None:
    if run.failure_class == FailureClass.PLATFORM or run.stop_reason == "cancelled":
        result.state, result.note = ListingTestState.VOID.value, OUR_FAULT
        return
    expect = next(
        (one["expect"] for one in tests_of(session.get_one(Release, result.release_id)) if one["name"] == result.name),
        AUTOMATIC["expect"],
    )
    note = why_failed(expect, _outcome(session, run))
    result.state, result.note = (ListingTestState.FAILED if note else ListingTestState.PASSED).value, note[:MOST_NOTE]


def _outcome(session: TenantSession, run: Run) -> Outcome:
    charged = session.execute(
        text(
            "SELECT coalesce(sum(amount_micro_usd), 0)::bigint FROM app.run_charges WHERE tenant_id = :t AND run_id = :r"
        ),
        {"t": session.tenant_id, "r": run.id},
    ).scalar_one()
    compute = run.compute_micro_usd if billing.consumer_pays_compute(run.price) else 0
    page = runs.items_page(session, run_id=run.id)
    started = run.started_at or run.finished_at
    assert run.finished_at is not None
    assert started is not None
    return Outcome(
        state=run.state,
        failure_class=run.failure_class or "",
        failure_code=run.failure_code or "",
        item_count=run.item_count,
        seconds=(run.finished_at - started).total_seconds(),
        cost_micro_usd=charged + compute,
        output=json.dumps([run.result, [one.payload for one in page]], ensure_ascii=False, default=str),
    )


def _close(tenant_id: UUID, listing: Listing, release: Release, day: date) -> bool:
    """When every test of today has ended the day counts, unless it was our fault that one did not tell."""
    with tenant_session(tenant_id) as session:
        results = [_result(session, listing.id, day, test["name"]) for test in tests_of(release)]
    if not all(one is not None and one.state in {ListingTestState.PASSED, ListingTestState.FAILED} for one in results):
        return False
    failed = [one for one in results if one and one.state == ListingTestState.FAILED]
    note = f"{failed[0].name}: {failed[0].note}" if failed else ""
    close_day(listing.id, day=day, version=release.number, tests=len(results), failed=len(failed), note=note)
    return True


def _open(tenant_id: UUID) -> int:
    with tenant_session(tenant_id) as session:
        running = col(ListingTest.state) == ListingTestState.RUNNING.value
        return session.execute(
            select(func.count()).select_from(ListingTest).where(col(ListingTest.tenant_id) == tenant_id, running)
        ).scalar_one()


def _result(session: TenantSession, listing_id: UUID, day: date, name: str) -> ListingTest | None:
    return session.execute(
        select(ListingTest).where(
            col(ListingTest.tenant_id) == session.tenant_id,
            col(ListingTest.listing_id) == listing_id,
            col(ListingTest.day) == day,
            col(ListingTest.name) == name,
        )
    ).scalar_one_or_none()


def _keep(session: TenantSession, listing: Listing, release: Release, day: date, name: str, **columns: Any) -> None:
    session.execute(
        insert(ListingTest)
        .values(
            **{
                "tenant_id": session.tenant_id,
                "id": new_id(),
                "listing_id": listing.id,
                "release_id": release.id,
                "day": day,
                "name": name,
                "note": "",
                **columns,
            }
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "listing_id", "day", "name"])
    )


def _caller(tenant_id: UUID) -> Caller:
    """Nobody in person: the platform itself, which may accept what a reviewer has let into the directory."""
    return Caller(None, "Daily test", tenant_id, None, "owner", (), None)
