"""What a right manifest says, with its defaults and its money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_platform.core.money import parse_usd
from agent_platform.services import agents
from agent_platform.services.agents import Resources
from tests.services.agents.samples import manifest, text_of

SPECIFIED = """
schema: agentplatform.dev/agent/v1
slug: site-auditor                       # immutable
name: Site Auditor
version: 2.3.1
summary: Polite same-host crawl for broken links, titles, meta, sitemap and page weight.
category: web
tags: [links, seo, crawl]
kind: job
source: {type: code, entry: "main:audit", python: ">=3.11"}
input:
  type: object
  required: [start_url]
  properties:
    start_url: {type: string, format: uri, title: Start URL, description: Pages on this host only., prefill: "https://example.com/"}
    max_pages: {type: integer, title: Maximum pages, minimum: 1, maximum: 10000, default: 200, prefill: 10, unit: pages}
    skip:      {type: array, items: {type: string}, title: Skip paths, default: [], editor: tags, section: Options}
output:
  item:
    type: object
    required: [path, status]
    properties: {path: {type: string}, status: {type: integer}, title: {type: string}, broken_links: {type: integer}, bytes: {type: integer}}
  result: {type: object, properties: {pages: {type: integer}, broken: {type: integer}}}
  files: [{name: report.html, media_type: text/html, title: Report}]
  views: [{id: pages, title: Pages, type: table, columns: [path, status, title, broken_links, bytes]}, {id: report, type: file, file: report.html}]
permissions:
  network: [{host: "${input.start_url}", ports: [80, 443], methods: [GET, HEAD], why: Reads the pages to audit.}]
  connections: {}
  models: []
  agents: []
  state: true
env: {USER_AGENT: site-auditor/2}
resources: {memory_mb: 512, cpu: 0.5, disk_mb: 256, timeout_seconds: 600, parallel_runs: 50}
demo: false
pricing:
  model: per_event
  events:
    page: {title: Page checked, price: "0.002", primary: true, free_per_month: 0,
           tiers: [{from: 10000, price: "0.0017"}, {from: 100000, price: "0.0014"}]}
    external_link: {title: External link checked, price: "0.0001"}
  costs: included
  charge_on: stored
  smallest_cap: "0.02"
  trial: {runs: 1, max: "0.20"}
  refund_on_agent_failure: full
tests:
  - {name: example.com, input: prefill, expect: {state: succeeded, items_min: 1, seconds_max: 30, cost_max: "0.05"}}
  - {name: bad host, input: {start_url: "https://no-such-host.invalid/"}, expect: {error_class: upstream}}
