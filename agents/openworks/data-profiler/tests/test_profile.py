"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from pathlib import Path

from main import profile

from agent_platform.sdk.testing import run_agent

SAMPLE = Path(__file__).parents[1] / "samples" / "customers.csv"


def test_the_sample_file_gets_a_row_per_column_and_two_files():
    run = run_agent(profile, {}, files={"file": SAMPLE})
    types = {item["column"]: item["type"] for item in run.items}
    assert types["customer_id"] == "text"
    assert types["monthly_eur"] == "number"
    assert types["signup"] == "date"
    assert types["active"] == "boolean"
    assert run.result["duplicates"] == 1
    assert set(run.files) == {"cleaned.csv", "report.html"}


def test_pasted_text_works_too():
    run = run_agent(profile, {"text": "a,b\n1,x\n3,y\n"})
    assert run.items[0]["mean"] == 2
    assert run.files["cleaned.csv"] == b"a,b\r\n1,x\r\n3,y\r\n"


def test_nothing_given_is_an_input_error():
    run = run_agent(profile, {})
    assert run.error.failure_class == "input"
    assert run.error.field == "file"
