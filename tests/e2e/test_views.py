"""Output as the sample agents mean it to be seen."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
LATEST = (
    "SELECT r.id FROM app.runs r JOIN app.tenants t ON t.id = r.tenant_id WHERE t.slug = 'northwind'"
    " AND r.agent_ref = %(agent)s AND r.state = 'succeeded' ORDER BY r.created_at DESC LIMIT 1"
)


@pytest.fixture
def open_run(visit, product, records):
    """The administrator at a seeded run of this agent, with what its page has fetched."""
    person = visit("operator")
    fetched: list[str] = []
    person.page.on("request", lambda request: fetched.append(request.url))
    person.sign_in_as_operator("northwind")

    def open_run(agent: str) -> tuple[Visitor, list[str]]:
        person.page.goto("about:blank")  # nothing of the page before is fetched from here on
        fetched.clear()
        run = records.value(LATEST, agent=agent).hex
        person.page.goto(f"{product.tenant('northwind')}/runs/run_{run}")
        person.wait_until_ready()
        return person, fetched

    return open_run


def test_log_triage_shows_its_note_its_chart_and_its_figures(open_run):
    person, fetched = open_run("mica-tools/log-triage")
    page = person.page
    views = page.get_by_role("tablist", name="Views of the output").get_by_role("tab")
    expect(views).to_have_text(["Incident note", "Templates", "Entries per template", "Figures", "JSON"])
    expect(page.locator(".prose h1")).to_have_text("Log triage")
    assert not plotly(fetched)
    views.nth(2).click()
    expect(page.locator(".plot .barlayer .point").first).to_be_visible()
    assert plotly(fetched)
    person.picture("views-chart")
    page.get_by_text("Numbers as a table").click()
    expect(page.get_by_role("region", name="Entries per template").get_by_role("row")).not_to_have_count(1)
    views.nth(3).click()
    expect(page.locator(".key-figures")).to_contain_text("Templates")
    views.nth(1).click()
    expect(page.get_by_role("region", name="Templates").get_by_role("row")).not_to_have_count(1)


def test_the_report_of_data_profiler_is_for_download_and_no_page_of_an_agent_is_opened(open_run):
    person, _ = open_run("openworks/data-profiler")
    page = person.page
    page.get_by_role("tab", name="Report").click()
    expect(page.get_by_text("It is never opened on this address")).to_be_visible()
    assert page.locator("iframe").count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download report.html").first.click()
    assert b"<html" in download.value.path().read_bytes()[:400].lower()
    page.get_by_role("tab", name="Empty cells").click()
    expect(page.locator(".plot .barlayer .point").first).to_be_attached()


def plotly(fetched: list[str]) -> list[str]:
    return [url for url in fetched if re.search("plotly", url)]
