"""Processes are killed while a run is on, and the whole product is stopped in the middle of one: money stays right, nobody is signed out."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.bundles import MICRO_USD_PER_NUMBER
from tests.e2e.product import until

pytestmark = [pytest.mark.e2e, pytest.mark.fault, pytest.mark.slow, pytest.mark.sandbox]
NUMBERS = 240  # 12 s at 50 ms each
BEFORE_KILL = 20
RECOVERY_SECONDS = 30  # promised: by then the run has ended or goes on
END_SECONDS = 120
EVERYTHING = ("",)  # the console of a page whose server is killed has a right to complain


@pytest.fixture
def gina(visit):
    person = visit("gina", expected=EVERYTHING)
    person.sign_in()
    return person


@pytest.mark.parametrize("service", ["runs", "sandbox-host", "valkey", "broker", "watch", "web"])
def test_a_killed_service_costs_neither_rows_nor_money(product, records, gina, slow_counter, service):
    run_id = start_counting(gina, records, slow_counter)
    counted = records.stored_rows(run_id)["number"]
    killed = product.pids()[service]
    product.kill(service)
    until(lambda: goes_on(records, run_id, counted), lambda: state_of(records, run_id), seconds=RECOVERY_SECONDS)
    until(lambda: product.pids().get(service, killed) != killed, f"{service} to be back")
    expect_end_and_books(records, run_id)
    gina.page.reload()
    expect(gina.page.locator(".badge.status.large")).to_have_text("Succeeded")
    gina.go("/overview")


def test_a_run_survives_ctrl_c_and_a_new_start(product, records, gina, slow_counter):
    run_id = start_counting(gina, records, slow_counter)
    product.stop()
    product.start()
    expect_end_and_books(records, run_id)
    gina.page.reload()
    expect(gina.page.locator(".badge.status.large")).to_have_text("Succeeded")
    gina.picture("after-ctrl-c")
    happened = records.rows(
        "SELECT kind, body FROM app.run_events WHERE run_id = %(id)s AND kind = 'run.attempt_ended' ORDER BY seq",
        id=run_id,
    )
    assert happened[0]["body"]["sentence"], "the first attempt ended without a reason"


def start_counting(gina, records, agent: str) -> str:
    """A run that has stored its first rows; its page is open."""
    page = gina.page
    gina.go(f"/agents/{agent}?tab=run")
    page.get_by_label("Numbers").fill(str(NUMBERS))
    page.locator(".quote button[type=submit]").click()
    page.wait_for_url(re.compile("/runs/run_"))
    run_id = records.latest_run(gina.slug)
    until(lambda: records.stored_rows(run_id)["number"] >= BEFORE_KILL, lambda: state_of(records, run_id))
    assert records.run(run_id)["finished_at"] is None
    return run_id


def goes_on(records, run_id: str, counted: int) -> bool:
    return records.run(run_id)["finished_at"] is not None or records.stored_rows(run_id)["number"] > counted + 1


def expect_end_and_books(records, run_id: str) -> None:
    """Every number is there once and paid once, nothing is held any more, and every book is right."""
    until(
        lambda: records.run(run_id)["finished_at"] is not None, lambda: state_of(records, run_id), seconds=END_SECONDS
    )
    price = NUMBERS * MICRO_USD_PER_NUMBER
    run = records.run(run_id)
    assert run["state"] == "succeeded", state_of(records, run_id)
    assert records.stored_rows(run_id) == {"number": NUMBERS, "keys": NUMBERS, "micro_usd": price}
    assert run["charged_micro_usd"] == price
    assert captured(records, run_id) == price
    assert records.held_micro_usd() == 0
    assert records.ledger_differences() == []


def captured(records, run_id: str) -> int:
    """What the ledger, asked by itself, took for this run and did not give back."""
    return int(
        records.value(
            "SELECT coalesce(sum(p.amount_micro_usd), 0) FROM app.postings p JOIN app.journals j"
            " ON (j.tenant_id, j.id) = (p.tenant_id, p.journal_id)"
            " JOIN app.runs r ON (r.tenant_id, r.id) = (j.tenant_id, j.run_id)"
            " WHERE r.id = %(id)s AND j.kind = 'settle' AND p.account_kind = 'clearing'",
            id=run_id,
        )
    )


def state_of(records, run_id: str) -> tuple[object, ...]:
    run = records.run(run_id)
    names = ("state", "attempt", "item_count", "charged_micro_usd", "failure_code", "failure_message")
    return (
        time.strftime("%X"),
        *(run[name] for name in names),
        records.rows("SELECT state, attempt, lease_until FROM app.dispatch"),
    )
