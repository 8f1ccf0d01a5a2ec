"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from pathlib import Path

from main import digest

from agent_platform.sdk.testing import run_agent

SAMPLE = Path(__file__).parents[1] / "samples" / "parcels.tar.gz"


def test_the_sample_s_digest_says_where_it_begins_and_what_it_needs():
    run = run_agent(digest, {"max_tokens": 6000}, files={"file": SAMPLE})
    text = run.files["digest.md"].decode()
    assert (run.result["licence"], run.result["todos"], run.result["files"]) == ("MIT", 3, 14)
    assert "`src/parcels/__main__.py`" in text.partition("## Dependencies")[0]
    assert "`starlette`" in text
    assert "PARCELS_TOKEN" not in text
    assert run.result["tokens"] <= 6000


def test_a_repository_on_github_is_fetched_as_an_archive():
    address = "https://codeload.github.com/mica-tools/parcels/tar.gz/HEAD"
    run = run_agent(digest, {"repo": "mica-tools/parcels"}, {f"GET {address}": SAMPLE.read_bytes()})
    assert run.error is None
    assert run.files["digest.md"].startswith(b"# mica-tools/parcels\n")


def test_nothing_given_is_an_input_error():
    run = run_agent(digest, {})
    assert (run.error.failure_class, run.error.field) == ("input", "file")
