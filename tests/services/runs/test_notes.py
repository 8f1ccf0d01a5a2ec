"""What the log tells the creator of an agent, in their own workspace and nowhere else."""

import pytest
from sqlalchemy import text

from agent_platform.core.db.tenant import tenant_session
from agent_platform.models.agents import AgentVersion
from agent_platform.services import runs
from tests.doubles.running import end, line, make_run, make_workspace, speak
from tests.services.agents.samples import manifest
from tests.services.runs.conftest import item

TRACE = 'Traceback (most recent call last):\n  File "/agent/main.py", line 7, in go\n    row["colour"]\nKeyError: \'colour\'\n'
FAILURE = {"type": "error", "class": "agent", "message": "KeyError: 'colour'", "retryable": True, "traceback": TRACE}
PER_PAGE = {"model": "per_event", "events": {"page": {"title": "Page", "price": "0.002", "primary": True}}}
OWN = {"model": "own", "costs": "pass_through", "events": {}, "smallest_cap_micro_usd": 0}


@pytest.fixture
def workspace(settings):
    return make_workspace("northwind")


def priced(workspace, pricing):
    with tenant_session(workspace.id) as session:
        version = session.get_one(AgentVersion, (workspace.id, workspace.version_id))
        version.manifest = manifest(pricing=pricing)


def log_of(tenant_id, run_id):
    with tenant_session(tenant_id) as session:
        return [(one.level, one.text) for one in runs.log_tail(session, run_id=run_id)]


def test_the_creator_reads_type_and_traceback_in_the_log_of_an_own_run(workspace):
    run_id = make_run(workspace, price=OWN)
    speak(workspace, run_id, line("before"), FAILURE)
    assert log_of(workspace.id, run_id) == [("info", "before"), ("error", TRACE.rstrip())]
    end(workspace, run_id, exit_code=1)
    with tenant_session(workspace.id) as session:
        run = runs.get_run(session, run_id=run_id)
    assert (run.failure_message, run.attempt) == ("KeyError: 'colour'", 1)


@pytest.mark.sec
def test_a_consumer_reads_type_and_sentence_only(bench):
    run = bench.running()
    bench.speak(run, {"seq": 1, "type": "log", "level": "info", "text": "before"}, {"seq": 2, **FAILURE})
    bench.end(run, phase="failed", reason="error", exit_code=1)
    assert log_of(bench.consumer, run.id) == [("info", "before")]
    found = bench.now(run)
    assert found.failure_message == "KeyError: 'colour'"
    assert "/agent/main.py" not in str([event.body for event in events_of(bench, run)])


def events_of(bench, run):
    with tenant_session(bench.consumer) as session:
        return runs.list_events(session, run_id=run.id)


def test_an_event_that_the_price_list_does_not_have_is_named_once_in_an_attempt(workspace):
    priced(workspace, PER_PAGE)
    run_id = make_run(workspace, price=OWN)
    speak(workspace, run_id, {"type": "items", "items": [{"path": "/"}], "event": "pages"})
    speak(workspace, run_id, {"type": "items", "items": [{"path": "/a"}], "event": "pages"})
    speak(workspace, run_id, {"type": "charge", "event": "page"}, {"type": "charge", "event": "link"})
    assert [(level, text.partition(". It costs")[0]) for level, text in log_of(workspace.id, run_id)] == [
        ("warn", "The price list has no event 'pages'; it has page"),
        ("warn", "The price list has no event 'link'; it has page"),
    ]
    with tenant_session(workspace.id) as session:
        assert session.execute(text("SELECT count(*) FROM app.run_items")).scalar_one() == 2


@pytest.mark.parametrize(
    ("pricing", "event", "words"),
    [
        ({"model": "per_run", "price": "0.02"}, "run", ["The price of the run is taken by the platform"]),
        ({"model": "per_run", "price": "0.02"}, "page", ["The price list has no event 'page'; it has none"]),
        ({"model": "free"}, "page", []),
        (PER_PAGE, None, []),
    ],
)
def test_the_note_says_what_would_happen_elsewhere(workspace, pricing, event, words):
    priced(workspace, pricing)
    run_id = make_run(workspace, price=OWN)
    speak(workspace, run_id, {"type": "items", "items": [{"path": "/"}], **({"event": event} if event else {})})
    said = [text for _, text in log_of(workspace.id, run_id)]
    assert [text.startswith(start) for text, start in zip(said, words, strict=True)] == [True] * len(words)


def test_elsewhere_the_same_event_is_refused(bench):
    run = bench.running()
    with pytest.raises(runs.EventRefused, match="The price list has no event 'pages'"):
        bench.speak(run, item(1, 1, event="pages"))
