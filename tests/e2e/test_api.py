"""A key is made in the browser, the API tab's requests are pasted as they are, and their runs are in the list."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_pages import SCHEMES, WIDTHS, accessibility, picture
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
AGENT = "/agents/openworks/pii-redactor"
TEXT = "It's Ann's: call +49 30 901820 or write to ann@example.com. $HOME `id` \"quoted\""


@pytest.fixture
def nora(visit) -> Visitor:
    person = visit("nora")
    person.sign_in()
    return person


def make_key(person: Visitor, name: str) -> str:
    person.go("/settings/keys")
    person.page.get_by_role("button", name="Make the key").click()
    expect(person.page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    expect(person.page.get_by_role("alert")).to_contain_text("A name has 1 to 80")
    person.page.get_by_label("Name").fill(name)
    person.page.get_by_role("button", name="Make the key").click()
    expect(person.page.locator("#new-key")).to_have_text(re.compile(r"^apk_[0-9A-Za-z]{36}$"))
    return person.page.locator("#new-key").inner_text()


def request(page: Page, language: str) -> str:
    page.get_by_role("button", name=language, exact=True).click()
    mark = {"curl": "curl -sS", "Python": "urllib.request", "JavaScript": "await fetch"}[language]
    block = page.get_by_role("region", name="Request")
    expect(block).to_contain_text(mark)
    return block.inner_text()


def pasted(language: str, text: str, key: str, folder: Path) -> str:
    """What the request has printed, run as a person would run it."""
    node = Path(sys.executable).parent / "node"
    script = folder / {"curl": "run.sh", "Python": "run.py", "JavaScript": "run.mjs"}[language]
    script.write_text(text, encoding="utf-8")
    program = {"curl": shutil.which("bash") or "sh", "Python": sys.executable, "JavaScript": str(node)}[language]
    environment = {"PATH": "/usr/bin:/bin", "AGENT_PLATFORM_KEY": key}
    done = subprocess.run([program, script], env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_requests_of_the_api_tab_run_as_they_are_pasted(nora, tmp_path):
    page = nora.page
    key = make_key(nora, "laptop")
    nora.go(f"{AGENT}?tab=run")
    page.get_by_label("Text", exact=True).fill(TEXT)
    page.get_by_label("Maximum cost").fill("0.40")
    page.get_by_role("tab", name="API").click()
    found = {}
    for language in ("curl", "Python", "JavaScript"):
        text = request(page, language)
        assert "400000" in text
        assert key not in text
        picture(page, f"agent-api-{language.lower()}-1440")
        found[language] = pasted(language, text, key, tmp_path)
    run = json.loads(found["curl"])
    assert (run["state"], run["finished"], run["origin"]) == ("succeeded", True, "api"), found["curl"]
    assert run["input"]["text"] == TEXT
    for language in ("Python", "JavaScript"):
        assert re.match(r"run_[0-9a-f]{32} succeeded ", found[language]), found[language]
    nora.go("/runs")
    expect(page.get_by_role("row").filter(has_text="key laptop")).to_have_count(3)
    nora.go(f"/runs/{run['id']}")
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    end_key(nora, "laptop")
    refused = subprocess.run(
        ["curl", "-sS", "-H", f"Authorization: Bearer {key}", f"{nora.product.base}/v1/runs"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(refused.stdout)["code"] == "unauthenticated"


def end_key(person: Visitor, name: str) -> None:
    page = person.page
    person.go("/settings/keys")
    used = page.get_by_role("row").filter(has_text=name)
    expect(used).not_to_contain_text("not yet")
    used.get_by_role("button", name="Revoke").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(person.toast()).to_contain_text("Revoked")
    expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)
    page.wait_for_timeout(1_100)  # what is remembered of a key is at most a second old


def test_a_key_is_shown_once_and_copied_in_every_width_and_colour(nora):
    page = nora.page
    nora.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = make_key(nora, "ci-bot")
    page.locator(".shown-once").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == key
    looks(page, "settings-keys-made")
    page.reload()
    nora.wait_until_ready()
    expect(page.get_by_role("row").filter(has_text="ci-bot")).to_contain_text(key[:10])
    assert key not in page.content()
    nora.go(f"{AGENT}?tab=api")
    page.get_by_role("button", name="Copy").first.click()
    assert "AGENT_PLATFORM_KEY" in page.evaluate("navigator.clipboard.readText()")
    looks(page, "agent-api")
    page.get_by_role("link", name="Make a key").click()
    page.wait_for_url(re.compile("/settings/keys$"))
    nora.go("/settings/keys")
    for name in ("Start and stop runs", "Read runs"):
        page.get_by_label(name).click()
        expect(page.get_by_label(name)).not_to_be_checked()  # the server says so
    page.get_by_label("Name").fill("nothing")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one thing")


def test_a_visitor_sees_the_requests_and_is_led_to_sign_in(visit, product):
    person = visit("passer-by")
    person.page.goto(f"{product.base}{AGENT}?tab=api")
    person.wait_until_ready()
    assert f"{product.base}/v1/agents/openworks/pii-redactor/runs" in request(person.page, "Python")
    answer = person.page.request.get(person.page.get_by_role("link", name="Open", exact=True).get_attribute("href"))
    assert answer.json()["openapi"] == "3.1.1"
    person.page.get_by_role("link", name="Make a key").click()
    person.page.wait_for_url(re.compile("/sign-in"))


def looks(page: Page, name: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            picture(page, f"{name}-{width}-{scheme}")
            assert accessibility(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
