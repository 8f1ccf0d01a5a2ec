"""Every page of the site map, as it looks and as it can be used without a mouse."""

import os
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from agent_platform.pages import SITE_MAP
from tests.e2e.visitor import RESULTS, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
WIDTHS = (1440, 390)
SCHEMES = ("light", "dark")
# What axe looks for in each colour: in the second one, what colours can change.
LOOKED_FOR = {"light": {}, "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}}}
WEIGHTY = {"serious", "critical"}
MOST_TABS = 120
# Where a page is seen: the workspace (none: the first host) and the address; `run` is a seeded run of northwind, `request` and `report` are open ones.
PLACES = {
    "/agents/[publisher]/[slug]": ("", "/agents/openworks/data-profiler?tab=run"),
    "/publishers/[publisher]": ("", "/publishers/openworks"),
    "/agents/[publisher]/[slug]/examples/[example_slug]": (
        "",
        "/agents/mica-tools/log-triage/examples/the-beginning-of-an-incident",
    ),
    "/demo/[key]": ("", "/demo/{demo}"),
    "/runs/[run_id]": ("northwind", "/runs/{run}"),
    "/studio": ("openworks", "/studio"),
    "/studio/new": ("openworks", "/studio/new"),
    "/studio/agents/[slug]": ("openworks", "/studio/agents/data-profiler"),
    "/ops/review": ("platform-operator", "/ops/review"),
    "/ops/requests": ("platform-operator", "/ops/requests"),
    "/ops/review/[request]": ("platform-operator", "/ops/review/{request}"),
    "/start": ("northwind", "/start?new=1"),
    "/ops/reports/[report]": ("platform-operator", "/ops/reports/{report}"),
    "404": ("", "/no/such/page"),
}
ROUTES = [page.route for page in SITE_MAP]


@pytest.fixture(scope="module", params=WIDTHS)
def looker(request, browser, product):
    """The administrator, who is a member of the demo workspaces, at one width of window."""
    person = Visitor(browser, product, "operator", expected=("no/such/page",))
    person.sign_in_as_operator("northwind", "openworks", "platform-operator")
    person.page.set_viewport_size({"width": request.param, "height": 900})
    yield person
    person.context.close()


@pytest.mark.parametrize("route", ROUTES)
def test_a_page_is_sound_in_both_colours(looker, records, open_request, open_report, demo_key, route):
    looker.complaints.clear()
    workspace, address = PLACES.get(route, ("northwind" if who(route) != "public" else "", route))
    base = looker.product.tenant(workspace) if workspace else looker.product.base
    width = looker.page.viewport_size["width"]
    ids = {"run": records.latest_run("northwind"), "request": open_request, "report": open_report, "demo": demo_key}
    looker.page.goto(base + address.format(**ids))
    looker.wait_until_ready()
    for scheme in SCHEMES:
        looker.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no picture in mid-transition
        expect(looker.page.locator(f"html.{scheme}")).to_have_count(1)
        picture(looker.page, f"{route.strip('/').replace('/', '_') or 'landing'}-{width}-{scheme}")
        assert accessibility(looker.page, **LOOKED_FOR[scheme]) == []
    assert looker.page.evaluate("document.documentElement.scrollWidth") <= width
    assert looker.complaints == [], looker.complaints


def test_what_is_planted_on_a_page_is_found(looker):
    looker.page.goto(f"{looker.product.base}/docs")
    looker.wait_until_ready()
    looker.page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<button></button><div style=\"width: 2000px\">wide</div>');"
        "console.error('planted')"
    )
    assert len(accessibility(looker.page)) == 1
    assert looker.page.evaluate("document.documentElement.scrollWidth") > looker.page.viewport_size["width"]
    assert "planted" in looker.complaints.pop()


def who(route: str) -> str:
    return next(page.who for page in SITE_MAP if page.route == route)


def picture(page: Page, name: str) -> None:
    """For eyes: none is taken where nobody looks."""
    if os.environ.get("CI"):
        return
    (RESULTS / "pages").mkdir(parents=True, exist_ok=True)
    page.screenshot(path=RESULTS / "pages" / f"{name}.png", full_page=True)


def accessibility(page: Page, **looked_for: Any) -> list[str]:
    """Each weighty finding with the first element that has it."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **looked_for}).response["violations"]
    return [
        f"{one['id']} ({one['impact']}, {len(one['nodes'])}): {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found
        if one["impact"] in WEIGHTY
    ]


def test_the_main_job_can_be_done_with_the_keyboard_alone(slow_counter, visit):
    person = visit("frida")
    person.sign_in()
    page = person.page
    person.wait_until_ready()
    press(page, "g", "a")
    page.wait_for_url(re.compile("/agents"))
    expect(page.get_by_role("heading", name="Agents", level=1)).to_be_visible()
    person.wait_until_ready()
    press(page, "/")
    page.keyboard.type("slow counter")
    press(page, "Enter")
    page.wait_for_url(re.compile("q=slow"))
    person.wait_until_ready()
    tab_to(page, page.locator("article", has_text=slow_counter).get_by_role("heading").get_by_role("link"))
    press(page, "Enter")
    page.wait_for_url(re.compile(slow_counter))
    person.wait_until_ready()
    tab_to(page, page.locator("#numbers"))
    page.keyboard.type("5")
    press(page, "Control+Enter")
    page.wait_for_url(re.compile("/runs/run_"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    tab_to(page, page.locator("summary", has_text="Export"))
    press(page, "Enter")
    with page.expect_download() as download:
        press(page, "ArrowDown", "Enter")
    assert download.value.path().read_bytes().split() == [b"number", *(str(n).encode() for n in range(1, 6))]
    press(page, "g", "r")
    page.wait_for_url(re.compile("/runs$"))
    expect(page.get_by_role("link", name="Slow Counter").first).to_be_visible()
    person.wait_until_ready()
    press(page, "g", "u")
    expect(page.get_by_role("heading", name="Usage", level=1)).to_be_visible()  # the address changes before the page
    person.wait_until_ready()
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, wanted: Locator) -> None:
    """Only Tab is pressed until the element has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{MOST_TABS} times Tab do not reach {wanted}")
