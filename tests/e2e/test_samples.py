"""The sample agents as a visitor finds them and a person uses them: forms, a question with drafts, an answer, a refusal."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_asking import look
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
NEW = [
    "harbor/tls-monitor", "harbor/site-auditor", "mica-tools/repo-digest", "fieldnotes/ask-my-documents", "fieldnotes/support-triage",
]  # fmt: skip


@pytest.fixture
def nora(visit) -> Visitor:
    person = visit("nora")
    person.sign_in()
    return person


def start(person: Visitor) -> None:
    person.page.get_by_role("button", name=re.compile("^Run")).last.click()
    person.page.wait_for_url(re.compile(r"/runs/run_"))


def ended(person: Visitor, word: str) -> None:
    expect(person.page.locator(".badge.status.large")).to_have_text(word)
    person.wait_until_ready()


@pytest.mark.parametrize("address", NEW)
def test_an_agent_s_page_and_form_are_drawn_for_everybody(visit, product, address):
    person = visit("passer-by")
    for tab in ("overview", "run"):
        person.page.goto(f"{product.base}/agents/{address}?tab={tab}")
        person.wait_until_ready()
        look(person, f"sample-{address.replace('/', '-')}-{tab}")


def test_drafts_are_edited_in_the_question_and_go_out_as_edited(nora):
    nora.go("/agents/fieldnotes/support-triage?tab=run")
    start(nora)
    page = nora.page
    card = page.get_by_role("alert", name="Waiting for approval")
    expect(card.get_by_text("May 3 replies go out?")).to_be_visible()
    look(nora, "sample-support-question")
    card.get_by_label(re.compile("^Reply 1:")).fill("We are on it, and write again at noon.")
    card.get_by_label(re.compile("^Reply 3:")).fill("")
    card.get_by_role("button", name="Approve").click()
    ended(nora, "Succeeded")
    expect(page.get_by_text("We are on it, and write again at noon.").first).to_be_visible()
    expect(page.get_by_text("emptied this reply").first).to_be_visible()
    look(nora, "sample-support-rows")


def test_a_question_is_answered_by_a_quote(nora):
    nora.go("/agents/fieldnotes/ask-my-documents?tab=run")
    start(nora)
    ended(nora, "Succeeded")
    expect(nora.page.get_by_text("Up to 5 days may be carried over into the next year.").first).to_be_visible()
    look(nora, "sample-ask-answer")


def test_an_address_inside_the_installation_is_a_row_with_the_platform_s_sentence(nora):
    nora.go("/agents/harbor/tls-monitor?tab=run")
    page = nora.page
    page.get_by_role("button", name="JSON").click()
    page.locator("#json").fill('{"urls": ["https://127.0.0.1/"]}')
    start(nora)
    ended(nora, "Succeeded")
    expect(page.get_by_text("127.0.0.1 does not lead to a public address.").first).to_be_visible()
    look(nora, "sample-tls-refused")


def test_a_site_that_cannot_be_reached_costs_nothing_and_says_why(nora):
    nora.go("/agents/harbor/site-auditor?tab=run")
    page = nora.page
    page.get_by_label("Start URL").fill("https://no-such-host.invalid/")
    start(nora)
    ended(nora, "Failed")
    expect(page.get_by_text("no-such-host.invalid could not be reached.", exact=False).first).to_be_visible()
    look(nora, "sample-auditor-unreachable")


def test_northwind_has_runs_of_the_agents_that_need_no_network_and_answered_questions(records):
    found = {
        (row["agent_ref"], row["state"]): row["n"]
        for row in records.rows(
            "SELECT r.agent_ref, r.state, count(*) AS n FROM app.runs r JOIN app.tenants t ON t.id = r.tenant_id"
            " WHERE t.slug = 'northwind' AND r.parent_run_id IS NULL GROUP BY 1, 2"
        )
    }
    for agent in (
        "fieldnotes/ask-my-documents",
        "fieldnotes/support-triage",
        "mica-tools/repo-digest",
        "mica-tools/log-triage",
    ):
        assert found.get((agent, "succeeded"), 0) >= 4, found
    assert not any(agent.startswith("harbor/") for agent, _ in found)
    answers = records.rows(
        "SELECT a.state, count(*) AS n FROM app.approvals a JOIN app.tenants t ON t.id = a.tenant_id WHERE t.slug = 'northwind' GROUP BY 1"
    )
    states = {row["state"]: row["n"] for row in answers}
    assert states["approved"] >= 3
    assert states["rejected"] == 1
    assert "pending" not in states
