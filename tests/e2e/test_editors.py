"""Tags, key-value, tables and code are filled by mouse, by keyboard and from a spreadsheet, and what stands there is what runs."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.product import until
from tests.e2e.slow_server import SlowServer
from tests.e2e.test_pages import accessibility, press, tab_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
PASTE = """(cell, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def person(visit):
    person = visit("edith")
    person.sign_in()
    return person


@pytest.fixture
def page(person, form_echo) -> Page:
    person.go(f"/agents/{form_echo}?tab=run")
    return person.page


def cell(page: Page, title: str, row: int) -> Locator:
    return page.get_by_label(f"{title}, row {row}", exact=True)


def group(page: Page, title: str) -> Locator:
    return page.get_by_role("group", name=title, exact=True)


def given(page: Page, records) -> dict:
    """The input of the run that has just begun, which is also what the agent got."""
    page.wait_for_url(re.compile(r"/runs/run_"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    run = records.run(page.url.rpartition("/run_")[2].partition("?")[0])
    assert run["result"] == run["input"]
    return run["input"]


def test_every_editor_is_filled_by_mouse(page, records):
    page.locator("#words").fill("red wine")
    page.get_by_text("Words", exact=True).click()  # leaving adds it
    page.locator("#words").fill("white,")
    page.get_by_role("button", name="Remove red wine").click()
    page.locator("#colours").click()
    page.get_by_role("option", name="blue, dark").click()
    page.get_by_role("option", name="red").click()
    cell(page, "Name", 1).fill("eu")
    cell(page, "Value", 1).fill("5")
    group(page, "Limits").get_by_role("button", name="Add row").click()
    cell(page, "Name", 2).fill("gone")
    group(page, "Limits").get_by_role("button", name="Remove row 2").click()
    group(page, "Limits").get_by_role("button", name="Undo").click()
    cell(page, "Name", 2).fill("us")
    cell(page, "Value", 2).fill("7")
    cell(page, "Article", 1).fill("A-1")
    cell(page, "Size", 1).select_option("L")
    cell(page, "Gift", 1).click()
    page.locator("#script").fill("  if a:\n\tb()")
    page.get_by_role("button", name=re.compile("^Run")).last.click()
    assert given(page, records) == {
        "words": ["white"],
        "colours": ["blue, dark", "red"],
        "limits": {"eu": 5, "us": 7},
        "orders": [{"sku": "A-1", "size": "L", "gift": True}],
        "script": "  if a:\n\tb()",
    }
    page.go_back()
    expect(page.get_by_role("button", name="Remove white")).to_be_visible()
    expect(cell(page, "Value", 2)).to_have_value("7")
    expect(cell(page, "Size", 1)).to_have_value("L")


def test_every_editor_is_filled_by_keyboard_alone(page, records):
    typed = page.keyboard.type
    tab_to(page, page.locator("#words"))
    typed("one,two")
    press(page, "Enter")
    typed("three")
    press(page, "Enter", "Backspace")
    tab_to(page, page.locator("#colours"))
    press(page, "ArrowDown", "ArrowDown", "Enter")
    tab_to(page, cell(page, "Name", 1))
    typed("eu")
    press(page, "Tab")
    typed("5")
    press(page, "Enter")
    expect(cell(page, "Name", 2)).to_be_focused()
    typed("us")
    press(page, "Tab")
    typed("7")
    tab_to(page, cell(page, "Article", 1))
    typed("A-1")
    press(page, "Tab")
    typed("2")
    press(page, "Tab")
    typed("L")
    press(page, "Tab", "Space", "Tab")
    typed("two")
    press(page, "Enter")
    typed("lines")
    tab_to(page, page.locator("#script"))
    press(page, "Tab")
    expect(page.locator("#script")).not_to_be_focused()  # who passes by is not held
    press(page, "Shift+Tab")
    typed("if a:\n")
    press(page, "Tab")
    typed("b()")
    press(page, "Escape", "Tab")
    expect(page.locator("#script")).not_to_be_focused()
    press(page, "Control+Enter")
    assert given(page, records) == {
        "words": ["one", "two"],
        "colours": ["green"],
        "limits": {"eu": 5, "us": 7},
        "orders": [{"sku": "A-1", "pieces": 2, "size": "L", "gift": True, "note": "two\nlines"}],
        "script": "if a:\n  b()",
    }


def test_lines_of_a_spreadsheet_fill_cells_up_to_the_limit_and_what_is_left_out_is_counted(page):
    orders, lines = group(page, "Orders"), 'A-1\t2\tl\tyes\t"two\nlines"\r\nA-2\t1,5\tXL\tno\t\r\n'
    cell(page, "Article", 1).evaluate(PASTE, lines)
    expect(orders.get_by_role("status")).to_contain_text("2 rows pasted. Left out: 1 cell that fit no column.")
    orders.get_by_role("button", name="Undo").click()
    expect(cell(page, "Article", 1)).to_have_value("")
    expect(cell(page, "Article", 2)).to_have_count(0)
    cell(page, "Article", 1).evaluate(PASTE, lines)
    expect(cell(page, "Note", 1)).to_have_value("two\nlines")
    expect(cell(page, "Size", 1)).to_have_value("L")
    expect(cell(page, "Gift", 1)).to_be_checked()
    expect(cell(page, "Pieces", 2)).to_have_attribute("aria-invalid", "true")
    cell(page, "Pieces", 2).evaluate(PASTE, "pieces,Article\n1,B-2\n2,B-3\n3,B-4\n4,B-5\n5,B-6")
    expect(cell(page, "Article", 4)).to_have_value("B-4")
    expect(orders.get_by_role("status")).to_contain_text("3 rows pasted. Left out: 2 rows beyond the limit of 4.")
    expect(orders.get_by_role("button", name="Add row")).to_be_disabled()
    expect(orders.get_by_text("4 of at most 4 rows, no more fit")).to_be_visible()
    page.locator("#words").evaluate(PASTE, "a\nb, c\nd\na\ne")
    expect(page.get_by_role("button", name=re.compile("^Remove [a-e]$"))).to_have_count(4)
    expect(page.locator("#words-said")).to_have_text("2 entries left out. At most 4 entries fit here.")
    page.get_by_role("button", name="JSON").click()
    shown = json.loads(page.locator("#json").input_value())
    assert shown["words"] == ["a", "b", "c", "d"]
    assert [order["sku"] for order in shown["orders"]] == ["A-1", "B-2", "B-3", "B-4"]
    page.get_by_role("button", name="Form").click()
    expect(cell(page, "Article", 4)).to_have_value("B-4")


def test_what_is_wrong_is_marked_where_it_stands_and_starts_nothing(person, page):
    for row, (name, value) in enumerate((("eu", "5"), ("eu", "x")), 1):
        cell(page, "Name", row).fill(name)
        cell(page, "Value", row).fill(value)
        group(page, "Limits").get_by_role("button", name="Add row").click()
    expect(page.get_by_text("eu stands there already.")).to_be_visible()
    cell(page, "Pieces", 1).fill("3")
    page.locator("#colours").fill("pink")
    press(page, "Enter")
    expect(page.locator("#colours-said")).to_have_text("pink is none of the choices.")
    page.get_by_role("button", name=re.compile("^Run")).last.click()
    expect(page.locator("#colours")).to_be_focused()
    page.locator("#colours").fill("")
    page.get_by_role("button", name=re.compile("^Run")).last.click()
    expect(page.locator("#limits-fault")).to_have_text("Limits in row 2: the name eu stands there already.")
    expect(page.locator("#orders-fault")).to_have_text("Orders in row 1: Article is required.")
    expect(cell(page, "Article", 1)).to_have_attribute("aria-invalid", "true")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert accessibility(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            person.picture(f"editors-wrong-{width}-{scheme}")
    page.get_by_role("button", name="JSON").click()
    expect(page.locator("#json")).to_have_value(re.compile('"pieces": 3'))
    page.get_by_role("button", name="Form").click()
    expect(cell(page, "Value", 2)).to_have_value("x")


def test_a_late_answer_takes_back_no_row_and_no_tag(visit, product, form_echo):
    visitor = visit("remote-editor")
    server, page = SlowServer(visitor.page), visitor.page
    page.goto(f"{product.base}/agents/{form_echo}?tab=run")
    visitor.wait_until_ready()
    server.hold()
    for word in ("one", "two"):
        page.locator("#words").fill(f"{word},")
    cell(page, "Article", 1).fill("A-1")
    press(page, "Enter")
    page.keyboard.type("A-")
    until(lambda: page.wait_for_timeout(50) or len(server.held) >= 4, "the answers")
    page.keyboard.type("2")
    server.let_go()
    page.wait_for_timeout(500)
    expect(page.get_by_role("button", name=re.compile("^Remove (one|two)$"))).to_have_count(2)
    expect(cell(page, "Article", 2)).to_have_value("A-2")
    page.get_by_role("button", name="JSON").click()
    expect(page.locator("#json")).to_have_value(re.compile('"A-1".*"A-2"', re.DOTALL))


def test_pages_without_such_a_form_load_no_editor(visit, product):
    page = visit("passing").page
    for path in ("/", "/agents", "/docs"):
        page.goto(product.base + path)
        page.wait_for_load_state("networkidle")
        loaded = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
        assert [name for name in loaded if "editor" in name and name.endswith(".js")] == []
