"""A visitor without an account tries an agent: from the first page to a result, and what comes after it."""

import re
import time

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.product import until
from tests.e2e.test_pages import accessibility

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]


def test_a_visitor_has_a_result_within_ten_seconds_of_landing(visit, product, records):
    visitor = visit("nobody-yet")
    page = visitor.page
    page.goto(product.base)
    began = time.monotonic()
    page.get_by_role("link", name=re.compile("^Try without an account")).click()
    page.wait_for_url(re.compile(r"/agents/\S+/\S+\?tab=run"))
    page.get_by_role("button", name="Try demo").first.click()
    page.wait_for_url(re.compile("/demo/"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    assert time.monotonic() - began < 10
    visitor.wait_until_ready()
    expect(page.get_by_text(re.compile(r"Demo: paid by us, deleted at \d\d:\d\d UTC"))).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    visitor.picture("demo-result")
    page.get_by_role("tab", name="Input").click()
    expect(page.get_by_role("region", name="Input as JSON")).to_be_visible()
    page.get_by_role("tab", name="Log").click()
    assert accessibility(page) == []


def test_what_is_typed_into_the_form_is_tried(visit, product):
    visitor = visit("typist")
    page = visitor.page
    page.goto(f"{product.base}/agents/openworks/pii-redactor?tab=run")
    visitor.wait_until_ready()
    expect(page.get_by_text("Try it without an account")).to_be_visible()
    page.get_by_label("Text", exact=True).fill("Write to anna.berg@example.com")
    expect(page.locator("#cap")).to_have_count(0)  # a demo has its own
    visitor.picture("demo-before")
    page.get_by_role("button", name="Try demo").last.click()
    page.wait_for_url(re.compile("/demo/"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    expect(page.get_by_role("row")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download masked.txt")).first.click()
    assert b"anna.berg" not in download.value.path().read_bytes()


def test_a_file_that_is_chosen_or_dropped_is_tried(visit, product):
    visitor = visit("filer")
    page = visitor.page
    page.goto(f"{product.base}/agents/openworks/data-profiler?tab=run")
    visitor.wait_until_ready()
    zone = page.locator(".dropzone")
    expect(zone).to_contain_text("Without an account at most 1 MiB; deleted after an hour.")
    visitor.upload("file", {"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * ((1 << 20) + 1)})
    expect(zone).to_contain_text("large.csv is larger than 1 MiB. Nothing was sent")
    zone.evaluate(
        "zone => { const kept = new DataTransfer(); kept.items.add(new File(['a,b\\n1,2\\n3,4\\n'], 'dropped.csv'));"
        " zone.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: kept })); }"
    )
    expect(zone).to_contain_text("dropped.csv")
    expect(page.get_by_label("Text", exact=True)).to_have_value("")
    visitor.upload("file", {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    expect(zone).to_contain_text("empty.csv is empty. Choose a file with content. Still chosen: dropped.csv.")
    slow: list[Route] = []
    page.route("**/uploads/demo/**", lambda route: slow.append(route))  # noqa: PLW0108  # the library marks what it is given
    for name in ("first.csv", "second.csv"):
        visitor.upload("file", {"name": name, "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    until(lambda: page.wait_for_timeout(50) or len(slow) == 2, "both to be on their way")
    page.get_by_role("button", name="Try demo").last.click()
    expect(page.locator("#file")).to_be_focused()  # it waits for the file
    for route in reversed(slow):
        route.continue_()
    expect(zone).to_contain_text("second.csv")
    page.unroute("**/uploads/demo/**")
    visitor.picture("demo-file")
    page.get_by_role("button", name="Try demo").last.click()
    page.wait_for_url(re.compile("/demo/"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    expect(page.get_by_role("heading", name="second.csv")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)
    assert accessibility(page) == []
    page.go_back()
    visitor.wait_until_ready()
    expect(zone).to_contain_text("second.csv")


def test_a_limit_is_met_with_a_sentence_and_the_way_to_an_account(visit, product):
    visitor = visit("eager")
    page = visitor.page
    for number in range(8):
        page.goto(f"{product.base}/agents/openworks/pii-redactor?tab=run")
        visitor.wait_until_ready()
        page.get_by_label("Text", exact=True).fill(f"Write to anna{number}@example.com")
        page.get_by_role("button", name="Try demo").last.click()
        page.wait_for_timeout(500)
        if page.get_by_text("No demo was started").first.is_visible():
            break
    said = page.get_by_text("5 demos were started from your address within an hour")
    expect(said.first).to_be_visible()
    expect(said.last).to_be_in_viewport()  # beside the button that was pressed
    visitor.picture("demo-refused")
    assert accessibility(page) == []
    page.get_by_role("link", name="Make an account").first.click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_a_result_is_still_there_after_the_sign_in_it_led_to(visit, product, records):
    from agent_platform.services import visitors

    with records.services():
        key = visitors.start_demo(
            publisher="openworks", slug="pii-redactor", given={"text": "anna@example.com"}, address="192.0.2.77"
        )
    visitor = visit("newcomer")
    page = visitor.page
    page.goto(f"{product.base}/demo/{key}")
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    page.get_by_role("link", name="Make an account").click()
    visitor.ask_for_link()
    visitor.follow_link()
    page.wait_for_url(re.compile(f"/demo/{key}"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    page.get_by_role("link", name="Run it in your workspace").click()
    page.wait_for_url(re.compile(r"//newcomer\.localhost:\d+/agents/openworks/pii-redactor"))


def test_an_address_without_a_demo_says_so(visit, product):
    visitor = visit("lost", expected=("404",))
    visitor.page.goto(f"{product.base}/demo/{'A' * 43}")
    expect(visitor.page.get_by_role("heading", name="There is no demo at this address")).to_be_visible()