"""


def parse(**changes) -> agents.Manifest:
    return agents.parse_manifest(text_of(manifest(**changes)))


def test_the_manifest_of_the_specification_is_right():
    read = agents.parse_manifest(SPECIFIED)
    assert (read.slug, read.version, read.entry, read.permission_level) == (
        "site-auditor",
        "2.3.1",
        "main:audit",
        "low",
    )
    assert read.resources == Resources(512, 0.5, 256, 600, 50)
    assert read.output["views"][1] == {"id": "report", "title": "Report", "type": "file", "file": "report.html"}
    assert read.tests[0]["expect"]["cost_max_micro_usd"] == 50_000
    assert read.price == {
        "model": "per_event",
        "currency": "USD",
        "costs": "included",
        "charge_on": "stored",
        "events": {
            "page": {
                "title": "Page checked",
                "price_micro_usd": 2000,
                "primary": True,
                "tiers": [{"from": 10_000, "price_micro_usd": 1700}, {"from": 100_000, "price_micro_usd": 1400}],
                "free_per_month": 0,
            },
            "external_link": {
                "title": "External link checked",
                "price_micro_usd": 100,
                "primary": False,
                "tiers": [],
                "free_per_month": 0,
            },
        },
        "refund_on_agent_failure": "full",
        "smallest_cap_micro_usd": 20_000,
        "trial": {"runs": 1, "max_micro_usd": 200_000},
    }


def test_what_is_left_out_has_the_specified_default():
    read = parse(tags=None, input=None, output=None, pricing=None)
    assert (read.kind, read.tags, read.env, read.demo, read.tests) == ("job", (), {}, False, [])
    assert read.input_schema == {"type": "object", "properties": {}}
    assert read.output == {"item": None, "result": None, "files": [], "views": []}
    assert read.permissions == {"network": [], "connections": {}, "models": [], "agents": [], "state": False}
    assert read.resources == Resources(512, 0.5, 256, 600, 50)
    assert (read.price["model"], read.price["events"], read.price["smallest_cap_micro_usd"]) == ("free", {}, 10_000)


def test_a_price_per_run_is_one_event():
    price = parse(pricing={"model": "per_run", "price": "0.02", "charge_on": "valid_output"}).price
    assert price["events"] == {
        "run": {"title": "Run", "price_micro_usd": 20_000, "primary": True, "tiers": [], "free_per_month": 0}
    }
    assert (price["charge_on"], price["smallest_cap_micro_usd"]) == ("valid_output", 20_000)


def test_the_only_event_is_the_primary_one():
    price = parse(pricing={"model": "per_event", "events": {"page": {"title": "Page", "price": "0.5"}}}).price
    assert price["events"]["page"]["primary"]
    assert price["smallest_cap_micro_usd"] == 500_000


def test_usage_and_subscription_keep_their_own_figures():
    assert parse(pricing={"model": "usage", "factor": 1.2}).price["factor_thousandths"] == 1200
    events = {"digest": {"title": "Digest", "price": "0.40"}}
    price = parse(
        pricing={
            "model": "subscription",
            "monthly": "4.00",
            "trial_days": 14,
            "included": {"digest": 8},
            "events": events,
        }
    ).price
    assert (price["monthly_micro_usd"], price["trial_days"], price["included"]) == (4_000_000, 14, {"digest": 8})


@pytest.mark.parametrize(
    ("permissions", "level"),
    [
        ({}, "low"),
        ({"state": True}, "low"),
        ({"network": [{"host": f"h{n}.example", "why": "w"} for n in range(3)]}, "low"),
        ({"network": [{"host": f"h{n}.example", "why": "w"} for n in range(4)]}, "medium"),
        ({"network": [{"host": "a.example", "methods": ["POST"], "why": "w"}]}, "medium"),
        ({"models": ["default"]}, "medium"),
        ({"agents": ["harbor/site-auditor"]}, "medium"),
        ({"connections": {"gh": {"connector": "github", "actions": ["list_issues"], "why": "w"}}}, "medium"),
        ({"connections": {"gh": {"connector": "github", "actions": ["create_issue"], "why": "w"}}}, "high"),
        ({"network": [{"host": "*", "why": "w"}]}, "high"),
    ],
)
def test_the_level_follows_from_what_is_asked(permissions, level):
    assert parse(permissions=permissions).permission_level == level


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "2026-11-22", "12:30", "1_000", "0x", "~x"])
def test_plain_words_are_text_and_nothing_else(word):
    made = text_of(manifest()).replace("Finds broken links.", word)
    assert agents.parse_manifest(made).summary == word


def test_schemas_may_refer_to_their_own_definitions():
    schema = {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/place"}, "b": {"type": "array", "items": {"$ref": "#/$defs/place"}}},
        "$defs": {"place": {"type": "object", "properties": {"city": {"type": "string"}}}},
    }
    assert parse(input=schema).input_schema == schema


def test_either_of_two_fields_can_be_asked_for():
    schema = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "file": {"type": "string", "format": "file", "accept": ["text/csv"]},
        },
        "anyOf": [{"required": ["text"]}, {"required": ["file"]}],
    }
    assert parse(input=schema).input_schema == schema


def test_the_public_manifest_keeps_variables_and_sources_back():
    read = parse(env={"KEY": "creator-only"}, source__python=">=3.11")
    shown = agents.public_manifest(read)
    assert "creator-only" not in str(shown)
    assert agents.read_manifest(shown).price == read.price


@given(st.integers(min_value=0, max_value=1_000_000_000))
def test_every_amount_survives_as_decimal_text(micro):
    text = format(Decimal(micro) / 1_000_000, "f")
    assert parse_usd(text) == micro
    price = agents.parse_manifest(text_of(manifest(pricing={"model": "per_run", "price": text}))).price
    assert price["events"]["run"]["price_micro_usd"] == micro


@given(st.text(max_size=12))
def test_no_text_is_money_by_accident(text):
    try:
        micro = parse_usd(text)
    except ValueError:
        return
    assert 0 <= micro <= 1_000_000_000
    assert Decimal(text.strip()) * 1_000_000 == micro
