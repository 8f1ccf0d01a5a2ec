"""A run that asks a person and the network, as its person sees it: the card, the answer, and what was refused."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import bundles
from tests.e2e.test_main_job import upload_agent_named
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
SIZES = {"wide": {"width": 1440, "height": 900}, "narrow": {"width": 390, "height": 844}}


def test_a_question_is_answered_on_the_page_of_its_run_and_refused_hosts_are_marked(visit, tmp_path):
    mara = visit("mara")
    mara.sign_in()
    upload_agent_named(mara, bundles.reply_sender(tmp_path / "reply-sender.zip"), "reply-sender")
    page = mara.page
    page.goto(f"{mara.home}/agents/{mara.slug}/reply-sender?tab=run")
    mara.wait_until_ready()
    expect(page.get_by_label("Dry run")).to_be_visible()
    look(mara, "asking-0-form")
    page.get_by_role("button", name=re.compile("^Run")).last.click()
    page.wait_for_url(re.compile(r"/runs/run_"))
    card = page.get_by_role("alert", name="Waiting for approval")
    expect(card.get_by_text("Send 9 drafted replies?")).to_be_visible()
    expect(card.get_by_text("If nobody decides by")).to_be_visible()
    look(mara, "asking-1-question")
    waiting = page.url
    mara.go("/approvals")
    expect(page.get_by_role("link", name="Send 9 drafted replies?")).to_be_visible()
    look(mara, "asking-2-approvals")
    page.goto(waiting)
    mara.wait_until_ready()
    card.get_by_label("Subject").fill("About your order")
    card.get_by_label("Comment").fill("Fine with me.")
    card.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Asked and answered")).to_be_visible()
    expect(page.get_by_text("Succeeded").first).to_be_visible()
    expect(page.get_by_text("About your order").first).to_be_visible()
    page.get_by_role("tab", name="Network").click()
    hosts = page.get_by_role("region", name="Hosts asked")
    for host in ("exfiltrate.example", "169.254.169.254", "127.0.0.1"):
        expect(hosts.get_by_role("row", name=re.compile(host))).to_contain_text("refused")
    look(mara, "asking-3-network")


def look(visitor: Visitor, name: str) -> None:
    """Pictures in both colours and widths; nothing on the page is wider than the page."""
    page = visitor.page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)
            visitor.picture(f"{name}-{scheme}-{size}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} at {size}"
    page.set_viewport_size(SIZES["wide"])
    page.emulate_media(color_scheme="light")
