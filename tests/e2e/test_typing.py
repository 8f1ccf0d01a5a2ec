"""What is typed stays and counts, however late the script, the socket or the server's answer comes."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.product import until
from tests.e2e.slow_server import SlowServer

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
FORM = "/agents/openworks/pii-redactor?tab=run"
OUT_OF_REACH = "#content[inert][aria-busy='true']"


class LateScripts:
    """The scripts of a page come only after `let_go`."""

    def __init__(self, page: Page) -> None:
        self.held: list[Route] | None = []
        page.route(re.compile(r"/assets/.*\.js$"), self._ask)

    def let_go(self) -> None:
        held, self.held = self.held or [], None
        for route in held:
            route.continue_()

    def _ask(self, route: Route) -> None:
        route.continue_() if self.held is None else self.held.append(route)


def said(server: SlowServer, handler: str) -> int:
    return sum(f".{handler}" in message for message in server.asked)


def expect_search(page: Page, words: str) -> None:
    page.wait_for_url(re.compile(f"q={words.strip().replace(' ', '([+]|%20)')}$"))
    expect(page.locator("#q")).to_have_value(words)


@pytest.mark.parametrize("path", ["/agents", "/docs"])
def test_what_is_typed_before_the_script_has_come_is_searched_for(product, visit, path):
    page = visit("early").page
    scripts = LateScripts(page)
    page.goto(product.base + path, wait_until="commit")
    page.locator("#q").fill("csv")
    scripts.let_go()
    expect_search(page, "csv")


@pytest.mark.parametrize("path", ["/agents", "/docs"])
def test_a_blank_before_the_next_word_stays(product, visit, path):
    page = visit("wordy").page
    page.goto(product.base + path)
    page.locator("#q").click()
    page.keyboard.type("clean ")
    expect_search(page, "clean ")
    page.keyboard.type("csv")
    expect_search(page, "clean csv")


def test_typing_goes_on_where_the_workspace_is_drawn_around_it(visit):
    person = visit("leni")
    person.sign_in()
    server, page = SlowServer(person.page), person.page
    server.hold()
    page.goto(f"{person.home}/agents")
    page.locator("#q").click()
    page.keyboard.type("cs")
    expect(page.locator(".public-head")).to_be_visible()
    server.let_go()
    expect(page.locator(".rail").first).to_be_visible()
    page.keyboard.type("v")
    expect_search(page, "csv")


def test_a_late_answer_takes_back_nothing_that_was_typed_since(product, visit):
    visitor = visit("remote")
    server, page = SlowServer(visitor.page), visitor.page
    page.goto(product.base + FORM)
    visitor.wait_until_ready()
    page.locator("#text").fill("")
    page.locator("#text").blur()
    page.get_by_role("button", name="JSON").click()
    expect(page.locator("#json")).not_to_have_value(re.compile("Anna"))
    page.get_by_role("button", name="Form").click()
    page.locator("#text").click()
    server.hold()
    for number, words in enumerate(("one ", "two "), start=said(server, "change") + 1):
        page.keyboard.type(words)
        until(lambda number=number: page.wait_for_timeout(50) or said(server, "change") == number, words)
    until(lambda: page.wait_for_timeout(50) or len(server.held) >= 2, "both answers")
    server.let_go(1)
    page.wait_for_timeout(300)
    page.keyboard.type("three")
    server.let_go()
    expect(page.locator("#text")).to_have_value("one two three")
    page.locator("#text").blur()
    page.get_by_role("button", name="JSON").click()
    expect(page.locator("#json")).to_have_value(re.compile('"one two three"'))


def test_a_form_of_before_is_out_of_reach_until_the_server_has_answered(visit):
    visitor = visit("again")
    visitor.sign_in()
    server, page = SlowServer(visitor.page), visitor.page
    visitor.go(FORM)
    first = page.get_by_label("Maximum cost").input_value()
    page.get_by_label("Maximum cost").fill("abc")
    page.get_by_label("Maximum cost").blur()
    expect(page.locator("#cap-fault")).to_be_visible()
    server.armed, server.spared = True, 1
    page.reload()
    expect(page.locator(OUT_OF_REACH)).to_be_visible()
    expect(page.get_by_label("Maximum cost")).to_have_value("abc")
    page.get_by_label("Maximum cost").focus()
    page.keyboard.type("7")
    server.let_go()
    expect(page.locator(OUT_OF_REACH)).to_have_count(0)
    expect(page.get_by_label("Maximum cost")).to_have_value(first)
    page.get_by_label("Maximum cost").fill("0.5")
    expect(page.locator("#cap-fault")).to_have_count(0)


def test_settings_of_before_are_out_of_reach_until_the_server_has_answered(visit):
    person = visit("mona")
    person.sign_in()
    server, page = SlowServer(person.page), person.page
    person.go("/settings/profile")
    page.get_by_role("link", name="Workspace", exact=True).click()
    expect(page.locator("#slug")).to_be_visible()
    person.wait_until_ready()
    server.armed = True
    page.get_by_role("link", name="Profile", exact=True).click()
    expect(page.locator(OUT_OF_REACH)).to_be_visible()
    name = page.locator("#name")
    before = name.input_value()
    name.focus()
    page.keyboard.type("lost")
    expect(name).to_have_value(before)
    server.let_go()
    expect(page.locator(OUT_OF_REACH)).to_have_count(0)
    name.focus()
    page.keyboard.type("kept")
    expect(name).to_have_value(re.compile("kept"))


def test_mail_forms_keep_what_is_typed_while_the_page_opens_again(product, visit):
    visitor = visit("mailer")
    server, page = SlowServer(visitor.page), visitor.page
    for path, field in (("/contact", "#contact-email"), ("/sign-in", "#email")):
        page.goto(product.base + path)
        expect(page.locator(field)).to_be_visible()
        server.armed, server.spared = True, 1
        page.reload()
        page.locator(field).fill("ann@example.com")
        server.let_go()
        visitor.wait_until_ready()
        page.wait_for_timeout(300)
        expect(page.locator(field)).to_have_value("ann@example.com")
