"""Help, status and contact as people use them, with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import accessibility

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]


def test_a_reader_finds_a_place_in_the_documents_and_goes_there(visit, product):
    person = visit("reader")
    page = person.page
    page.goto(f"{product.base}/docs")
    person.wait_until_ready()
    page.get_by_role("searchbox").fill("cap reached")
    page.wait_for_url(re.compile("q=cap"))
    hit = page.locator(".hits li").first
    expect(hit.locator("mark").first).to_be_visible()
    hit.get_by_role("link").click()
    page.wait_for_url(re.compile("/docs/|/changelog"))
    page.get_by_role("searchbox").fill("qqqqzzzz")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url(re.compile("q=qqqqzzzz"))
    expect(page.get_by_text("No document has “qqqqzzzz”")).to_be_visible()


def test_status_is_asked_again_on_the_page(visit, product):
    person = visit("reader")
    page = person.page
    page.goto(f"{product.base}/status")
    person.wait_until_ready()
    expect(page.get_by_text("All 9 parts answer.")).to_be_visible()
    page.get_by_role("button", name="Ask again").click()
    expect(page.get_by_role("cell", name="Starting of runs")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_message_to_the_operator_is_mended_and_sent(visit, product, scripts):
    person = visit("writer", java_script_enabled=scripts, expected=("422",))
    page = person.page
    page.goto(f"{product.base}/contact")
    if scripts:
        person.wait_until_ready()
    page.get_by_label("Your e-mail address").fill("ann@localhost")
    page.get_by_label("Your message").fill("The page is blank.")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_text("Enter an e-mail address such as")).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("The page is blank.")
    if scripts:
        assert accessibility(page) == []
    page.get_by_label("Your e-mail address").fill("ann@example.com")
    page.get_by_role("button", name="Send the message").click()
    page.wait_for_url(re.compile("sent=1"))
    expect(page.locator("main:visible")).to_contain_text(
        "Your message is on its way"
    )  # text in noscript is not looked for
    page.goto(f"{product.base}/sandbox/mail")
    expect(page.locator("article").first).to_contain_text("ann@example.com")
