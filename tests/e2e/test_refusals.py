"""Wrong input everywhere: a clear sentence each, nothing stored, no traceback."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import bundles
from tests.e2e.product import until
from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
UPLOAD_LIMIT = 100 << 20
GOOD = {name: text.encode() for name, text in bundles.ORDER_TOTALS.items()}
BAD_ZIPS = [
    ("not-a-zip", lambda: b"PK it is not", "This is not a zip."),
    ("empty", lambda: b"", "empty.zip is empty. Choose a file with content."),
    ("cut", lambda: bundles.packed(GOOD)[:-30], "not a zip"),
    ("bomb", bundles.bomb, "like a bomb"),
    ("traversal", lambda: bundles.packed({**GOOD, "../../evil.py": b"x = 1"}), "evil.py"),
    ("absolute", lambda: bundles.packed({**GOOD, "/etc/evil.py": b"x = 1"}), "evil.py"),
    ("link", lambda: bundles.with_link(GOOD), "is a link or device"),
    ("deep", lambda: bundles.packed(GOOD, folder="two/levels"), "holds no agent.yaml at its top"),
    ("not-text", lambda: bundles.packed({**GOOD, "agent.yaml": b"\xff\xfe\x00"}), "agent.yaml has 1 mistake"),
]
DROP = """(box, text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "dropped.zip"));
  box.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""
CAPS = [
    ("abc", "write dollars"),
    ("-1", "at most $1,000"),
    ("0", "above $0"),
    ("0.001", "The smallest maximum cost"),
    ("900.00", "set aside, the workspace has"),
]


@pytest.fixture
def frida(visit):
    person = visit("frida", expected=("/uploads",))
    person.sign_in()
    return person


@pytest.fixture
def nothing_stored(records, product):
    """What was there before is all that is there afterwards."""
    before = there_is(records, product)
    yield
    until(lambda: there_is(records, product) == before, lambda: before ^ there_is(records, product))
    assert "Traceback" not in product.output(), product.tail()


def there_is(records, product) -> set[str]:
    """Every stored object, and how many rows each table has that people can add to."""
    others = records.folders_of_others()
    found = [path for path in (product.data / "objects").rglob("*") if path.is_file()]
    objects = {str(path) for path in found if not others & set(path.parts)}
    return objects | {f"{table}: {number}" for table, number in records.counts().items()}


@pytest.mark.usefixtures("nothing_stored")
def test_a_bad_upload_is_refused_with_its_reason(frida):
    for name, make, words in BAD_ZIPS:
        frida.go("/studio/new")
        frida.upload("bundle", {"name": f"{name}.zip", "mimeType": "application/zip", "buffer": make()})
        expect(frida.page.get_by_role("main"), name).to_contain_text(words)
        expect_no_machine_words(frida)
    frida.picture("refused-upload")


@pytest.mark.usefixtures("nothing_stored")
def test_all_ten_mistakes_of_a_manifest_are_named_at_once(frida):
    frida.go("/studio/new")
    content = bundles.packed({**GOOD, "agent.yaml": bundles.TEN_MISTAKES.encode()})
    frida.upload("bundle", {"name": "ten.zip", "mimeType": "application/zip", "buffer": content})
    table = frida.page.get_by_role("region", name="Mistakes")
    expect(table).to_be_visible()
    frida.picture("refused-manifest")
    shown = table.inner_text()
    assert [place for place in bundles.TEN_PLACES if place not in shown] == [], shown


@pytest.mark.usefixtures("nothing_stored")
def test_a_body_beyond_the_limit_is_refused(frida, tmp_path):
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(UPLOAD_LIMIT + (1 << 20))
    frida.go("/studio/new")
    frida.upload("bundle", large)
    expect(frida.page.locator(".fault", has_text="larger than 100 MiB")).to_be_visible()


@pytest.mark.usefixtures("nothing_stored")
def test_a_form_says_what_is_wrong_and_starts_nothing(frida):
    page = frida.page
    frida.go("/agents/openworks/data-profiler?tab=run")
    page.get_by_label("Sample rows").fill("many")
    start(frida)
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("#sample-fault")).to_contain_text("whole number")
    page.get_by_label("Sample rows").fill("-5")
    start(frida)
    expect(page.locator("#sample-fault")).to_contain_text("0")
    page.get_by_label("Sample rows").fill("0")
    expect_no_machine_words(frida)
    page.get_by_role("button", name="JSON").click()
    page.locator("#json").fill('{"sample": ')
    expect(page.get_by_text("This is not valid JSON", exact=False)).to_be_visible()
    start(frida)
    assert "/agents/" in page.url


def test_json_that_does_not_fit_is_refused_beside_it_and_the_way_back_keeps_what_ran(frida):
    page, fault = frida.page, frida.page.locator("#json-fault")
    frida.go("/agents/openworks/pii-redactor?tab=run")
    page.get_by_role("button", name="JSON").click()
    page.locator("#json").fill('{"txt": "Write to ann@example.com", "text": ["x"]}')
    start(frida)
    expect(fault).to_contain_text("txt is not an input of this agent. Did you mean text?")
    expect(fault).to_contain_text("text: Text must be of type string.")
    expect(frida.toast().first).to_contain_text("Nothing was started")
    page.get_by_role("button", name="Form").click()
    expect(frida.toast().first).to_contain_text("The form cannot show this input yet")
    given = '{"text": "Write to ann@example.com"}'
    page.locator("#json").fill(given)
    expect(fault).to_have_count(0)
    start(frida)
    page.wait_for_url(re.compile("/runs/run_"))
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    page.go_back()
    expect(page.get_by_text("Kept from your last run in this tab.")).to_be_visible()
    expect(page.locator("#json")).to_have_value(given)
    page.get_by_role("button", name="Begin anew").click()
    expect(page.locator("#text")).to_have_value(re.compile("Anna"))


