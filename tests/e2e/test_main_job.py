"""The main job, as two people and the administrator do it in their browsers."""

import csv
import io
import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import bundles
from tests.e2e.product import until
from tests.e2e.visitor import Visitor, micro_usd

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.sandbox]
ROWS = 10_000
PRICE_MICRO_USD = ROWS * 200  # what the guide's agent costs for each row
CAP = f"{PRICE_MICRO_USD / 1_000_000:.2f}"
FINISH_SECONDS = 300
CREATORS_PERCENT = 85


def test_an_agent_is_built_by_one_person_and_run_for_money_by_another(product, records, visit, tmp_path):
    operator = visit("operator")
    enter_as_administrator(operator, product.sign_in_link())
    creator = visit("carla")
    creator.sign_in()
    upload_agent(creator, bundles.order_totals(tmp_path / "order-totals.zip"))
    ask_for_publication(creator)
    approve(operator, creator)
    expect_published(creator)
    consumer = visit("dorian")
    find_and_sign_in(consumer, creator)
    usage = watch_usage(consumer)
    before = shown_spend(usage)
    seen = run_on_ten_thousand_rows(consumer, tmp_path)
    assert len({rows for rows, _ in seen}) >= 3, seen
    assert len({cost for _, cost in seen}) >= 3, seen
    expect_end(consumer)
    export(consumer)
    until(lambda: shown_spend(usage) == before + PRICE_MICRO_USD, lambda: shown_spend(usage))
    expect_books(records, consumer, creator)
    expect_creator_sees_nothing_of_it(consumer, creator)


def enter_as_administrator(operator: Visitor, link: str) -> None:
    operator.page.goto(link)
    operator.page.wait_for_url(re.compile(r"/overview$"))
    operator.open_workspace("northwind")
    operator.picture("main-1-administrator")


def upload_agent(creator: Visitor, bundle) -> None:
    upload_agent_named(creator, bundle, "order-totals")
    creator.picture("main-2-built")


def upload_agent_named(creator: Visitor, bundle, slug: str) -> None:
    """Through the checklist's own way: Studio, New agent, choose the zip, wait for the build."""
    page = creator.page
    page.get_by_role("link", name="Studio").first.click()
    page.get_by_role("link", name="New agent").first.click()
    expect(page.get_by_role("heading", name="New agent")).to_be_visible()
    creator.upload("bundle", bundle)
    page.wait_for_url(f"{creator.home}/studio/agents/{slug}")
    versions = page.get_by_role("region", name="Versions")
    expect(versions.get_by_text("Ready")).to_be_visible()
    expect(page.get_by_text("compile", exact=False).first).to_be_visible()


def ask_for_publication(creator: Visitor) -> None:
    page = creator.page
    page.get_by_label("Message to the reviewer").fill("The agent of the guide.")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("is waiting for review")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.get_by_role("link", name="Open the review queue")).to_have_count(0)
    expect(page.get_by_role("navigation").get_by_role("link", name="Review")).to_have_count(0)


def approve(operator: Visitor, creator: Visitor) -> None:
    """The operator finds the request in the queue, reads what it may do and says yes."""
    operator.open_workspace("platform-operator")
    page = operator.page
    page.get_by_role("navigation").get_by_role("link", name="Review").first.click()
    page.get_by_role("link", name="Order Totals").filter(visible=True).first.click()
    expect(page.get_by_text(f"{creator.slug}/order-totals").first).to_be_visible()
    expect(page.get_by_text("The agent of the guide.")).to_be_visible()
    expect(page.get_by_role("region", name="main.py", exact=True)).to_contain_text("def add_up")
    operator.picture("main-2b-review")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()


def expect_published(creator: Visitor) -> None:
    page = creator.page
    expect(page.get_by_text("Public: in the directory")).to_be_visible()
    page.goto(f"{creator.product.base}/agents")
    until(lambda: search(creator, "add up orders").count() == 1, "the agent in the directory")
    creator.picture("main-3-in-the-directory")


def search(creator: Visitor, words: str) -> Locator:
    """The creator's card among what the directory answers."""
    page = creator.page
    page.goto(f"{creator.product.base}/agents?q={words.replace(' ', '+')}")
    creator.wait_until_ready()
    return page.locator("article", has_text=f"{creator.slug}/order-totals")


def find_and_sign_in(consumer: Visitor, creator: Visitor) -> None:
    """A stranger finds the agent, is asked to sign in, and is back at its form inside a workspace."""
    page = consumer.page
    page.goto(f"{consumer.product.base}/agents")
    consumer.wait_until_ready()
    page.get_by_label("Search agents by task").fill(f"order totals of {creator.slug}")
    page.wait_for_url(re.compile(r"q=order"))
    first = page.locator("article").first
    expect(first).to_contain_text(f"{creator.slug}/order-totals")
    first.get_by_role("heading").get_by_role("link").click()
    expect(page.get_by_role("heading", name="Order Totals", level=1)).to_be_visible()
    page.get_by_role("link", name="Run", exact=True).click()
    page.wait_for_url(re.compile("/sign-in"))
    consumer.ask_for_link()
    consumer.follow_link()
    page.wait_for_url(re.compile(f"/agents/{creator.slug}/order-totals"))
    page.get_by_role("link", name="Run", exact=True).first.click()
    page.wait_for_url(re.compile(f"{consumer.home}/agents/{creator.slug}/order-totals"))
    consumer.wait_until_ready()
    expect(page.get_by_text("$0.0002").first).to_be_visible()


