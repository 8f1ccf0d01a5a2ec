"""A page that follows a run goes on doing so, whatever else is clicked on it."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.product import until
from tests.e2e.visitor import Visitor, micro_usd

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
NUMBERS = "1500"  # with their pause more than a minute, more than a test needs
PAUSE_MS = "60"


@pytest.fixture
def watcher(slow_counter, visit) -> Iterator[Visitor]:
    """Somebody at the page of a run that goes on; afterwards it is stopped."""
    person = visit("greta")
    person.sign_in()
    person.go(f"/agents/{slow_counter}?tab=run")
    person.page.locator("#numbers").fill(NUMBERS)
    person.page.locator("#pause_ms").fill(PAUSE_MS)
    person.page.get_by_label("Maximum cost").fill("2")
    person.page.locator(".quote button[type=submit]").click()
    person.page.wait_for_url(re.compile("/runs/run_"))
    until(lambda: shown_rows(person.page) > 0, "the first row")
    yield person
    stop(person.page)
    expect(person.page.get_by_role("button", name="Run again").first).to_be_visible()


def test_downloads_leave_a_live_page_live(watcher):
    page = watcher.page
    for name in ("CSV", "JSONL"):
        page.get_by_text("Export", exact=True).click()
        expect_to_stay_live(page, lambda name=name: page.get_by_role("link", name=name).first.click())
    page.get_by_role("tab", name="Log").click()
    expect_to_stay_live(page, lambda: page.get_by_role("link", name="Download", exact=True).click())
    expect(page.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")


def expect_to_stay_live(page: Page, fetch: Callable[[], None]) -> None:
    """The download arrives, and rows go on growing without another click."""
    with page.expect_download() as download:
        fetch()
    assert download.value.path().exists()
    expect_growth(page)


def test_a_page_that_was_only_nearly_left_is_live_again_where_it_was(watcher):
    page = watcher.page
    page.get_by_role("tab", name="Costs").click()
    expect(page.get_by_text("Charged so far").first).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeunload'))")  # as before a mail program opens
    expect_growth(page)
    expect(page.get_by_role("tab", name="Costs")).to_have_attribute("aria-selected", "true")


def test_the_rail_moves_with_a_run_and_comes_to_rest_with_it(watcher, records):
    page, rail = watcher.page, watcher.page.locator(".rail").first
    expect(rail.locator(".count")).to_have_text("1")
    whole = shown_money(page)[1]
    until(lambda: shown_money(page)[0] > 20_000, lambda: shown_money(page))
    assert shown_money(page)[1] == whole
    stop(page)
    expect(rail.locator(".count")).to_have_count(0)
    assert shown_money(page) == (charged(records, watcher), whole)


def charged(records, person: Visitor) -> int:
    """What all runs of this person's workspace have cost, in micro-USD."""
    runs = (
        "SELECT sum(charged_micro_usd) FROM app.runs r JOIN app.tenants t ON t.id = r.tenant_id WHERE t.slug = %(slug)s"
    )
    return int(records.value(runs, slug=person.slug))


def shown_money(page: Page) -> tuple[int, int]:
    """What the rail says was spent this month, of how much."""
    page.wait_for_timeout(50)
    spent, whole = page.locator(".rail .month .medium").first.inner_text().split(" of ")
    return micro_usd(spent), micro_usd(whole)


def stop(page: Page) -> None:
    """Asked to stop, unless it has ended."""
    asking = page.get_by_role("button", name="Stop", exact=True)
    if asking.count():
        asking.click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()


def expect_growth(page: Page) -> None:
    before = shown_rows(page)
    until(lambda: shown_rows(page) > before + 10, lambda: f"more than {before} rows", seconds=20)


def shown_rows(page: Page) -> int:
    page.wait_for_timeout(50)  # lets the browser go on
    tab = page.get_by_role("tab", name="Output")
    digits = re.sub(r"\D", "", tab.inner_text()) if tab.count() else ""
    return int(digits or "0")