@pytest.mark.usefixtures("order_totals", "nothing_stored")
def test_a_run_without_its_file_is_not_started(order_totals, frida):
    frida.go(f"/agents/{order_totals}?tab=run")
    start(frida)
    expect(frida.page.locator("#file-fault")).to_be_visible()
    expect_no_machine_words(frida)
    assert "/agents/" in frida.page.url


@pytest.mark.usefixtures("nothing_stored")
def test_a_wrong_cap_is_answered_with_what_to_write(frida):
    page = frida.page
    frida.go("/agents/openworks/pii-redactor?tab=run")
    page.locator("#text").fill("Write to ann@example.com")
    for cap, words in CAPS:
        page.get_by_label("Maximum cost").fill(cap)
        page.get_by_label("Maximum cost").blur()
        start(frida)
        expect(page.get_by_text(words, exact=False).first, cap).to_be_visible()
        expect_no_machine_words(frida)
        page.reload()
        frida.wait_until_ready()
        page.locator("#text").fill("Write to ann@example.com")


def test_a_sign_in_that_fails_says_why_and_lets_nobody_in(product, visit):
    stranger = visit("hugo")
    page = stranger.page
    page.goto(f"{product.base}/sign-in?problem=refused&ref=abc")
    expect(page.get_by_text("That did not work", exact=False)).to_be_visible()
    page.goto(f"{product.base}/auth/admin?code=guessed")
    page.wait_for_url(re.compile("problem=refused"))
    page.goto(f"{product.base}/sign-in")
    page.locator("form[action^='/auth/email']").evaluate("form => form.noValidate = true")
    page.locator("input[name='email']").fill("nonsense")
    page.locator("form[action^='/auth/email'] button").click()
    expect(page.get_by_text("Enter an e-mail address", exact=False)).to_be_visible()
    stranger.picture("refused-sign-in")
    page.goto(f"{product.base}/sign-in")
    stranger.ask_for_link()
    thief = visit("thief")
    thief.page.goto(f"{product.base}/sandbox/mail")
    letter = thief.page.locator("article", has_text=f"To {stranger.email},").first
    letter.get_by_role("link").click()
    thief.page.wait_for_url(re.compile("problem=refused"))
    assert [cookie for cookie in thief.context.cookies() if cookie["name"] == "ap_sid"] == []


def test_foreign_and_unknown_addresses_show_nothing(product, frida):
    page = frida.page
    frida.expected += ("404 (Not Found)", "421", "/overview", "/auth/hand-off")
    assert page.goto(f"{product.base}/no/such/page").status == 404
    expect(page.get_by_text("There is no page at this address")).to_be_visible()
    frida.picture("not-found")
    assert page.goto(f"{product.tenant('no-such-workspace')}/overview").status in {404, 421}
    page.goto(f"{product.tenant('northwind')}/auth/start?next=/runs")
    expect(page.get_by_role("heading", name="This workspace does not know you")).to_be_visible()
    expect(page.get_by_text("You are signed in as", exact=False)).to_be_visible()
    frida.picture("stranger")
    page.goto(f"{product.tenant('northwind')}/runs")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_text("Data Profiler")).to_have_count(0)


def test_a_page_of_the_studio_that_is_not_there_says_so_once(frida):
    frida.go("/studio/agents/nosuch")
    expect(frida.page.get_by_role("main")).to_contain_text("There is no page at this address")
    expect(frida.page.get_by_text("Loading rows")).to_have_count(0)
    expect(frida.toast()).to_have_count(0)
    frida.picture("no-such-agent")


@pytest.mark.usefixtures("nothing_stored")
def test_a_dropped_file_is_taken_a_refusal_is_marked_and_the_picker_is_free_for_the_next(frida):
    page = frida.page
    frida.go("/studio/new")
    page.locator(".dropzone").evaluate(DROP, "it is no zip")
    expect(page.get_by_role("main")).to_contain_text("This is not a zip")
    frida.upload("bundle", {"name": "empty.zip", "mimeType": "application/zip", "buffer": b""})
    expect(page.locator(".dropzone .fault")).to_have_text("empty.zip is empty. Choose a file with content.")
    assert page.locator("#bundle").evaluate("picker => picker.value") == ""
    frida.picture("empty-upload")


def test_a_double_click_invites_once(frida):
    frida.go("/settings/members")
    frida.page.get_by_label("E-mail").fill("guest@example.com")
    frida.page.get_by_role("button", name="Send the invitation").dblclick()
    expect(frida.toast()).to_have_count(1)
    expect(frida.toast()).to_contain_text("Invited")
    frida.page.wait_for_timeout(1_500)
    expect(frida.toast()).to_have_count(1)


def start(person: Visitor) -> None:
    person.page.locator(".quote button[type=submit]").click()


def expect_no_machine_words(person: Visitor) -> None:
    shown = person.page.get_by_role("main").inner_text() + " ".join(person.toast().all_inner_texts())
    assert not re.search(r"Traceback|Exception|psycopg|NoneType|<class", shown), shown
