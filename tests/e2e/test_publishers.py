"""Publishers, storefronts, what may run, what is saved, and whether visits are counted, as people meet them."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import SCHEMES, WIDTHS, accessibility, picture

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
AGENT = "/agents/openworks/data-profiler"
ADDED = """document.addEventListener("DOMContentLoaded", () => {
  if (location.pathname.startsWith("/sign-in")) return;
  const script = document.createElement("script");
  Object.assign(script.dataset, { analytics: "G-TEST1234", answer: document.cookie.includes("ap_consent=yes") ? "yes" : "" });
  script.src = "/js/consent.js";
  document.head.append(script);
});"""
STUB = "window.loaded = (window.loaded || 0) + 1"


@pytest.fixture
def lena(visit):
    person = visit("lena")
    person.sign_in()
    return person


def test_a_card_leads_to_the_agent_and_its_publisher_s_name_to_the_publisher(visit, product):
    page = visit("reader").page
    page.goto(f"{product.base}/agents")
    page.get_by_role("link", name="openworks", exact=True).first.click()
    page.wait_for_url(f"{product.base}/publishers/openworks")
    expect(page.get_by_role("heading", level=1)).to_have_text("Openworks")
    expect(page).to_have_title(re.compile("^Openworks"))
    page.locator("article").first.click(position={"x": 20, "y": 120})
    page.wait_for_url(re.compile("/agents/openworks/"))
    page.locator(".agent-head").get_by_role("link", name="openworks").click()
    page.wait_for_url(f"{product.base}/publishers/openworks")


def test_what_is_saved_in_one_place_is_found_in_all(lena, product):
    lena.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = lena.page
    lena.go(AGENT)
    save = page.get_by_role("button", name="Save", exact=True)
    save.click()
    expect(page.get_by_role("button", name="Saved", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == f"{product.base}{AGENT}"
    picture(page, "agent-saved-1440")
    page.goto(f"{product.base}/agents?saved=1")
    lena.wait_until_ready()
    expect(page.locator("article")).to_have_count(1)
    picture(page, "directory-saved-1440")
    page.goto(product.base + AGENT)
    page.get_by_role("button", name="Saved", exact=True).click()
    expect(save).to_have_attribute("aria-pressed", "false")
    lena.go("/agents?saved=1")
    expect(page.get_by_text("Nothing of this is saved")).to_be_visible()


def test_a_storefront_is_set_up_and_read_by_a_stranger_in_every_width_and_colour(lena, visit, product):
    page = lena.page
    lena.go("/settings/storefront")
    page.get_by_role("checkbox", name="On").click()
    page.get_by_label("Who sees it").select_option("public")
    page.get_by_label("Headline").fill("Agents that our team has tried")
    page.get_by_label("Welcome").fill("Each of them did what it says, at the price that was quoted.")
    page.get_by_label("Accent colour").fill("#e0570a")
    page.get_by_role("button", name="Save").click()
    expect(lena.toast()).to_contain_text("Saved")
    for address in ("openworks/data-profiler", "openworks/pii-redactor", "mica-tools/log-triage"):
        page.get_by_label("Add an agent").fill(address)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("row").filter(has_text=address)).to_have_count(1)
    picture(page, "settings-storefront-filled-1440")
    stranger = visit("reader", java_script_enabled=False)
    for width in WIDTHS:
        for scheme in SCHEMES:
            stranger.page.set_viewport_size({"width": width, "height": 900})
            stranger.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            stranger.page.goto(lena.home)
            expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Agents that our team has tried")
            expect(stranger.page.locator("article")).to_have_count(3)
            picture(stranger.page, f"storefront-{width}-{scheme}")
            box = stranger.page.locator("html").bounding_box()
            assert box is not None
            assert box["width"] <= width
    looker = visit("reader")
    for scheme in SCHEMES:
        looker.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        looker.page.goto(lena.home)
        assert accessibility(looker.page) == []
    looker.page.get_by_role("link", name="Data Profiler").click()
    looker.wait_until_ready()
    expect(looker.page.get_by_role("heading", level=1)).to_have_text("Data Profiler & Cleaner")
    looker.page.locator(".wordmark").first.click()
    expect(looker.page.get_by_role("heading", level=1)).to_have_text("Agents that our team has tried")


def test_own_agents_only_leaves_no_run_button_for_those_of_others(lena):
    page = lena.page
    lena.go("/settings/agents")
    page.get_by_role("radio", name=re.compile("Own agents only")).click()
    expect(lena.toast()).to_contain_text("Saved")
    picture(page, "settings-agents-own-1440")
    lena.go(AGENT)
    expect(page.locator(".looks-on").first).to_contain_text("have not let this agent in")
    expect(page.get_by_role("button", name="Run", exact=True)).to_have_count(0)
    lena.go("/settings/agents")
    page.get_by_role("radio", name=re.compile("All public agents")).click()
    expect(lena.toast()).to_contain_text("Saved")
    lena.go(AGENT)
    expect(page.get_by_role("button", name="Run").first).to_be_visible()


@pytest.fixture
def asked(visit):
    """A visitor of an installation with an Analytics id, as far as a browser can tell; what Google is asked for is answered here.

    That the server adds this script, and lets it in by the content policy, is held by `tests/api/site/test_consent.py`.
    """
    visitor = visit("reader", bypass_csp=True)
    visitor.page.add_init_script(ADDED)
    visitor.context.route("https://www.googletagmanager.com/**", lambda route: route.fulfill(body=STUB))
    return visitor


def test_nothing_is_loaded_before_a_yes_and_nothing_after_a_no(asked, product):
    page = asked.page
    page.goto(f"{product.base}/agents?q=secret+words")
    asked.wait_until_ready()
    banner = page.get_by_role("region", name="Consent")
    accept, decline = banner.get_by_role("button", name="Accept"), banner.get_by_role("button", name="Decline")
    sizes = [one.bounding_box()["height"] for one in (accept, decline)]
    assert sizes[0] == sizes[1]
    assert accept.get_attribute("class") == decline.get_attribute("class")
    for width in WIDTHS:
        for scheme in SCHEMES:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            picture(page, f"consent-{width}-{scheme}")
            assert accessibility(page) == []
    assert page.evaluate("window.loaded") is None
    decline.click()
    expect(banner).to_be_hidden()
    page.goto(f"{product.base}/cookies")
    expect(page.get_by_text("You have declined.")).to_be_visible()
    expect(banner).to_be_hidden()
    assert page.evaluate("window.loaded") is None
    page.get_by_role("region", name="Your answer").get_by_role("button", name="Accept").click()
    page.wait_for_function("window.loaded === 1")
    expect(page.get_by_text("You have accepted that visits")).to_be_visible()
    picture(page, "cookies-accepted")


def test_after_a_yes_pages_are_counted_without_what_was_searched_for(asked, product):
    page = asked.page
    page.goto(f"{product.base}/agents?q=secret+words")
    page.get_by_role("button", name="Accept").first.click()
    page.wait_for_function("window.loaded === 1")
    asked.wait_until_ready()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Docs").click()
    page.wait_for_url(f"{product.base}/docs")
    views = page.evaluate(
        "dataLayer.map(one => [...one]).filter(one => one[1] === 'page_view').map(one => one[2].page_location)"
    )
    assert views == [f"{product.base}/agents", f"{product.base}/docs"]
    assert "secret" not in page.evaluate("JSON.stringify(dataLayer.map(one => [...one]))")
    page.goto(f"{product.base}/cookies")
    page.get_by_role("region", name="Your answer").get_by_role("button", name="Decline").click()
    expect(page.get_by_text("You have declined.")).to_be_visible()
    page.wait_for_function("window.loaded === undefined")


def test_a_page_that_is_not_public_is_loaded_anew_without_the_script(asked, product):
    page = asked.page
    page.goto(f"{product.base}/agents")
    page.get_by_role("button", name="Accept").first.click()
    page.wait_for_function("window.loaded === 1")
    asked.wait_until_ready()
    page.get_by_role("link", name="Sign in", exact=True).first.click()
    page.wait_for_url(re.compile("/sign-in"))
    page.wait_for_function("window.loaded === undefined && !window.gtag")
