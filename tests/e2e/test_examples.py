"""Example pages: what a visitor reads and runs, and how a publisher makes one."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.product import until
from tests.e2e.test_pages import accessibility
from tests.e2e.visitor import RESULTS, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
AGENT = "/agents/mica-tools/log-triage"
SAMPLES = {"data-profiler", "pii-redactor", "log-triage"}
EXAMPLE = f"{AGENT}/examples/a-connection-pool-that-ran-dry"


@pytest.fixture
def publisher(visit) -> Visitor:
    """The operator, in a workspace that publishes."""
    person = visit("operator")
    person.sign_in_as_operator("openworks")
    return person


def test_every_sample_agent_has_real_examples(records):
    def found():
        rows = records.rows(
            "SELECT l.slug, count(*) AS examples, min(e.duration_ms) AS least, min(json_array_length(e.kept -> 'rows')) AS rows"
            " FROM catalogue.examples e JOIN catalogue.listings l ON l.id = e.listing_id GROUP BY l.slug"
        )
        return {row["slug"]: row for row in rows if row["slug"] in SAMPLES}

    until(lambda: sum(row["examples"] for row in found().values()) >= 3 * len(SAMPLES), found)
    assert all(row["least"] > 0 and row["rows"] > 0 for row in found().values())


def test_a_visitor_finds_an_example_and_runs_the_agent_with_its_input(visit, product):
    person = visit("erika")
    page = person.page
    page.goto(product.base + AGENT)
    person.wait_until_ready()
    page.get_by_role("tab", name="Examples").click()
    expect(page.get_by_role("link", name="A connection pool that ran dry")).to_be_visible()
    look(person, "tab")
    page.get_by_role("link", name="A connection pool that ran dry").click()
    page.wait_for_url(product.base + EXAMPLE)
    expect(page.get_by_role("heading", name="A connection pool that ran dry")).to_be_visible()
    expect(page.locator(".prose h1")).to_have_text("Log triage")
    page.get_by_role("tab", name="Templates").click()
    expect(page.get_by_role("region", name="Templates").get_by_role("row")).not_to_have_count(1)
    page.get_by_role("tab", name="Entries per template").click()
    expect(page.locator(".plot .barlayer .point").first).to_be_attached()
    expect(page.get_by_role("region", name="Text")).to_contain_text("pool size 20 (was 60)")
    page.get_by_role("link", name="Run with this input").click()
    page.wait_for_url(re.compile(r"tab=run&example="))
    expect(page.get_by_text("Filled with the input of the example")).to_be_visible()
    look(person, "filled")
    expect(page.locator("textarea[id='text']")).to_have_value(re.compile("pool size 20"))
    way = page.get_by_role("link", name="Run in a workspace")
    expect(way).to_have_attribute("href", re.compile(r"^/sign-in\?next=.*%26example="))


def test_a_reader_without_scripts_reads_the_same(visit, product):
    page = visit("reader", java_script_enabled=False).page
    page.goto(product.base + EXAMPLE)
    expect(page.get_by_role("heading", level=1)).to_have_text("A connection pool that ran dry")
    expect(page.get_by_role("heading", name="Templates")).to_be_visible()
    page.screenshot(path=RESULTS / "without-scripts-example.png", full_page=True)
    page.get_by_role("link", name="Run with this input").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log Triage")


def test_a_publisher_makes_an_example_of_a_run_and_takes_it_away_again(publisher, visit, product):
    page, home = publisher.page, product.tenant("openworks")
    page.goto(f"{home}/agents/openworks/data-profiler?tab=run")
    publisher.wait_until_ready()
    page.get_by_role("button", name="Run", exact=False).last.click()
    page.wait_for_url(re.compile("/runs/run_"))
    save = page.get_by_role("button", name="Save as example")
    expect(save).to_be_visible()
    save.click()
    expect(page.get_by_role("dialog")).to_contain_text("Everybody reads it on a page of its own")
    look(publisher, "dialog")
    page.get_by_label("Title").fill("Made by a test")
    page.get_by_label("One line about it").fill("Orders, profiled <b>at once</b>.")
    page.get_by_role("button", name="Save for everybody").click()
    way = page.get_by_role("link", name="Its example page")
    expect(way).to_have_attribute("href", "/agents/openworks/data-profiler/examples/made-by-a-test")
    reader = visit("reader")

    def there():
        answer = reader.page.request.get(f"{product.base}/agents/openworks/data-profiler/examples/made-by-a-test")
        return answer.status == 200

    until(there, "the page of the example")
    reader.page.goto(f"{product.base}/agents/openworks/data-profiler/examples/made-by-a-test")
    reader.wait_until_ready()
    expect(reader.page.get_by_text("Orders, profiled <b>at once</b>.")).to_be_visible()
    page.goto(f"{home}/studio/agents/data-profiler")
    publisher.wait_until_ready()
    look(publisher, "studio")
    page.get_by_role("button", name="Remove Made by a test").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_role("link", name="Made by a test")).to_have_count(0)
    until(lambda: not there(), "the end of the example")


def look(person: Visitor, name: str) -> None:
    """Pictures of both widths and colours; nothing is wrong for those who do not see, and nothing is too wide."""
    for width in (390, 1440):
        person.page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("dark", "light"):
            person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            expect(person.page.locator(f"html.{scheme}")).to_have_count(1)
            person.picture(f"example-{name}-{width}-{scheme}")
            assert accessibility(person.page) == []
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width
