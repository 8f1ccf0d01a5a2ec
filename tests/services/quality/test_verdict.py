"""What a test of a listing expects, and what days of tests make of the listing."""

import pytest

from agent_platform.services.quality import Day, Outcome, state_after, why_failed

GOOD = Outcome("succeeded", "", "", 5, 1.5, 20_000, '[{"n": 1}, ["blue"]]')
REFUSED = Outcome("failed", "input", "input_invalid", 0, 0.2, 0)


@pytest.mark.parametrize(
    ("expect", "outcome", "why"),
    [
        ({"state": "succeeded"}, GOOD, ""),
        (
            {"items_min": 5, "items_max": 5, "seconds_max": 2, "cost_max_micro_usd": 20_000, "contains": "blue"},
            GOOD,
            "",
        ),
        ({"error_class": "input"}, REFUSED, ""),
        ({"error_code": "input_invalid"}, REFUSED, ""),
        ({"state": "failed"}, REFUSED, ""),
        ({"items_min": 6}, GOOD, "expected at least 6 items, got 5"),
        ({"items_max": 4}, GOOD, "expected at most 4 items, got 5"),
        ({"seconds_max": 1}, GOOD, "expected at most 1 s, got 1.5 s"),
        ({"cost_max_micro_usd": 10}, GOOD, "expected a cost of at most 10 micro-dollars, got 20000"),
        ({"contains": "red"}, GOOD, 'expected output that contains "red", got none'),
        ({"items_min": 0}, REFUSED, "expected succeeded, got failed (input: input_invalid)"),
        (
            {"error_class": "upstream"},
            REFUSED,
            "expected an error of class upstream, got failed (input: input_invalid)",
        ),
        ({"error_class": "input"}, GOOD, "expected an error of class input, got succeeded"),
    ],
)
def test_the_first_expectation_that_is_not_met_is_named(expect, outcome, why):
    assert why_failed(expect, outcome) == why


def lived(days: str, start="published") -> list[str]:
    """The states after each day of a history such as `--+`: bad, bad, good."""
    states, before, state = [], [], start
    for sign in days:
        state = state_after(state, passed=sign == "+", before=before)
        before.insert(0, Day(sign == "+", state))
        states.append(str(state))
    return states


def test_three_bad_days_in_a_row_are_maintenance_and_two_are_not():
    assert lived("+--+--+") == ["published"] * 7
    assert lived("+---") == ["published", "published", "published", "maintenance"]


def test_three_good_days_in_a_row_restore_it_and_less_do_not():
    assert lived("---++-++")[-1] == "maintenance"
    assert lived("---++-+++")[-1] == "published"
    assert lived("---+++--")[-1] == "published"


def test_twenty_eight_more_bad_days_end_in_deprecation_whatever_good_days_lie_between():
    assert lived("---" + "-" * 27)[-1] == "maintenance"
    assert lived("---" + "-" * 28)[-1] == "deprecated"
    assert lived("---" + "--+" * 14)[-1] == "deprecated"
    assert lived("---" + "--+" * 13)[-1] == "maintenance"


def test_nothing_but_a_new_version_brings_a_deprecated_listing_back():
    assert lived("+++", start="deprecated") == ["deprecated"] * 3
