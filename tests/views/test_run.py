"""The strip and the panel of a run say exactly what its row says."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from agent_platform.core.ids import new_id
from agent_platform.core.policy import Caller
from agent_platform.models.run_records import RunEvent
from agent_platform.models.runs import FailureClass, Run, RunAttempt, RunState, StopReason
from agent_platform.services.billing import History
from agent_platform.views.quotes import read_cap
from agent_platform.views.run import cost_so_far, head_of, may_stop, strip_of
from agent_platform.views.run_failure import trouble_of
from agent_platform.views.run_timeline import bars_of, happenings_of
from agent_platform.views.run_words import one_line

NOW = datetime(2026, 11, 22, 6, 53, 24, tzinfo=UTC)
MARA = Caller(new_id(), "Mara Okafor", new_id(), "northwind", "member", (), new_id())
PER_PAGE = {
    "model": "per_event",
    "costs": "included",
    "charge_on": "stored",
    "events": {"page": {"title": "Page checked", "price_micro_usd": 2_000, "primary": True}},
    "refund_on_agent_failure": "full",
}
FREE = {
    "model": "free",
    "costs": "pass_through",
    "charge_on": "stored",
    "events": {},
    "refund_on_agent_failure": "full",
}


def run_of(**changes):
    values = {
        "tenant_id": MARA.tenant_id,
        "agent_ref": "openworks/site-auditor",
        "agent_name": "Site Auditor",
        "version": "2.3.1",
        "state": RunState.RUNNING,
        "title": "docs.northwind.example",
        "price": PER_PAGE,
        "cap_micro_usd": 500_000,
        "charged_micro_usd": 166_000,
        "memory_mb": 512,
        "timeout_seconds": 600,
        "idempotency_key": "k",
        "started_by_user_id": MARA.user_id,
        "started_by_name": "Mara Okafor",
        "item_count": 83,
        "queued_at": NOW - timedelta(seconds=50),
        "started_at": NOW - timedelta(seconds=47.6),
    }
    return Run(**{**values, **changes})


def final(**changes):
    return run_of(finished_at=NOW, **changes)


def strip(run, attempts=(), **asked):
    return strip_of(run, attempts, now=NOW, zone=UTC, **asked)


def test_who_ran_out_of_memory_is_told_only_what_can_be_done():
    said = trouble(run_of(state=RunState.FAILED, failure_class=FailureClass.AGENT, failure_code="out_of_memory"))
    assert "Its creator can give it more memory" in str(said)
    assert "run it again with more memory" not in str(said)


def trouble(run, events=()):
    return trouble_of(run, events, now=NOW, zone=UTC)


def event(kind, **body):
    return RunEvent(tenant_id=new_id(), run_id=new_id(), created_at=NOW, seq=1, kind=kind, body=body)


def amounts(view):
    return {line.label: line.amount.lead + line.amount.tail for line in view.money}


def test_a_running_run_says_its_cost_exactly_and_what_is_left():
    seen = strip(run_of(progress_done=83, progress_total=200, progress_message="Checking pages"))
    assert (seen.cost.lead, seen.cost.tail) == ("$0.166", "000")
    assert (seen.of_cap, seen.used) == (
        "of $0.50 hard cap",
        "33 % used, room for 167 \N{MULTIPLICATION SIGN} page checked",
    )
    assert (seen.message, seen.progress, seen.elapsed) == ("Checking pages, 83 of 200", "41.5%", "47.6 s")
    assert seen.note == "About 1 min 7 s left."
    assert amounts(seen) == {"Reserved": "$0.500000", "Captured": "$0.166000", "Left": "$0.334000"}


def test_the_usual_range_needs_history():
    assert strip(run_of()).meter.band_label == ""
    usual = History(30, 140_000, 250_000, 48_000)
    assert strip(run_of(), history=usual).meter.band_label == "typical $0.14\N{EN DASH}$0.25"


def test_sandbox_time_grows_while_the_consumer_pays_it_and_ends_at_the_cap():
    attempt = RunAttempt(tenant_id=new_id(), run_id=new_id(), number=1, ready_at=NOW - timedelta(seconds=36))
    running = run_of(price=FREE, charged_micro_usd=0)
    assert cost_so_far(running, [attempt], now=NOW) == 1_000
    assert amounts(strip(running, [attempt]))["Sandbox time so far"] == "$0.001000"
    assert cost_so_far(run_of(price=FREE, charged_micro_usd=0, cap_micro_usd=400), [attempt], now=NOW) == 400
    assert cost_so_far(run_of(charged_micro_usd=0), [attempt], now=NOW) == 0


def test_a_final_run_shows_what_was_charged_and_released():
    seen = strip(final(state=RunState.SUCCEEDED))
    assert amounts(seen) == {"Reserved": "$0.500000", "Charged": "$0.166000", "Released": "$0.334000"}
    assert seen.spoken == "Succeeded. $0.166000 charged."


def test_the_sentence_for_screen_readers_changes_once_for_each_tenth():
    first, second, third = (strip(run_of(charged_micro_usd=amount)).spoken for amount in (166_000, 190_000, 200_000))
    assert first == second != third


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": RunState.QUEUED}, "Next in line"),
        ({"state": RunState.QUEUED, "attempt": 2}, "Waiting for attempt 2 of 3"),
        (
            {
                "state": RunState.STOPPING,
                "stop_reason": StopReason.CANCELLED,
                "stopped_by": "Jonas",
                "stop_deadline_at": NOW,
            },
            "Stopped by Jonas, ends by 06:53:24 UTC",
        ),
        ({"state": RunState.CAPPED, "item_count": 250, "dropped_count": 7}, "250 rows kept, 7 not kept"),
        ({"state": RunState.TIMED_OUT}, "Stopped at its limit of 10 min"),
    ],
)
def test_each_state_says_what_goes_on(changes, message):
    assert strip(run_of(**changes)).message == message


def test_a_place_in_the_queue_is_named():
    assert strip(run_of(state=RunState.QUEUED), place=2).message == "2nd in line"
    assert strip(run_of(state=RunState.QUEUED), place=11).message == "11th in line"


def test_a_lost_worker_has_a_pill_of_its_own():
    lost = final(state=RunState.FAILED, failure_class=FailureClass.PLATFORM, failure_code="worker_lost")
    assert strip(lost).state == "worker_lost"


def test_members_stop_their_own_runs_only_and_viewers_none():
    other = Caller(new_id(), "Jonas", MARA.tenant_id, "northwind", "member", (), new_id())
    admin = Caller(new_id(), "Ada", MARA.tenant_id, "northwind", "admin", (), new_id())
    viewer = Caller(MARA.user_id, "Vito", MARA.tenant_id, "northwind", "viewer", (), new_id())
    assert [may_stop(run_of(), who) for who in (MARA, other, admin, viewer)] == [True, False, True, False]
    assert not may_stop(final(state=RunState.SUCCEEDED), MARA)
    assert not head_of(run_of(), viewer).can_rerun


def test_text_of_agents_and_people_hides_nothing():
    seen = head_of(run_of(title="safe\N{RIGHT-TO-LEFT OVERRIDE}txt.exe", started_by_name="\x1b[31mMara\nOkafor"), MARA)
    assert seen.title == "safe<U+202E>txt.exe"
    assert seen.started_by == "by Mara Okafor, from web"
    assert one_line("a" * 500, 10) == "a" * 9 + "\N{HORIZONTAL ELLIPSIS}"


def test_an_upstream_failure_says_what_was_charged_and_why():
    failed = final(
        state=RunState.FAILED,
        price={**PER_PAGE, "refund_on_agent_failure": "unused"},
        charged_micro_usd=62_000,
        item_count=31,
        failure_class=FailureClass.UPSTREAM,
        failure_code="upstream_refused",
        failure_message="The site refused the agent after 31 pages.",
    )
    said = trouble(failed)
    assert (said.kind, said.title, said.action) == ("error", "The site refused the agent after 31 pages.", "rerun")
    assert said.charged == (
        "Charged $0.062000 with 31 rows stored. $0.438000 released."
        " By this price list stored rows are paid, and charges without a row are given back."
    )
    assert said.next_step == "The service may answer later. Run it again then."


def test_a_platform_fault_costs_nothing_and_names_the_refund():
    lost = final(
        state=RunState.FAILED, charged_micro_usd=0, failure_class=FailureClass.PLATFORM, failure_code="worker_lost"
    )
    said = trouble(lost, [event("run.failed", refunded_micro_usd=20_000)])
    assert (said.kind, said.title) == ("fault", "Our worker was lost. You pay nothing.")
    assert said.charged == "You pay nothing: $0.020000 refunded at 06:53:24 UTC. A fault of ours costs you nothing."


def test_the_cap_is_not_an_error_and_offers_a_higher_one():
    said = trouble(final(state=RunState.CAPPED, charged_micro_usd=500_000, item_count=250, dropped_count=1))
    assert (said.kind, said.title, said.action) == ("warning", "Stopped at your cap of $0.50", "higher_cap")
    assert said.charged == "250 rows stored, exactly $0.500000 charged. 1 row could not be paid and was not kept."


def test_a_run_of_an_agent_that_was_suspended_before_it_began_is_not_offered_again():
    ended = {"state": "failed", "failure_class": "platform", "failure_code": "agent_suspended"}
    view = trouble(run_of(**ended, failure_message="Suspended."))
    assert (view.kind, view.action, view.facts) == ("error", "", "agent_suspended \N{MIDDLE DOT} 1 attempt")
    assert view.charged.endswith("A run that never began costs nothing.")  # nobody was at fault
    assert view.next_step.startswith("Choose another agent")


def test_wrong_input_leads_back_to_the_form():
    said = trouble(
        final(
            state=RunState.FAILED,
            charged_micro_usd=0,
            failure_class=FailureClass.INPUT,
            failure_code="input_invalid",
            failure_message="The file has no header.",
        )
    )
    assert (said.action, said.next_step) == ("form", "Change the input and run it again.")
    assert said.charged.startswith("Nothing was charged, $0.500000 released.")


def test_a_lost_attempt_is_explained_while_the_next_one_runs():
    said = trouble(run_of(attempt=2), [event("run.attempt_ended", state="lost", sentence="Our worker was lost.")])
    assert (said.kind, said.title, said.action) == ("fault", "Our worker was lost.", "")
    assert said.next_step == "Attempt 2 of 3 is running. There is nothing to do."


def test_a_run_that_goes_well_has_no_panel():
    assert trouble(run_of()).kind == ""
    assert trouble(final(state=RunState.SUCCEEDED)).kind == ""


def test_the_timeline_puts_waiting_starting_and_running_on_one_scale():
    attempt = RunAttempt(
        tenant_id=new_id(),
        run_id=new_id(),
        number=1,
        launched_at=NOW - timedelta(seconds=40),
        ready_at=NOW - timedelta(seconds=25),
    )
    bars = bars_of(run_of(), [attempt], now=NOW)
    assert [(bar.label, bar.start, bar.width, bar.kind) for bar in bars] == [
        ("Queued", "0.0%", "20.0%", "wait"),
        ("Start", "20.0%", "30.0%", "start"),
        ("Run", "50.0%", "50.0%", "work"),
    ]


def test_a_lost_attempt_is_drawn_as_a_fault_and_the_next_waits_from_its_end():
    lost = RunAttempt(
        tenant_id=new_id(),
        run_id=new_id(),
        number=1,
        state="lost",
        launched_at=NOW - timedelta(seconds=40),
        ready_at=NOW - timedelta(seconds=30),
        ended_at=NOW - timedelta(seconds=20),
    )
    second = RunAttempt(tenant_id=new_id(), run_id=new_id(), number=2)
    bars = bars_of(run_of(state=RunState.QUEUED), [lost, second], now=NOW)
    assert [(bar.label, bar.kind, bar.time) for bar in bars] == [
        ("Queued 1", "wait", "10 s"),
        ("Start 1", "start", "10 s"),
        ("Run 1", "fault", "10 s"),
        ("Queued 2", "wait", "20 s"),
    ]


def test_events_become_sentences_with_exact_amounts():
    seen = happenings_of(
        [
            event("run.queued", cap_micro_usd=500_000, place="queued"),
            event("run.stopping", reason="cancelled", by="Mara"),
        ],
        zone=UTC,
    )
    assert [(one.title, one.note) for one in seen] == [
        ("Queued", "$0.500000 set aside"),
        ("Stopping", "cancelled, by Mara"),
    ]


@pytest.mark.parametrize(("text", "cap"), [("1.00", 1_000_000), ("$0.75", 750_000)])
def test_a_higher_cap_is_read(text, cap):
    assert read_cap(text, above_micro_usd=500_000) == cap


@pytest.mark.parametrize(
    ("text", "fault"),
    [("0.5", "Write more"), ("ten", "dollars"), ("0,09", "with a point"), ("5000", "at most $1,000")],
)
def test_a_cap_that_is_no_higher_or_no_amount_is_explained(text, fault):
    with pytest.raises(ValueError, match=re.escape(fault)):
        read_cap(text, above_micro_usd=500_000)
