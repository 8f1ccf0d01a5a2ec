"""The open formula: each factor from evidence to points. Source: product specification, section 12."""

from dataclasses import replace

import pytest

from agent_platform.services import agents, quality
from agent_platform.services.quality import Evidence, lower_bound, quality_of

README = "# What it does\n\n# Input\n\n# Output\n\n| a | b |\n|---|---|\n" + "word " * 300
MANIFEST = {
    "schema": "agentplatform.dev/agent/v1",
    "slug": "counter",
    "name": "Counter",
    "version": "1.0.0",
    "summary": "Counts.",
    "category": "data",
    "kind": "job",
    "source": {"type": "code", "entry": "main:go"},
    "input": {
        "type": "object",
        "required": ["n"],
        "properties": {"n": {"type": "integer", "title": "Number", "description": "How far.", "prefill": 3}},
    },
    "output": {
        "item": {"type": "object", "properties": {"i": {"type": "integer"}}},
        "views": [{"id": "numbers", "type": "table", "columns": ["i"]}],
    },
    "pricing": {"model": "free"},
    "tests": [
        {"name": "one", "input": {"n": 1}, "expect": {"state": "succeeded"}},
        {"name": "two", "input": "prefill", "expect": {"items_min": 1}},
        {"name": "wrong", "input": {}, "expect": {"error_class": "input"}},
    ],
}


def manifest(**changes) -> agents.Manifest:
    return agents.read_manifest(MANIFEST | changes)


BEST = Evidence(
    manifest(),
    readme=README,
    changelog="## 1.0.0",
    good=5_000,
    tests_share=1.0,
    valid_share=1.0,
    within_quote_share=0.95,
    examples=3,
)


def points(evidence, key):
    return next(factor.points for factor in quality_of(evidence).factors if factor.key == key)


def with_permissions(**permissions):
    return replace(BEST, manifest=manifest(permissions=permissions))


def host(name):
    return {"host": name, "why": "Reads it."}


def test_the_factors_add_up_to_a_hundred_and_all_of_them_can_be_had():
    assert sum(rule.most for rule in quality.FACTORS) == 100
    found = quality_of(BEST)
    assert (found.score, found.next_best) == (100, None)
    for rule, factor in zip(quality.FACTORS, found.factors, strict=True):
        assert sum(check.most for check in factor.checks) == rule.most


@pytest.mark.parametrize(
    ("good", "bad", "bound"), [(0, 0, 0.0), (20, 0, 0.8808), (95, 5, 0.9008), (990, 10, 0.9833), (5_000, 0, 0.9995)]
)
def test_the_lower_bound_of_wilson_s_interval(good, bad, bound):
    assert lower_bound(good, bad) == pytest.approx(bound, abs=0.0002)


@pytest.mark.parametrize(
    ("good", "bad", "tests", "wanted"),
    [
        (19, 0, 1.0, 12),  # under twenty runs only the tests count
        (19, 0, 0.5, 6),
        (0, 0, None, 0),
        (20, 0, 1.0, 20 * (0.8808 - 0.80) / 0.19 + 5),
        (10, 10, 1.0, 5),
        (5_000, 0, 0.0, 20),
    ],
)
def test_reliability(good, bad, tests, wanted):
    assert points(replace(BEST, good=good, bad=bad, tests_share=tests), "reliability") == pytest.approx(
        wanted, abs=0.05
    )


@pytest.mark.parametrize(
    ("good", "bad", "tests", "said"),
    [
        (
            14,
            2,
            None,
            "At the last hourly count there were 16 of the 20 runs it takes, and no daily test had run, so it begins at 0.",
        ),
        (
            0,
            0,
            1.0,
            "At the last hourly count there were 0 of the 20 runs it takes; until then daily tests decide, up to 12 points.",
        ),
        (19, 2, None, "From 21 runs it is sure only that 74 % or more succeed; points begin above 80 %."),
        (20, 0, None, ""),
    ],
)
def test_reliability_says_why_it_gives_few_points_for_runs_that_are_there(good, bad, tests, said):
    found = quality_of(replace(BEST, good=good, bad=bad, tests_share=tests))
    [reliability] = [one for one in found.factors if one.key == "reliability"]
    assert "".join(check.note for check in reliability.checks) == said


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, 20),
        ({"readme": ""}, 12),
        ({"readme": "# Input\n" + "word " * 300}, 17),
        ({"readme": "# What\n# Input\n# Output\n```\nx\n```"}, 16),
        ({"changelog": " "}, 18),
        ({"manifest": manifest(input={"type": "object", "properties": {"n": {"type": "integer", "prefill": 1}}})}, 15),
        ({"examples": 2}, 18),
        ({"examples": 1}, 18),
        ({"examples": 0}, 16),
        ({"examples": 20}, 20),
    ],
)
def test_documentation(changes, wanted):
    assert points(replace(BEST, **changes), "documentation") == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, 20),
        ({"valid_share": 0.5}, 17),
        ({"valid_share": None}, 14),
        ({"manifest": manifest(tests=MANIFEST["tests"][:2])}, 17),
        ({"manifest": manifest(tests=MANIFEST["tests"][:2] * 1)}, 17),
        ({"manifest": manifest(output={})}, 14),
        (
            {
                "manifest": manifest(
                    input={
                        "type": "object",
                        "required": ["n"],
                        "properties": {"n": {"type": "integer", "minimum": 5, "prefill": 5}},
                    },
                )
            },
            20,
        ),
    ],
)
def test_input_and_output(changes, wanted):
    assert points(replace(BEST, **changes), "input_output") == wanted


