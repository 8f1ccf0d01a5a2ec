"""Run with `pytest` in this folder; needs the platform's SDK on the path."""

from pathlib import Path

from main import ask

from agent_platform.sdk.testing import run_agent

SAMPLES = Path(__file__).parents[1] / "samples"
HANDBOOK = {"handbook.md": SAMPLES / "handbook.md"}


def asked(question: str):
    return run_agent(ask, {"question": question, "files": ["handbook.md"]}, files=HANDBOOK)


def test_the_answer_is_a_quote_that_stands_on_the_line_it_names():
    run = asked("How many days of leave may be carried over into the next year?")
    source = run.result["sources"][0]
    line = HANDBOOK["handbook.md"].read_text().splitlines()[int(source.rpartition(" ")[2]) - 1]
    assert run.result["answer"].startswith("\u201cUp to 5 days may be carried over")
    assert line.startswith("Up to 5 days may be carried over")


def test_what_the_documents_do_not_say_is_not_answered():
    run = asked("Which colour has the company car of the founder?")
    assert run.result["answered"] is False
    assert run.result["answer"].startswith("Your documents do not answer this.")


def test_nothing_given_is_an_input_error():
    run = run_agent(ask, {"question": "How many days?"})
    assert (run.error.failure_class, run.error.field) == ("input", "files")
