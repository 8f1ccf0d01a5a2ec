"""What is drawn while the server is slow to answer."""

import re

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e import bundles
from tests.e2e.product import until
from tests.e2e.slow_server import SlowServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]


class CutWire:
    """Between a page and its server: when it is torn the open socket closes, and new ones fail until it is mended."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/_event/"), self._between)

    def tear(self) -> None:
        self.page.context.set_offline(True)
        for socket in self.open:
            socket.close()
        self.open.clear()

    def mend(self) -> None:
        self.page.context.set_offline(False)

    def _between(self, socket: WebSocketRoute) -> None:
        self.open.append(socket)
        socket.connect_to_server()


def test_a_lost_connection_is_said_in_one_sentence_until_it_is_back(visit):
    person = visit("jarno", expected=("WebSocket", "ERR_INTERNET_DISCONNECTED"))
    person.sign_in()
    wire, page = CutWire(person.page), person.page
    person.go("/runs")
    lost = page.get_by_text("Connection lost; reconnecting\N{HORIZONTAL ELLIPSIS}")
    expect(lost).to_have_count(0)
    wire.tear()
    expect(lost).to_be_visible()
    person.picture("connection-lost")
    expect(page.get_by_text("Cannot connect")).to_have_count(0)
    expect(page.locator("[title^='Connection Error']")).to_have_count(0)
    wire.mend()
    expect(lost).to_have_count(0)
    page.get_by_role("searchbox", name="Find by title").fill("nothing like it")
    page.wait_for_url(re.compile("q="))


def test_what_was_typed_and_chosen_is_still_there_when_the_connection_is_back(file_echo, visit):
    person = visit("kaarina", expected=("WebSocket", "ERR_INTERNET_DISCONNECTED"))
    person.sign_in()
    wire, page = CutWire(person.page), person.page
    person.go(f"/agents/{file_echo}?tab=run")
    person.upload("file", {"name": "kept.csv", "mimeType": "text/csv", "buffer": b"a\n1\n"})
    kept = page.get_by_role("button", name="Remove kept.csv from File", exact=True)
    expect(
        page.locator("[data-holds='Still chosen: kept.csv.']")
    ).to_be_visible()  # it has arrived, and is not on its way
    page.locator("#cap").fill("0.70")
    lose_and_find(wire, page, press=".quote button[type=submit]")
    expect(kept).to_be_visible()
    expect(page.locator("#cap")).to_have_value("0.70")
    page.wait_for_timeout(1_000)
    expect(page).to_have_url(re.compile("/agents/"))  # what was pressed without a connection starts nothing later
    page.locator(".quote button[type=submit]").click()
    page.wait_for_url(re.compile("/runs/run_"))
    expect(page.locator("#panel-output")).to_contain_text("kept.csv")


def test_what_was_told_as_the_connection_broke_is_told_again(visit):
    person = visit("kaarina", expected=("WebSocket", "ERR_INTERNET_DISCONNECTED"))
    person.sign_in()
    server, page = SlowServer(person.page), person.page
    person.go("/settings/keys")
    server.deaf = True
    page.locator("#name").fill("Nightly export")
    page.locator("#name").blur()
    page.wait_for_timeout(500)
    server.deaf = False
    server.break_off()
    until(lambda: page.wait_for_timeout(50) or told(server, "write_name") == 2, "the name to be told again")
    expect(page.locator("#name")).to_have_value("Nightly export")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("Copy the key “Nightly export” now.")).to_be_visible()
    server.break_off()
    expect(page.get_by_text("The key “Nightly export” is shown no more")).to_be_visible()
    expect(page.get_by_text("Copy the key")).to_have_count(0)


def test_a_run_stays_as_it_was_looked_at_and_a_search_asks_no_more_than_it_must(slow_counter, visit):
    person = visit("kaarina", expected=("WebSocket", "ERR_INTERNET_DISCONNECTED"))
    person.sign_in()
    server, page = SlowServer(person.page), person.page
    person.go(f"/agents/{slow_counter}?tab=run")
    page.locator("#numbers").fill("3")
    page.locator(".quote button[type=submit]").click()
    page.wait_for_url(re.compile("/runs/run_"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    page.get_by_role("tab", name="Log").click()
    expect(page).to_have_url(re.compile("tab=log$"))
    page.locator("#find-log").fill("nothing like it")
    page.wait_for_timeout(500)
    server.break_off()
    until(lambda: page.wait_for_timeout(50) or told(server, "hydrate_and_load") == 2, "the page to be back")
    person.wait_until_ready()
    expect(page.get_by_role("tab", name="Log")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#find-log")).to_have_value("nothing like it")
    person.go("/runs")
    page.get_by_role("searchbox", name="Find by title").press_sequentially("a")
    page.keyboard.press("Backspace")
    page.wait_for_timeout(2_000)
    assert told(server, "find_runs") <= 2


def told(server: SlowServer, handler: str) -> int:
    return sum(handler in said for said in server.asked)


def lose_and_find(wire: CutWire, page: Page, *, press: str) -> None:
    lost = page.get_by_text("Connection lost; reconnecting\N{HORIZONTAL ELLIPSIS}")
    wire.tear()
    expect(lost).to_be_visible()
    page.locator(press).click()
    wire.mend()
    expect(lost).to_have_count(0)
    expect(page.locator("[aria-busy='true']")).to_have_count(0)


def test_a_run_is_not_drawn_at_the_address_of_another(slow_counter, visit):
    person = visit("henri")
    person.sign_in()
    server, page = SlowServer(person.page), person.page
    for numbers in ("3", "4"):
        person.go(f"/agents/{slow_counter}?tab=run")
        page.locator("#numbers").fill(numbers)
        page.locator(".quote button[type=submit]").click()
        page.wait_for_url(re.compile("/runs/run_"))
        expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    last = page.url
    page.get_by_role("link", name="Runs").first.click()
    first = page.locator("a.row-link").nth(1)
    expect(first).to_be_visible()
    server.armed = True
    first.click()
    page.wait_for_url(re.compile("/runs/run_"))
    assert page.url != last
    expect(page.get_by_text("Loading the run")).to_be_attached()
    expect(page.locator(".badge.status.large")).to_have_count(0)
    server.let_go()
    expect(page.get_by_role("tab", name="Output")).to_contain_text("3")


def test_versions_from_before_an_upload_are_not_drawn_after_it(visit, tmp_path):
    person = visit("ines")
    person.sign_in()
    server, page = SlowServer(person.page), person.page
    versions = page.get_by_role("region", name="Versions")
    for number in ("1.0.0", "1.0.1"):
        bundle = tmp_path / f"{number}.zip"
        manifest = bundles.ORDER_TOTALS["agent.yaml"].replace("version: 1.0.0", f"version: {number}")
        bundle.write_bytes(bundles.packed({**bundles.ORDER_TOTALS, "agent.yaml": manifest}))
        person.go("/studio/new") if number == "1.0.0" else page.get_by_role("link", name="New version").click()
        expect(page.get_by_role("heading", name="New agent")).to_be_visible()
        person.wait_until_ready()
        server.armed = number == "1.0.1"
        person.upload("bundle", bundle)
        page.wait_for_url(re.compile("/studio/agents/order-totals"))
        if server.armed:
            expect(page.get_by_text("Loading rows")).to_be_attached()
            expect(versions).to_have_count(0)
            server.let_go()
        expect(versions).to_contain_text(number)
