"""What an agent's page says without a script, to people and to machines."""

import pytest

from tests.api.site.listed import list_agent, review_agent, score_agent
from tests.api.site.reading import Read, read

pytestmark = pytest.mark.usefixtures("agent")


async def test_an_agent_s_page_tells_without_a_script_what_the_database_knows(browser):
    page = await read(browser, "/agents/harbor/site-auditor")
    for fact in ("Site Auditor", "Finds broken links.", "$0.02 / run", "98.1 %", "212", "1,481 runs", "3.2 s", "1.0.0"):
        assert fact in page.text
    assert "Follows every link" in " ".join(page.text.split())
    assert "Start url" in page.text
    assert {"/", "/agents", "/agents?category=web"} <= set(page.anchors)
    assert "/sign-in?next=%2Fagents%2Fharbor%2Fsite-auditor%3Ftab%3Drun" in page.anchors
    twin = (await browser.get("/agents/harbor/site-auditor.md")).text
    assert "- Success, 30 days: 98.1 %" in twin
    assert "- Price: $0.02 / run" in twin
    assert "# Audits" in twin


async def test_how_a_program_runs_it_stands_there_too(browser, base):
    fields = {
        "url": {"type": "string", "title": "Page", "prefill": "https://example.com/it's"},
        "depth": {"type": "integer", "title": "Depth", "default": 2},
        "note": {"type": "string", "title": "Note"},
        "token": {"type": "string", "secret": True, "title": "Token"},
        "name": {"type": "string", "title": "Name"},
        "loud": {"type": "boolean", "title": "Loud"},
    }
    schema = {"type": "object", "required": ["url", "token", "name", "loud"], "properties": fields}
    list_agent("called", made={"input": schema})
    for said in (
        (await read(browser, "/agents/harbor/called")).text,
        (await browser.get("/agents/harbor/called.md")).text,
    ):
        assert f'curl -sS "{base}/v1/agents/harbor/called/runs"' in said
        assert '"url": "https://example.com/it\\u0027s",' in said
        assert '"depth": 2' in said
        assert ('"loud": false' in said, '"token": "YOUR_SECRET"' in said, '"note"' in said) == (True, True, False)
        assert "Add name." in said
    assert "/v1/agents/harbor/called/openapi.json" in (await read(browser, "/agents/harbor/called")).anchors


async def test_an_agent_that_rests_says_how_a_program_runs_it_as_long_as_anybody_may(browser):
    for state, shown in (("maintenance", True), ("deprecated", False)):
        list_agent(f"in-{state}", state=state)
        assert ("curl -sS" in (await browser.get(f"/agents/harbor/in-{state}.md")).text) is shown


async def test_a_free_agent_says_that_its_sandbox_time_is_paid(browser):
    list_agent("gift", price_model="free", price_label="Free", price_unit="")
    assert "- Price: Free + sandbox time" in (await browser.get("/agents/harbor/gift.md")).text


async def test_an_agent_is_described_to_machines_with_its_offer(browser, base):
    page = await read(browser, "/agents/harbor/site-auditor")
    agent = page.object("SoftwareApplication")
    assert agent["url"] == f"{base}/agents/harbor/site-auditor"
    assert agent["offers"][0]["price"] == "0.02"
    assert agent["offers"][0]["priceCurrency"] == "USD"
    assert agent["interactionStatistic"]["userInteractionCount"] == 1481
    assert "aggregateRating" not in agent
    trail = page.object("BreadcrumbList")["itemListElement"]
    assert [one["name"] for one in trail] == ["Home", "Agents", "Web", "Site Auditor"]
    assert agent["provider"]["name"] == "Agent Platform"


async def test_only_a_rating_that_the_page_shows_is_claimed(browser):
    list_agent("rated-one", rating=4.3, rating_count=12)
    page = await read(browser, "/agents/harbor/rated-one")
    assert page.object("SoftwareApplication")["aggregateRating"]["ratingCount"] == 12
    assert "Rated 4.3 of 5 by 12." in page.text


async def test_what_was_made_for_measuring_is_not_told_to_anybody_as_if_it_were_used(browser):
    list_agent("made-up", rating=4.3, rating_count=12, runs_30d=9_000_000, is_synthetic=True)
    answer = await browser.get("/agents/harbor/made-up")
    page = Read.of(answer.text)
    assert (answer.status_code, answer.headers["x-robots-tag"], page.metas["robots"][:7]) == (200, "noindex", "noindex")
    assert not {"aggregateRating", "interactionStatistic", "review"} & set(page.object("SoftwareApplication"))
    for path in ("/llms.txt", "/", "/index.md"):
        text = (await browser.get(path)).text
        assert "harbor/site-auditor" in text
        assert "made-up" not in text


async def test_reviews_are_shown_and_described_as_they_were_written(browser):
    review_agent("site-auditor", stars=4, text="Found <b>everything</b>.", label="Mia, Acme", reply="Thank you.")
    page = await read(browser, "/agents/harbor/site-auditor")
    assert "4 of 5, Mia, Acme, after running 1.0.0" in page.text
    assert "The publisher replied" in page.text
    described = page.object("SoftwareApplication")["review"][0]
    assert (described["author"]["name"], described["reviewRating"]["ratingValue"]) == ("Mia, Acme", 4)
    assert described["reviewBody"] == "Found <b>everything</b>."
    assert "b" not in [tag for tag, _ in page.tags]


async def test_an_agent_that_is_not_listed_is_shown_but_not_to_search_engines(browser):
    list_agent("by-link", visibility="unlisted")
    list_agent("retired", state="deprecated")
    for slug in ("by-link", "retired"):
        answer = await browser.get(f"/agents/harbor/{slug}")
        assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "noindex")
    list_agent("gone", state="withdrawn")
    assert (await browser.get("/agents/harbor/gone")).status_code == 404


async def test_a_page_without_scripts_and_its_twin_say_the_whole_price_and_the_quality(browser):
    page = {"title": "Page checked", "price": "0.002", "primary": True, "tiers": [{"from": 10_000, "price": "0.0017"}]}
    pricing = {"model": "per_event", "charge_on": "stored", "costs": "included", "events": {"page": page}}
    list_agent("tiered", made={"pricing": pricing}, quality=92)
    score_agent("tiered", 92)
    read_page = (await read(browser, "/agents/harbor/tiered")).text
    twin = (await browser.get("/agents/harbor/tiered.md")).text
    for said in ("$0.0017 from 10,000", "Platform at fault: everything refunded", "Quality: 92 of 100", "Reliability"):
        assert said in read_page
        assert said in twin
    assert "quality 92" in " ".join((await read(browser, "/agents")).text.split())
    assert "Quality 92." in (await browser.get("/agents.md")).text


async def test_how_soon_the_maintainer_replies_is_a_fact_where_it_is_known(browser):
    review_agent("site-auditor", stars=4, text="Good.", label="Mia, Acme")
    assert "Maintainer replies in" not in (await read(browser, "/agents/harbor/site-auditor")).text
    review_agent("site-auditor", stars=4, text="Good.", label="Ben, Beta", reply="Thank you.")
    page = await read(browser, "/agents/harbor/site-auditor")
    assert "Maintainer replies in" in page.text
    assert "1 of 2 reviews answered" in page.text
