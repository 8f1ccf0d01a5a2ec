"""What an attempt is promised is exactly what it then gets."""

from agent_platform.sdk._promises import Room
from tests.services.runs.conftest import item


def promised(document: dict, answer: dict | None = None) -> int:
    """How many rows of the event the SDK would call certain."""
    room, rows = Room(document["row_prices"], (answer or document)["room"]), 0
    while room.take("page", 20) and rows < 1_000:
        rows += 1
    return rows


def test_the_promised_rows_are_accepted_and_the_next_one_is_not(bench):
    run = bench.running(cap_micro_usd=10_000)
    document = bench.hand_input(run).document
    assert promised(document) == 5
    answer = bench.speak(run, item(1, 2))
    assert promised(document, answer) == 3
    answer = bench.speak(run, item(2, 3))
    assert answer["outcomes"]["2"] == {"accepted": 3, "dropped": 0, "cap_reached": False}
    assert promised(document, answer) == 0
    assert bench.speak(run, item(3, 1))["outcomes"]["3"]["dropped"] == 1


def test_a_run_that_is_stopping_is_promised_nothing(bench):
    run = bench.running(cap_micro_usd=10_000)
    answer = bench.speak(run, item(1, 6))
    assert (answer["stop"], answer["room"]) == ("capped", {"micro_usd": 0, "rows": 0, "bytes": 0})
