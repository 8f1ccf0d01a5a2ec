"""Public pages where no script runs, and where scripts take over what the server has sent."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
AGENT = "/agents/openworks/data-profiler"
HELP = ("/docs?q=receipt", "/docs?q=zzzz", "/changelog", "/status", "/contact", "/contact?sent=1")
SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.sources.some(
    source => source.node?.closest?.('noscript')) ? one.value : 0; }).observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


def test_a_reader_without_scripts_finds_an_agent_and_its_price(visit, product):
    reader = visit("reader", java_script_enabled=False)
    page = reader.page
    page.goto(product.base)
    expect(page.get_by_role("heading", level=1)).to_have_text("Run agents at a price you agreed to.")
    page.get_by_role("searchbox").fill("csv")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url(re.compile(r"/agents\?q=csv"))
    expect(page.locator("[aria-busy]:visible")).to_have_count(0)
    reader.picture("without-scripts-directory")
    page.get_by_role("link", name="Data Profiler & Cleaner").click()
    page.wait_for_url(f"{product.base}{AGENT}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Data Profiler & Cleaner")
    expect(page.get_by_role("definition").first).to_have_text("Free + sandbox time")
    expect(page.get_by_role("heading", name="What it may do")).to_be_visible()
    reader.picture("without-scripts-agent")
    page.get_by_role("link", name="Sign in to run").click()
    expect(page.get_by_label("E-mail")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/agents", AGENT, "/docs", "/docs/receipts", "/sign-in", *HELP, "/no/such/page"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_without_scripts_has_one_heading_and_fits_the_window(visit, product, path, width):
    page = visit("reader", java_script_enabled=False, viewport={"width": width, "height": 900}, expected=("404",)).page
    page.goto(product.base + path)
    expect(page.locator("h1:visible")).to_have_count(1)
    expect(page.locator("main:visible")).to_have_count(1)
    tall = page.locator("html").bounding_box()
    assert tall is not None
    assert tall["width"] <= width


def test_scripts_take_over_without_a_trace_of_what_the_server_sent(visit, product):
    """Any complaint of the browser, hydration's too, fails this test by itself."""
    visitor = visit("reader")
    page = visitor.page
    titles: list[str] = []
    page.expose_function("told", lambda title: titles.append(title))  # noqa: PLW0108  # Playwright marks its handlers
    page.add_init_script(
        "new MutationObserver(() => document.title && window.told?.(document.title)).observe(document, {subtree: true, childList: true, characterData: true})"
    )
    page.goto(product.base + AGENT)
    visitor.wait_until_ready()
    expect(page.get_by_role("tab", name="Run")).to_be_visible()
    assert set(titles) == {"Data Profiler & Cleaner · Agent Platform"}
    expect(page.locator("noscript *")).to_have_count(0)
    assert page.evaluate(SHIFT) == 0
    expect(page.locator("link[rel='canonical']")).to_have_attribute("href", f"{product.base}{AGENT}")


def test_another_page_does_not_keep_the_address_of_the_first(visit, product):
    visitor = visit("reader")
    page = visitor.page
    page.goto(product.base + AGENT)
    visitor.wait_until_ready()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Docs").click()
    expect(page).to_have_title("Documents · Agent Platform")
    expect(page.locator("[data-served]")).to_have_count(0)
    page.go_back()
    visitor.wait_until_ready()
    expect(page).to_have_title("Data Profiler & Cleaner · Agent Platform")
