"""Every control does what it says, and what is refused is said once."""

import re

import pytest
from playwright.sync_api import expect

MOVED = """
window.moved = 0;
new PerformanceObserver(list => { for (const one of list.getEntries()) moved += one.sources.some(
  source => source.node?.matches?.('.app')) ? one.value : 0 }).observe({type: 'layout-shift', buffered: true});
"""
pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture
def jana(visit):
    person = visit("jana")
    person.sign_in()
    return person


def test_a_refused_leave_is_said_and_its_dialog_is_gone_for_good(jana):
    jana.go("/settings/workspace")
    page, dialog = jana.page, jana.page.get_by_role("dialog")
    page.get_by_role("button", name="Leave this workspace").click()
    dialog.get_by_role("button", name="Leave").click()
    expect(jana.toast()).to_contain_text("keeps at least one owner")
    expect(dialog).to_have_count(0)
    page.reload()
    jana.wait_until_ready()
    expect(dialog).to_have_count(0)


def test_the_settings_address_leads_to_the_profile_and_the_banner_moves_nothing(jana):
    page = jana.page
    page.add_init_script(MOVED)
    jana.go("/settings")
    expect(page).to_have_url(f"{jana.home}/settings/profile")
    expect(page.get_by_label("Notice address")).to_be_visible()
    assert page.evaluate("window.moved") == 0
    page.evaluate("history.pushState({}, '', '/settings'); dispatchEvent(new PopStateEvent('popstate', {state: {}}))")
    expect(page).to_have_url(f"{jana.home}/settings/profile")


def test_colours_that_were_saved_hold_here_after_a_reload_and_on_the_other_host(jana):
    page, dark = jana.page, jana.page.locator("html.dark")
    jana.go("/settings/profile")
    page.get_by_label("Colours").select_option("dark")
    page.get_by_role("button", name="Save").click()
    expect(jana.toast()).to_contain_text("Saved")
    expect(dark).to_have_count(1)
    page.reload()
    jana.wait_until_ready()
    expect(dark).to_have_count(1)
    page.goto(f"{jana.product.base}/agents")
    jana.wait_until_ready()
    expect(dark).to_have_count(1)
    page.get_by_label("Account").click()
    page.locator("details[open] button[title='Light']").click()
    expect(dark).to_have_count(0)
    jana.go("/settings/profile")
    expect(page.get_by_label("Colours")).to_have_value("light")
    expect(dark).to_have_count(0)


def test_only_what_works_is_offered(jana):
    page = jana.page
    jana.go("/settings/profile")
    expect(page.get_by_role("link", name="Add GitHub")).to_have_count(0)
    expect(page.get_by_text("GitHub is not set up on this installation.")).to_be_visible()
    jana.go("/settings/members")
    mine = page.get_by_role("checkbox", name="May build agents: jana")
    expect(mine).to_be_checked()
    expect(mine).to_be_disabled()
    expect(page.get_by_text("always, by role")).to_be_visible()
    jana.go("/agents")
    expect(page.get_by_label("Order").locator("option")).to_have_text(
        ["Best match", "Most used", "Highest rated", "Newest", "Cheapest typical run"]
    )


def test_the_open_tab_is_in_the_address_by_mouse_and_by_keys(visit, product):
    visitor = visit("tabber")
    page = visitor.page
    page.goto(f"{product.base}/agents/openworks/pii-redactor")
    visitor.wait_until_ready()
    page.get_by_role("tab", name="Reviews").click()
    expect(page).to_have_url(re.compile(r"\?tab=reviews$"))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"\?tab=changelog$"))
    page.reload()
    visitor.wait_until_ready()
    expect(page.get_by_role("tab", name="Changelog")).to_have_attribute("aria-selected", "true")
    page.go_back()
    page.wait_for_url("about:blank")
