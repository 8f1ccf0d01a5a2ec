"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from pathlib import Path

from main import triage

from agent_platform.sdk.testing import run_agent

SAMPLE = Path(__file__).parents[1] / "samples" / "orders.log"


def test_the_sample_s_incident_began_when_the_pool_ran_dry():
    run = run_agent(triage, {}, files={"file": SAMPLE})
    assert run.result["began_at"] == "2026-11-14T06:12:05Z"
    assert run.items[0]["template"].startswith("[pool] No connection")
    note = run.files["incident.md"].decode()
    assert "Release orders 4.18.0 started, pool size 20 (was 60)" in note


def test_pasted_lines_work_too():
    run = run_agent(triage, {"text": "ERROR disk sda1 is full\nERROR disk sdb7 is full\n"})
    assert [(item["count"], item["level"]) for item in run.items] == [(2, "error")]


def test_nothing_given_is_an_input_error():
    run = run_agent(triage, {})
    assert run.error.failure_class == "input"
    assert run.error.field == "file"
