"""A chosen file is taken away again: by mouse and by keys, while it is being sent, one of several, and for good."""

import json
import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.e2e.product import until
from tests.e2e.test_pages import accessibility, press, tab_to

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
LONG = f"{'orders-of-a-very-long-year-' * 3}2026.csv"


@pytest.fixture
def filer(visit):
    person = visit("filer")
    person.sign_in()
    return person


@pytest.fixture
def page(filer, file_echo) -> Page:
    filer.go(f"/agents/{file_echo}?tab=run")
    return filer.page


def csv(name: str) -> dict:
    return {"name": name, "mimeType": "text/csv", "buffer": f"{name}\n1\n".encode()}


def zone(page: Page, field: str) -> Locator:
    return page.locator(".dropzone", has=page.locator(f"[id='{field}']"))


def removal(page: Page, name: str, field: str = "File") -> Locator:
    return page.get_by_role("button", name=f"Remove {name} from {field}", exact=True)


def run(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Run")).last.click()


def as_json(page: Page) -> dict:
    """The input as JSON says it; the form is on screen again afterwards."""
    page.get_by_role("button", name="JSON", exact=True).click()
    shown = json.loads(page.locator("#json").input_value())
    page.get_by_role("button", name="Form", exact=True).click()
    expect(page.locator("#json")).to_have_count(0)
    return shown


def names(page: Page, records) -> list[str]:
    """What the agent was given, of the run that has just begun."""
    page.wait_for_url(re.compile(r"/runs/run_"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    return records.run(page.url.rpartition("/run_")[2].partition("?")[0])["result"]["names"]


def test_a_required_file_that_was_taken_away_is_missing_as_if_it_had_never_been_chosen(filer, order_totals):
    filer.go(f"/agents/{order_totals}?tab=run")
    page, fault = filer.page, filer.page.locator("#file-fault")
    run(page)
    said = fault.inner_text()
    assert "Order list" in said
    filer.upload("file", csv("orders.csv"))
    expect(removal(page, "orders.csv", "Order list")).to_be_visible()
    expect(fault).to_have_count(0)
    removal(page, "orders.csv", "Order list").click()
    expect(removal(page, "orders.csv", "Order list")).to_have_count(0)
    run(page)
    expect(fault).to_have_text(said)
    expect(page).to_have_url(re.compile(r"/agents/"))


def test_a_file_that_was_taken_away_by_keys_is_in_no_json_in_no_run_and_not_there_on_the_way_back(filer, page, records):
    filer.upload("file", csv("gone.csv"))
    filer.upload("files", csv("kept.csv"))
    expect(removal(page, "kept.csv", "Files")).to_be_visible()
    tab_to(page, removal(page, "gone.csv"))
    filer.picture("file-removal-focused")
    press(page, "Enter")
    expect(page.locator("#file")).to_be_focused()
    assert zone(page, "file").evaluate("zone => getComputedStyle(zone).outlineStyle") == "solid"
    expect(page.get_by_role("status").filter(has_text="Removed gone.csv from File")).to_have_count(1)
    expect(removal(page, "gone.csv")).to_have_count(0)
    expect(zone(page, "file")).not_to_contain_text("gone.csv")
    assert list(as_json(page)) == ["files"]
    run(page)
    assert names(page, records) == ["kept.csv"]
    page.go_back()
    filer.wait_until_ready()
    expect(removal(page, "kept.csv", "Files")).to_be_visible()
    expect(zone(page, "file")).not_to_contain_text("gone.csv")
    expect(page.get_by_role("button", name=re.compile("from File$"))).to_have_count(0)


def test_of_several_files_each_is_taken_away_by_its_name(filer, page, records):
    filer.upload("files", csv("one.csv"), csv("two.csv"), csv("three.csv"))
    expect(removal(page, "three.csv", "Files")).to_be_visible()
    removal(page, "two.csv", "Files").click()
    expect(removal(page, "two.csv", "Files")).to_have_count(0)
    expect(page.locator("#files")).to_be_focused()
    expect(zone(page, "files")).to_contain_text("one.csv, three.csv")
    assert len(as_json(page)["files"]) == 2
    expect(removal(page, "one.csv", "Files")).to_be_visible()
    run(page)
    assert names(page, records) == ["one.csv", "three.csv"]
    page.go_back()
    filer.wait_until_ready()
    for name in ("one.csv", "three.csv"):
        removal(page, name, "Files").click()
        expect(removal(page, name, "Files")).to_have_count(0)
    assert as_json(page) == {}


def test_two_files_are_taken_away_before_the_server_has_answered(filer, page):
    filer.upload("files", csv("one.csv"), csv("two.csv"), csv("three.csv"))
    expect(removal(page, "three.csv", "Files")).to_be_visible()
    page.evaluate("document.querySelectorAll('[data-removes]').forEach((button, at) => at < 2 && button.click())")
    expect(removal(page, "three.csv", "Files")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("from Files$"))).to_have_count(1)
    assert len(as_json(page)["files"]) == 1


def test_a_refusal_is_over_when_one_of_several_is_taken_away(filer, page):
    filer.upload("files", csv("one.csv"), csv("two.csv"))
    expect(removal(page, "two.csv", "Files")).to_be_visible()
    filer.upload("files", {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    expect(zone(page, "files").locator(".fault")).to_contain_text("empty.csv is empty")
    removal(page, "one.csv", "Files").click()
    expect(removal(page, "one.csv", "Files")).to_have_count(0)
    expect(zone(page, "files")).to_contain_text("two.csv")
    expect(zone(page, "files").locator(".fault")).to_have_count(0)


def test_a_form_goes_on_without_a_refused_file_only_when_it_is_pressed_again(filer, page, records):
    filer.upload("file", {"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    expect(zone(page, "file").locator(".fault")).to_contain_text("empty.csv is empty")
    address = page.url
    run(page)
    expect(zone(page, "file")).to_contain_text("empty.csv was not taken. Press again to go on without it.")
    expect(page.locator("#file")).to_be_focused()
    assert page.url == address
    run(page)
    assert names(page, records) == []


def test_a_file_that_is_being_sent_is_taken_away_and_what_it_was_to_replace_stays(filer, page):
    filer.upload("file", csv("old.csv"))
    expect(zone(page, "file")).to_have_attribute(
        "data-holds", "Still chosen: old.csv."
    )  # it has arrived, and is not on its way
    on_their_way: list[Route] = []
    page.route("**/uploads", lambda route: on_their_way.append(route))  # noqa: PLW0108  # the library marks what it is given
    filer.upload("file", csv("new.csv"))
    until(lambda: page.wait_for_timeout(50) or on_their_way, "the file to be on its way")
    expect(zone(page, "file")).to_contain_text("Sending new.csv")
    page.evaluate(
        "document.querySelector('#file').closest('.dropzone').querySelector('[data-file-note]').textContent = 'old.csv'"
    )
    expect(zone(page, "file")).to_contain_text("Sending new.csv")  # an answer that came late says nothing of it
    expect(removal(page, "old.csv")).to_be_hidden()
    run(page)
    expect(zone(page, "file")).to_contain_text("new.csv is still being sent. Press again when it is there.")
    expect(page.locator("#file")).to_be_focused()
    filer.picture("file-sending")
    removal(page, "new.csv").click()
    expect(removal(page, "new.csv")).to_be_hidden()
    expect(page.locator("#file")).to_be_focused()
    expect(zone(page, "file")).to_contain_text("Still chosen: old.csv")
    assert page.locator("#file").evaluate("picker => picker.validity.valid")
    with suppress(Error):  # which the browser has given up, now or in a moment
        on_their_way[0].continue_()
    page.unroute("**/uploads")
    page.wait_for_timeout(500)
    expect(zone(page, "file")).not_to_contain_text("new.csv")
    expect(page.locator(".dropzone .fault")).to_have_count(0)
    assert list(as_json(page)) == ["file"]
    expect(removal(page, "old.csv")).to_be_visible()
    filer.upload("file", csv("new.csv"))  # and can be chosen again
    expect(removal(page, "new.csv")).to_be_visible()


def test_an_answer_that_arrives_after_all_puts_nothing_back(filer, page):
    """The page's script cannot stop a server that has already answered."""
    page.evaluate(
        "() => { const real = window.fetch; window.fetch = (to, what) => to === '/uploads'"
        " ? new Promise(done => { window.signal = what.signal; window.late = () => done(real(to, { ...what, signal: undefined })); }) : real(to, what); }"
    )
    filer.upload("file", csv("late.csv"))
    removal(page, "late.csv").click()
    assert page.evaluate("window.signal.aborted")
    page.evaluate("window.late()")
    page.wait_for_timeout(500)
    expect(zone(page, "file")).not_to_contain_text("late.csv")
    assert as_json(page) == {}


def test_it_looks_like_the_rest_and_can_be_used_on_every_screen(filer, page):
    filer.upload("file", csv("data.csv"))
    filer.upload("files", csv("one.csv"), csv(LONG), csv("three.csv"))
    expect(removal(page, "three.csv", "Files")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert accessibility(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            filer.picture(f"file-removal-{width}-{scheme}")
