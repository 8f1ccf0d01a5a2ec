"""Stored scripts: in every text that a creator, a customer or a reviewer can write, looked at in a real browser.

Nothing of it runs, nothing leads away, nothing outside is asked, and nothing of it became an element or an address.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from agent_platform.core.db.tenant import tenant_session
from agent_platform.core.ids import new_id, shown
from agent_platform.core.policy import Caller
from agent_platform.models.agents import Visibility
from agent_platform.services import agents, catalog, examples, identity, runs, tenancy
from tests.doubles.people import Person, arrive, enrol
from tests.e2e import trap
from tests.e2e.product import until
from tests.e2e.records import Records
from tests.e2e.shelf import publish
from tests.e2e.visitor import DESKTOP, Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox, pytest.mark.sec]
MALLORY = ("Mallory", 7_010)
MEMBER = (
    "SELECT t.id AS tenant, m.user_id, m.display_name AS name FROM app.tenants t JOIN app.memberships m ON m.tenant_id = t.id"
    " WHERE t.slug = %(slug)s AND m.role = 'owner' LIMIT 1"
)
OURS = re.compile(r"(https?://([a-z0-9-]+\.)*localhost[:/]|(data|blob):)")
TOLD = "window.hit = () => console.error('hit() ran')"
# What no text of anybody may have become: handlers, addresses that run, elements that load or lead away.
PLANTED = """() => [...document.querySelectorAll('*')].flatMap(one => [...one.attributes]
    .filter(({name, value}) => name.startsWith('on') || /^\\s*(javascript|data:text|vbscript)/i.test(value)
        || (['src', 'action', 'formaction', 'data', 'srcset', 'poster', 'background'].includes(name) && value.includes('evil.example')))
    .map(({name, value}) => `${one.localName} ${name}=${value}`))
    .concat([...document.querySelectorAll('iframe, object, embed, base, math, meta[http-equiv=refresh]')].map(one => one.outerHTML))"""


@dataclass(frozen=True)
class Traps:
    """Where the hostile words lie: addresses of agents and ids as addresses show them."""

    agent: str
    succeeded: str
    failed: str
    waiting: str
    request: str
    report: str
    example: str


@pytest.fixture(scope="module")
def traps(product, records) -> Iterator[Traps]:
    """None of their money is on hold afterwards."""
    agent = publish(records, trap.bundle(), publisher=MALLORY)
    with records.services():
        mallory, customer = arrive(*MALLORY), owner_of(records, "northwind")
        succeeded = run(customer, agent)
        failed = run(customer, agent, choose="fail")
        waiting = run(customer, agent, choose="ask")
        own = run(caller_of(mallory), agent)
        ended = "SELECT count(*) FROM app.runs WHERE id = ANY(%(ids)s) AND finished_at IS NOT NULL"
        until(lambda: records.value(ended, ids=[succeeded, failed, own]) == 3, "the end of the trap's runs")
        until(lambda: records.run(str(waiting))["state"] == "waiting", "the question of the trap")
        example = say_everything(records, mallory, customer, own)
        report, request = complain(records, customer), ask_for_publication(records, mallory)
    yield Traps(agent, shown("run", succeeded), shown("run", failed), shown("run", waiting), request, report, example)
    with records.services():
        with tenant_session(home_of(customer)) as session:
            runs.cancel(session, run_id=waiting, caller=customer)
        until(lambda: records.run(str(waiting))["finished_at"], "the end of the question")


def owner_of(records: Records, slug: str) -> Caller:
    row = records.rows(MEMBER, slug=slug)[0]
    return Caller(row["user_id"], row["name"], row["tenant"], slug, "owner", (), new_id())


def home_of(caller: Caller) -> uuid.UUID:
    assert caller.tenant_id is not None
    return caller.tenant_id


def caller_of(person: Person) -> Caller:
    return Caller(person.id, trap.NAME, person.home, "mallory", "owner", (), new_id())


def run(caller: Caller, agent: str, **given: str) -> uuid.UUID:
    publisher, slug = agent.split("/")
    asked = runs.RunRequest(
        publisher, slug, {"say": trap.TEXT, **given}, uuid.uuid4().hex, 1_000_000, accept_permissions=True,
        metadata={"note": trap.LINE},
    )  # fmt: skip
    with tenant_session(home_of(caller)) as session:
        return runs.start(session, asked, caller=caller).id


def say_everything(records: Records, mallory: Person, customer: Caller, own: uuid.UUID) -> str:
    """The slug of an example; names, storefront, review and answer are hostile too."""
    listing = listing_of(records)
    given = {"display_name": trap.NAME, "time_zone": "", "color_mode": "system"}
    identity.in_platform(identity.update_profile, user_id=mallory.id, **given)
    with tenant_session(mallory.home) as session:
        tenancy.rename(session, name=trap.NAME, by=mallory.id)
        words = {"headline": trap.LINE, "welcome": trap.LINE, "accent": "#0d3d38", "audience": "public"}
        catalog.save_storefront(session, is_on=True, by=mallory.id, **words)
        catalog.show_agent(session, address="mallory/trap", by=mallory.id)
        kept = examples.save_example(
            session, run_id=own, title=trap.LINE[:80], line=trap.LINE, caller=caller_of(mallory)
        )
        looker = owner_of(records, "platform-operator")
        assert looker.user_id is not None
        enrol(session, Person(looker.user_id, looker.user_name, home_of(looker)), "admin")
    with tenant_session(home_of(customer)) as session:
        review = catalog.write_review(session, listing_id=listing, stars=1, text=trap.TEXT[:1_000], caller=customer)
    until(lambda: records.rows("SELECT 1 FROM catalogue.reviews WHERE id = %(id)s", id=review), "the review in public")
    with tenant_session(mallory.home) as session:
        catalog.reply_to_review(session, review_id=review, text=trap.TEXT[:1_000], caller=caller_of(mallory))
    until(lambda: records.rows("SELECT 1 FROM catalogue.examples WHERE listing_id = %(id)s", id=listing), "the example")
    identity.in_platform(catalog.request_agent, task=trap.LINE, searched=trap.NAME, address="192.0.2.77")
    return kept.slug


def complain(records: Records, customer: Caller) -> str:
    facts = {"listing_id": listing_of(records), "review_id": None, "by": customer.user_id, "by_name": trap.NAME}
    with tenant_session(home_of(customer)) as session:
        return shown("rep", catalog.file_report(session, kind="abuse", text=trap.TEXT[:1_000], **facts))


def ask_for_publication(records: Records, mallory: Person) -> str:
    with tenant_session(mallory.home) as session:
        version = agents.upload(session, content=trap.bundle("1.1.0"), by=mallory.id)
    state = "SELECT state FROM app.agent_versions WHERE id = %(id)s"
    until(lambda: records.value(state, id=version.id) == "ready", "the second build of the trap")
    with tenant_session(mallory.home) as session:
        asked = {"visibility": Visibility.PUBLIC, "message": trap.LINE, "by": mallory.id}
        return shown("pub", catalog.request_publication(session, version_id=version.id, **asked))


def listing_of(records: Records) -> uuid.UUID:
    return records.value("SELECT id FROM catalogue.listings WHERE slug = 'trap'")


@pytest.fixture(scope="module")
def looker(browser, product, traps):
    """The administrator, who sees all of these pages."""
    person = Visitor(browser, product, "operator", expected=("no/such",))
    person.sign_in_as_operator("northwind", "platform-operator", "mallory")
    person.context.add_init_script(TOLD)
    yield person
    person.context.close()


PUBLIC = (
    "/",
    "/agents?q=trap",
    "/agents/mallory/trap?tab=overview",
    "/agents/mallory/trap/examples/{example}",
    "/publishers/mallory",
    "/docs?q={line}",
    "/agents?q={line}&category={line}",
    "/no/such/{line}",
)
INSIDE = {
    "northwind": (
        "/agents/mallory/trap?tab=run",
        "/runs/{succeeded}",
        "/runs/{failed}",
        "/runs/{waiting}",
        "/runs",
        "/overview",
        "/usage",
        "/approvals",
    ),
    "mallory": (
        "/",
        "/overview",
        "/studio",
        "/studio/agents/trap",
        "/studio/wanted",
        "/settings/members",
        "/settings/workspace",
        "/settings/storefront",
    ),
    "platform-operator": ("/ops/review", "/ops/review/{request}", "/ops/reports/{report}", "/ops/requests"),
}


@pytest.mark.parametrize(
    ("host", "path"),
    [("", path) for path in PUBLIC] + [(host, path) for host, paths in INSIDE.items() for path in paths],
)
def test_words_stay_words(looker, traps, host, path):
    base = looker.product.tenant(host) if host else looker.product.base
    looker.complaints.clear()
    page = looker.open_tab()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    page.goto(base + address_of(path, traps))
    looker.wait_until_ready(page)
    expect(page.locator("body")).to_contain_text(shown_on(path))
    look_at_every_tab(looker, page, page.url.partition("?")[0])
    assert [url for url in asked if not OURS.match(url)] == []
    assert looker.complaints == []
    page.close()


def shown_on(path: str) -> str:
    """What shows that the page has hostile words; where it need not, that it is there."""
    return {
        "/": "Agent",
        "/no/such/{line}": "There is no page at this address",
        "/settings/workspace": "Workspace",
        "/usage": "Usage",
        "/ops/review": "Review",
    }.get(path, "hit()")


def address_of(path: str, traps: Traps) -> str:
    return path.format(**vars(traps), line=re.sub(r"[/?#%&]", "", trap.LINE))


def look_at_every_tab(looker: Visitor, page: Page, here: str, *, within: int = 0) -> None:
    """The page as it is, then each tab of its first list, and beneath each those of the next list."""
    assert page.evaluate(PLANTED) == []
    assert page.url.partition("?")[0] == here
    assert page.evaluate("document.documentElement.scrollWidth") <= DESKTOP["width"]
    lists = page.get_by_role("tablist")
    if within < lists.count():
        tabs = lists.nth(within).get_by_role("tab")
        for number in range(tabs.count()):
            tabs.nth(number).click()
            expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
            looker.wait_until_ready(page)
            look_at_every_tab(looker, page, here, within=within + 1)


@pytest.mark.parametrize("path", PUBLIC)
def test_words_stay_words_where_no_script_runs(visit, product, traps, path):
    page = visit("reader", java_script_enabled=False, expected=("404",)).page
    answer = page.goto(product.base + address_of(path, traps))
    assert answer is not None
    assert answer.status == (404 if "/no/such" in path else 200)
    expect(page.locator("h1:visible")).to_have_count(1)
    assert page.evaluate(PLANTED) == []


def test_what_is_planted_is_found(looker):
    looker.page.goto(f"{looker.product.base}/docs")
    looker.wait_until_ready()
    planted = "<img onerror=hit()><a href=' javascript:hit()'>x</a>"
    looker.page.evaluate("html => document.querySelector('#content').insertAdjacentHTML('beforeend', html)", planted)
    assert len(looker.page.evaluate(PLANTED)) == 2
