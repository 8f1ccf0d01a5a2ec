import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.core.db.tenant import public_session
from agent_platform.services import catalog
from agent_platform.services.catalog import Filters, _cursor
from tests.services.catalog.shelf import AGENTS, fill, search, slugs


@pytest.fixture
def shelf(settings):
    catalog.forget_facets()
    catalog.ensure_synonyms()
    return fill()


FIRST = {
    "pii": "pii-redactor",
    "redact": "pii-redactor",
    "anonymize personal data": "pii-redactor",
    "gdpr": "pii-redactor",
    "profile csv": "data-profiler",
    "clean excel spreadsheet": "data-profiler",
    "merge csv files": "csv-merger",
    "broken links": "site-auditor",
    "seo crawler": "site-auditor",
    "ssl certificate expiry": "tls-monitor",
    "uptime": "tls-monitor",
    "log errors": "log-triage",
    "incident": "log-triage",
    "github": "repo-digest",
    "helpdesk tickets": "support-triage",
    "ask questions about documents": "ask-my-documents",
    "translate": "translator",
    "invoice": "invoice-reader",
    "json schema": "schema-diff",
    "Site Auditor": "site-auditor",
    "survey": "survey-summary",
}
MISTYPED = {"Profilr": "data-profiler", "redacter": "pii-redactor", "Transltor": "translator", "geocodr": "geo-coder"}


def test_what_people_ask_for_comes_first(shelf):
    assert {asked: slugs(search(q=asked))[0] for asked in FIRST} == FIRST


def test_a_german_log_is_a_log_too(shelf):
    assert "log-triage" in slugs(search(q="Protokoll"))[:3]


PUBLISHERS = {
    "data_profiler": {"publisher": "openworks", "publisher_name": "Openworks"},
    "csv_merger": {"publisher": "openworks", "publisher_name": "Openworks"},
    "log_triage": {"publisher": "mica-tools", "publisher_name": "Mica Tools & Sons"},
    "license_check": {"publisher": "platform-operator", "publisher_name": "Platform operator"},
    "page_weight": {"publisher": "harbor", "publisher_name": "Harbor Lights"},
}
BY_PUBLISHER = {
    "openworks": ["data-profiler", "csv-merger"],
    "Openworks": ["data-profiler", "csv-merger"],
    "openworks/csv-merger": ["csv-merger"],
    "merge openworks": ["csv-merger"],
    "mica-tools": ["log-triage"],
    "mica tools": ["log-triage"],
    "sons": ["log-triage"],
    "mica": ["log-triage"],
    "platform-operator": ["license-check"],
    "Platform Operator": ["license-check"],
    "lights": ["page-weight"],
}


@pytest.fixture
def signed_shelf(settings):
    catalog.forget_facets()
    catalog.ensure_synonyms()
    return fill(**PUBLISHERS)


def test_agents_are_found_by_handle_and_name_of_their_publisher(signed_shelf):
    found = {asked: slugs(search(q=asked))[: len(first)] for asked, first in BY_PUBLISHER.items()}
    assert found == BY_PUBLISHER


def test_a_mistyped_publisher_is_found_too_and_names_still_come_first(signed_shelf):
    page = search(q="opnworks")
    assert (page.is_guess, sorted(slugs(page))) == (True, ["csv-merger", "data-profiler"])
    assert {asked: slugs(search(q=asked))[0] for asked in FIRST} == FIRST
    assert {typed: slugs(search(q=typed))[0] for typed in MISTYPED} == MISTYPED


def test_a_typing_error_finds_names_that_look_alike(shelf):
    found = {typed: search(q=typed) for typed in MISTYPED}
    assert {typed: slugs(page)[0] for typed, page in found.items()} == MISTYPED
    assert found["geocodr"].is_guess


def test_nothing_alike_is_an_empty_page(shelf):
    page = search(q="zzzzqqqq")
    assert (page.listings, page.total, page.is_guess, page.next_cursor) == ([], 0, False, None)


HOSTILE = (
    "'; DROP TABLE catalogue.listings; --",
    "a' OR '1'='1",
    "foo & | ! ( ) : * <->",
    "\\",
    "'",
    '"',
    "%_%",
    "\0",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "the and of",
    "x" * 10_000,
    " ".join("word" for _ in range(5_000)),
    ":* :*",
    "\u202e\u200b",
    "\uff41\uff42\uff43",
    "ß ﬁ İ",
    "1 2 3",
    "e=mc²",
)


@pytest.mark.sec
def test_any_text_is_a_question_and_none_an_error(shelf):
    for text in HOSTILE:
        ask_everywhere(text)


def ask_everywhere(text: str) -> None:
    page = search(
        q=text,
        filters=Filters(categories=(text,), price_models=(text,), publisher=text, kind=text),
        sort=text,
        cursor=text,
    )
    assert page.listings == []
    assert search().total == len(AGENTS)


def cursors():
    def packed(value) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    any_id = "0" * 32
    return [
        "",
        "AAAA",
        "=" * 50,
        "é",
        "A" * 5_000,
        packed(["used"]),
        packed(["used", 1, "not an id"]),
        packed(["used", "1; DROP TABLE x", any_id]),
        packed(["used", True, any_id]),
        packed(["used", 1e400, any_id]),
        packed(["used", 2**80, any_id]),
        packed(["used", None, any_id]),
        packed(["rated", 5, any_id]),
        packed({"used": 1}),
        packed(["used", [1], any_id]),
        packed(["used", 1, [any_id]]),
        packed([[[[]]]]),
    ]