@pytest.mark.parametrize(
    ("permissions", "wanted"),
    [
        ({}, 15),
        ({"network": [host("a.example.com")]}, 15),
        ({"network": [host("*")]}, 11),
        ({"network": [host(f"h{n}.example.com") for n in range(5)]}, 13),
        ({"network": [host(f"h{n}.example.com") for n in range(9)]}, 12),
        ({"network": [{**host("a.example.com"), "methods": ["POST"]}]}, 13),
        ({"models": ["default"], "agents": ["maker/other"]}, 13),
        ({"connections": {"mail": {"connector": "gmail", "actions": ["delete_message"], "why": "Tidies."}}}, 10),
    ],
)
def test_permissions(permissions, wanted):
    assert points(with_permissions(**permissions), "permissions") == wanted


def test_what_is_declared_and_never_used_costs_points_once_tests_have_run():
    declared = with_permissions(network=[host("a.example.com"), host("*.example.org")])
    assert points(declared, "permissions") == 15
    assert points(replace(declared, hosts_used=frozenset({"a.example.com"})), "permissions") == 12
    used = frozenset({"a.example.com", "www.example.org"})
    assert points(replace(declared, hosts_used=used), "permissions") == 15


@pytest.mark.parametrize(
    ("pricing", "share", "wanted"),
    [
        ({"model": "free"}, 0.9, 10),
        ({"model": "free"}, 0.45, 8),
        ({"model": "free"}, None, 6),
        ({"model": "usage", "factor": "1.2", "refund_on_agent_failure": "unused"}, 1.0, 7),
        (
            {
                "model": "subscription",
                "monthly": "4.00",
                "events": {"digest": {"title": "Digest", "price": "0.40"}},
                "refund_on_agent_failure": "none",
            },
            1.0,
            7,
        ),
    ],
)
def test_price_clarity(pricing, share, wanted):
    assert points(replace(BEST, manifest=manifest(pricing=pricing), within_quote_share=share), "price") == wanted


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, 10),
        ({"version_days": 91}, 9),
        ({"version_days": 366}, 7),
        ({"maintenance_days": 1}, 7),
        ({"reply_hours": 48.0}, 10),
        ({"reply_hours": 100.0}, 9),
        ({"reply_hours": 200.0}, 8),
        ({"price_rises": 2}, 8),
    ],
)
def test_upkeep(changes, wanted):
    assert points(replace(BEST, **changes), "upkeep") == wanted


def test_the_next_best_action_is_where_most_points_are_missing():
    assert "daily tests" in quality_of(replace(BEST, good=0, tests_share=0.0)).next_best.advice
    assert quality_of(replace(BEST, changelog="")).next_best.advice == "Add CHANGELOG.md."


def test_nobody_is_advised_to_do_what_only_time_or_runs_bring():
    unknown = {"tests_share": None, "valid_share": None, "within_quote_share": None}
    assert quality_of(replace(BEST, good=20, **unknown)).next_best is None
    assert "fail" in quality_of(replace(BEST, good=20, bad=5)).next_best.advice


def test_a_score_is_never_beyond_its_ends():
    wild = [host("*"), *(host(f"h{n}.example.com") for n in range(9))]
    worst = replace(
        with_permissions(network=wild, models=["default"], agents=["a-b/c-d-e"]),
        good=0,
        bad=50,
        readme="",
        changelog="",
        tests_share=0.0,
        hosts_used=frozenset(),
    )
    assert all(0 <= factor.points <= factor.most for factor in quality_of(worst).factors)
