"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from pathlib import Path

from main import redact

from agent_platform.sdk.testing import run_agent

SAMPLE = Path(__file__).parents[1] / "samples" / "support-tickets.csv"


def test_the_sample_loses_its_personal_data_and_nothing_else():
    run = run_agent(redact, {}, files={"file": SAMPLE})
    masked = run.files["masked.csv"].decode()
    assert "anna.berg@example.com" not in masked
    assert "DE89" not in masked
    assert "4111 1111 1111 1112 is not mine" in masked
    assert run.result["kinds"]["email"] == 10


def test_pasted_text_works_too():
    run = run_agent(redact, {"text": "Write to a@example.org."})
    assert run.files["masked.txt"] == b"Write to [EMAIL]."
    assert run.items[0]["place"] == "1:10"


def test_nothing_given_is_an_input_error():
    run = run_agent(redact, {})
    assert run.error.failure_class == "input"
    assert run.error.field == "file"