@pytest.mark.sec
def test_a_hostile_cursor_is_the_first_page(shelf):
    first = slugs(search(sort="used"))
    for cursor in cursors():
        assert slugs(search(sort="used", cursor=cursor)) == first, cursor
    assert slugs(search(sort="newest", cursor=_cursor.written("used", 1, shelf["translator"]))) == slugs(
        search(sort="newest")
    )


@given(st.text(max_size=60), st.sampled_from(["best", "used", "rated", "newest", "cheapest"]))
def test_no_text_breaks_the_cursor(text, sort):
    _cursor.read(sort, text)


def test_pages_follow_each_other_without_gap_or_repetition(shelf):
    for sort in catalog.SORTS:
        for asked in ("", "data text pages files"):
            turn_pages(sort, asked)


def turn_pages(sort: str, asked: str) -> None:
    whole = slugs(search(q=asked, sort=sort))
    found, cursor = [], None
    for _ in range(20):
        page = search(q=asked, sort=sort, cursor=cursor, size=4)
        found += slugs(page)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert found == whole
    assert len(set(found)) == len(found)


def test_each_order_sorts_by_its_figure(shelf):
    used = [card.runs_30d for card in search(sort="used").listings]
    assert used == sorted(used, reverse=True)
    newest = [card.published_at for card in search(sort="newest").listings]
    assert newest == sorted(newest, reverse=True)
    rated = [card.rating or 0 for card in search(sort="rated").listings]
    assert rated == sorted(rated, reverse=True)
    costs = [card.cost_p50_micro_usd for card in search(sort="cheapest").listings]
    known = [cost for cost in costs if cost is not None]
    assert costs == sorted(known) + [None] * (len(costs) - len(known))


def test_filters_leave_what_was_ticked(shelf):
    assert set(slugs(search(filters=Filters(categories=("finance",))))) == {"invoice-reader", "bank-reconciler"}
    assert {card.price_model for card in search(filters=Filters(price_models=("free", "usage"))).listings} == {
        "free",
        "usage",
    }
    assert "repo-digest" not in slugs(search(filters=Filters(needs=("no_connection",))))
    assert all(card.is_verified for card in search(filters=Filters(verified=True)).listings)
    assert slugs(search(filters=Filters(kind="chat"))) == ["ask-my-documents"]
    cheap = search(filters=Filters(max_cost_micro_usd=3_000)).listings
    assert all(card.price_model == "free" or card.cost_p50_micro_usd <= 3_000 for card in cheap)
    assert all(card.success_30d >= 0.915 for card in search(filters=Filters(success=0.915)).listings)
    assert all(card.rating >= 4.1 for card in search(filters=Filters(rating=4.1)).listings)
    assert slugs(search(q="csv", filters=Filters(price_models=("per_run",)))) != slugs(search(q="csv"))


def test_listings_that_are_not_open_are_not_found(settings):
    catalog.forget_facets()
    fill(
        data_profiler={"state": "suspended"},
        pii_redactor={"state": "withdrawn"},
        tls_monitor={"state": "deprecated"},
        site_auditor={"visibility": "unlisted"},
        log_triage={"state": "maintenance"},
    )
    found = set(slugs(search()))
    assert {"data-profiler", "pii-redactor", "tls-monitor", "site-auditor"}.isdisjoint(found)
    assert "log-triage" in found


def test_a_page_has_at_most_24_agents_and_a_next_one_only_if_there_is_more(shelf):
    assert len(search(size=1_000).listings) == 22
    assert search(size=1_000).next_cursor is None
    assert len(search(size=-5).listings) == 1


def test_a_rarely_used_agent_with_all_words_is_found_among_hundreds_with_one(settings):
    hundreds = {f"much_used_{number}": {"name": f"CSV Tool {number}", "runs_30d": 1_000} for number in range(600)}
    fill(**hundreds, churn_explainer={"name": "Zephyr CSV Sorter", "runs_30d": 0})
    assert slugs(search(q="zephyr csv"))[0] == "churn-explainer"


def test_more_than_five_hundred_are_not_counted_on(settings):
    fill(**{f"csv_tool_{number}": {"name": "CSV Tool"} for number in range(501)})
    for asked in ("", "csv"):
        page = search(q=asked)
        assert (page.total, page.total_is_capped, len(page.listings)) == (500, True, 24)
    assert not search(q="translator").total_is_capped


def test_quality_lifts_equal_matches(settings):
    catalog.forget_facets()
    fill(
        csv_merger={"name": "CSV Tool", "summary": "Works with CSV.", "tags": ["csv"], "runs_30d": 10, "quality": 20},
        schema_diff={"name": "CSV Tool", "summary": "Works with CSV.", "tags": ["csv"], "runs_30d": 10, "quality": 95},
    )
    assert slugs(search(q="csv tool"))[:2] == ["schema-diff", "csv-merger"]


def test_collections_and_totals_count_public_agents(shelf):
    with public_session() as session:
        made = {one.key: [card.slug for card in one.listings] for one in catalog.collections(session)}
        totals = catalog.totals(session)
    assert "trending" not in made  # nothing has been run, so nothing grows
    assert "ask-my-documents" not in made["no_key"]
    assert made["new_verified"][0] == "csv-merger"
    assert (totals.agents, totals.publishers, totals.runs_30d) == (22, 1, sum(facts[-1] for facts in AGENTS))