def watch_usage(consumer: Visitor) -> Page:
    usage = consumer.open_tab()
    usage.goto(f"{consumer.home}/usage")
    consumer.wait_until_ready(usage)
    expect(usage.get_by_role("heading", name="Usage")).to_be_visible()
    return usage


def shown_spend(usage: Page) -> int:
    """Micro-USD that the usage page shows as spent; nothing while there are no runs."""
    figure = usage.locator(".figure", has=usage.get_by_text("Spend", exact=True)).locator(".value")
    return micro_usd(figure.inner_text()) if figure.count() else 0


def run_on_ten_thousand_rows(consumer: Visitor, folder) -> list[tuple[str, str]]:
    """What the page showed as rows and cost, as often as it changed while the run went on."""
    page = consumer.page
    orders = folder / "orders.csv"
    orders.write_bytes(bundles.orders_csv(ROWS))
    consumer.upload("file", orders)
    expect(page.locator("[data-file-note]")).to_have_text("orders.csv")
    page.get_by_label("Maximum cost").fill(CAP)
    expect(page.get_by_text(f"never above ${CAP}")).to_be_visible()
    consumer.picture("main-4-form")
    page.get_by_role(
        "button", name="Run", exact=False
    ).last.dblclick()  # the second click of an impatient hand is the same run
    page.wait_for_url(re.compile(r"/runs/run_"))
    consumer.wait_until_ready()
    seen: list[tuple[str, str]] = []
    until(lambda: has_ended(consumer, seen), lambda: seen[-3:], seconds=FINISH_SECONDS)
    return seen


def has_ended(consumer: Visitor, seen: list[tuple[str, str]]) -> bool:
    now = (shown_rows(consumer.page), shown_cost(consumer.page))
    if not seen or seen[-1] != now:
        seen.append(now)
        if len(seen) == 4:
            consumer.picture("main-5-running")
    consumer.page.wait_for_timeout(50)  # lets the browser go on
    return consumer.page.get_by_role("button", name="Run again").count() > 0


def shown_rows(page: Page) -> str:
    tab = page.get_by_role("tab", name="Output")
    return tab.inner_text().replace("Output", "").strip() if tab.count() else ""


def shown_cost(page: Page) -> str:
    amount = page.get_by_role("meter", name="Cost so far")
    return amount.get_attribute("aria-valuenow") or "" if amount.count() else ""


def expect_end(consumer: Visitor) -> None:
    page = consumer.page
    expect(page.locator(".badge.status.large")).to_have_text("Succeeded")
    assert shown_cost(page) == str(PRICE_MICRO_USD)
    assert shown_rows(page) == f"{ROWS:,}"
    expect(page.get_by_text("Charged").first).to_be_visible()
    consumer.picture("main-6-ended")
    page.get_by_role("tab", name="Costs").click()
    expect(page.get_by_text(f"${CAP}0000").first).to_be_visible()
    consumer.picture("main-7-costs")
    page.get_by_role("tab", name="Output").click()


def export(consumer: Visitor) -> None:
    rows = list(csv.DictReader(io.StringIO(downloaded(consumer, "CSV").decode())))
    assert len(rows) == ROWS
    assert rows == bundles.expected_rows(ROWS)
    items = json.loads(downloaded(consumer, "JSON,"))
    assert len(items) == ROWS
    assert sorted(item["row"] for item in items) == list(range(1, ROWS + 1))


def downloaded(consumer: Visitor, kind: str) -> bytes:
    page = consumer.page
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=kind).first.click()
    return download.value.path().read_bytes()


def expect_books(records, consumer: Visitor, creator: Visitor) -> None:
    run_id = records.latest_run(consumer.slug)
    run = records.run(run_id)
    assert run["charged_micro_usd"] == PRICE_MICRO_USD == run["cap_micro_usd"]
    assert records.stored_rows(run_id) == {"number": ROWS, "keys": ROWS, "micro_usd": PRICE_MICRO_USD}
    receipt = records.rows("SELECT body FROM app.receipts WHERE run_id = %(id)s", id=run_id)
    assert len(receipt) == 1
    assert json.loads(receipt[0]["body"])["charged_micro_usd"] == PRICE_MICRO_USD
    share = PRICE_MICRO_USD * CREATORS_PERCENT // 100 - run["compute_micro_usd"]
    until(lambda: earned(records, creator) == share, lambda: (earned(records, creator), share))
    assert records.ledger_differences() == []
    assert records.held_micro_usd() == 0


def earned(records, creator: Visitor) -> int:
    return int(
        records.value(
            "SELECT coalesce(sum(a.balance_micro_usd), 0) FROM app.accounts a JOIN app.tenants t ON t.id = a.tenant_id"
            " WHERE t.slug = %(slug)s AND a.kind = 'pending'",
            slug=creator.slug,
        )
    )


def expect_creator_sees_nothing_of_it(consumer: Visitor, creator: Visitor) -> None:
    path = consumer.page.url.partition(consumer.home)[2]
    creator.go("/runs")
    expect(creator.page.get_by_text("Order Totals")).to_have_count(0)
    creator.go(path)
    expect(creator.page.get_by_text("There is no such run here")).to_be_visible()
    creator.expected += ("/download/",)
    for name in ("export.csv", "receipt.json", "log.txt"):
        status, text = creator.fetch(f"/download{path}/{name}")
        assert (status, "item 1" in text) == (404, False)
