"""Rows that are certain to be paid do not wait for the broker; whatever may rest on them does."""

import json

import pytest

from agent_platform.sdk import _outbox
from agent_platform.sdk._errors import AgentError, RunStopped
from agent_platform.sdk._outbox import Emitted, Outbox
from agent_platform.sdk._promises import InOrder, Room
from agent_platform.sdk._run import Run

PRICES = {"row": 200, "page": 300, "": 0}
PLENTY = {"micro_usd": 1_000_000, "rows": 1_000, "bytes": 1_000_000}
CLAIM = {"input": {}, "run_id": "run_1", "attempt": 1, "subject": "s", "deadline": "2099-01-01T00:00:00Z"}


class Desk:
    """A broker that notes the order in which it hears things."""

    def __init__(self, room=PLENTY) -> None:
        self.heard, self.room, self.refuses, self.stop = [], room, False, None

    def take(self, body: bytes) -> dict:
        events = json.loads(body)["events"]
        self.heard += [(event["type"], len(event.get("items", ()))) for event in events]
        if self.refuses:
            raise AgentError("No.", code="refused")
        outcomes = {str(event["seq"]): {"accepted": 1, "dropped": 0} for event in events}
        return {"outcomes": outcomes, "spent_micro_usd": 0, "room": self.room, "stop": self.stop}

    def request(self, method: str, target: str, body: bytes = b"") -> tuple[int, bytes]:
        self.heard.append(method)
        return 404, b""


@pytest.fixture(autouse=True)
def _nothing_is_sent_by_itself(monkeypatch):
    monkeypatch.setattr(_outbox.Outbox, "_flush_soon", lambda _: None)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def outbox(desk):
    return Outbox(desk.take, lambda: None, 0, Room(PRICES, PLENTY))


@pytest.fixture
def run(desk, outbox):
    return Run(CLAIM, outbox, InOrder(desk, outbox))


def test_rows_with_room_wait_together_and_travel_as_one_event(run, outbox, desk):
    answers = [run.emit({"n": n}, event="row", key=str(n)) for n in range(5)]
    assert answers == [Emitted(1, 0, cap_reached=False)] * 5
    assert (desk.heard, run.spent_micro_usd) == ([], 1_000)
    outbox.flush()
    assert (desk.heard, run.spent_micro_usd) == ([("items", 5)], 0)


def test_rows_of_another_event_keep_their_order(run, outbox, desk):
    for event in ("row", "row", "page", None):
        run.emit({}, event=event)
    outbox.flush()
    assert desk.heard == [("items", 2), ("items", 1), ("items", 1)]


def test_the_row_for_which_there_is_no_money_asks_the_broker_and_brings_the_others_along(desk, outbox, run):
    outbox._room.refresh({**PLENTY, "micro_usd": 400})
    for _ in range(3):
        run.emit({}, event="row")
    assert desk.heard == [("items", 2), ("items", 1)]


@pytest.mark.parametrize(
    ("row", "event", "key"),
    [
        ({}, "unknown", None),
        ({"text": "z" * 70_000}, "row", None),
        ({"text": "\x00"}, "row", None),
        ({}, "row", "k" * 101),
        ({}, "row", ""),
        ({}, "", None),
        ({"deep": [[]] * 300}, "row", None),
    ],
)
def test_what_the_broker_could_refuse_is_asked(run, desk, row, event, key):
    run.emit(row, event=event, key=key)
    assert desk.heard == [("items", 1)]


@pytest.mark.parametrize("room", [{**PLENTY, "rows": 0}, {**PLENTY, "bytes": 2}, None])
def test_without_room_nothing_is_promised(desk, run, outbox, room):
    outbox._room.refresh(room)
    run.emit({"n": 1})
    assert desk.heard == [("items", 1)]


def test_any_event_is_certain_where_none_costs(desk):
    outbox = Outbox(desk.take, lambda: None, 0, Room({"*": 0, "": 0}, PLENTY))
    assert Run(CLAIM, outbox, desk).emit({}, event="whatever")
    assert desk.heard == []


def test_the_broker_hears_of_the_rows_before_it_is_asked_for_anything_else(run, desk):
    run.emit({}, event="row")
    run.kv.get("key")
    assert desk.heard == [("items", 1), "GET"]


def test_after_a_call_of_an_agent_nothing_is_certain_until_the_broker_has_answered(run, outbox, desk):
    InOrder(desk, outbox).request("POST", "/runtime/v1/agents")
    run.emit({}, event="row")
    assert desk.heard == ["POST", ("items", 1)]
    run.emit({}, event="row")
    assert desk.heard == ["POST", ("items", 1)]


def test_while_an_agent_is_called_nothing_is_certain(run, outbox, desk):
    seen = []
    desk.request = lambda *_: seen.append(outbox.promise_row("{}", "row", None)) or (200, b"")
    InOrder(desk, outbox).request("POST", "/runtime/v1/agents")
    assert seen == [False]


def test_a_run_that_was_cancelled_is_promised_nothing(run, outbox, desk):
    run.emit({}, event="row")
    desk.stop = "cancelled"
    outbox._flush_later()
    with pytest.raises(RunStopped):
        run.emit({}, event="row")


def test_a_stop_in_the_middle_of_gathering_loses_no_row(run, outbox, desk, monkeypatch):
    run.emit({"n": 1}, event="row")

    def stop(*_):
        raise RunStopped("cancelled")

    with monkeypatch.context() as patch:
        patch.setattr(_outbox, "items_members", stop)
        with pytest.raises(RunStopped):
            outbox.flush()
    outbox.flush()
    assert desk.heard == [("items", 1)]


def test_a_thousand_rows_do_not_wait_for_more(run, desk):
    for n in range(1_000):
        run.emit({"n": n})
    assert desk.heard == [("items", 1_000)]


def test_rows_that_were_refused_behind_the_agents_back_are_told_at_its_next_call(run, outbox, desk):
    run.emit({}, event="row")
    desk.refuses = True
    outbox._flush_later()
    desk.refuses = False
    with pytest.raises(AgentError, match="No"):
        run.emit({}, event="row")
    assert run.emit({}, event="row")
