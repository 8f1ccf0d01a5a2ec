"""After its hour nothing of a demo is left: no row, no file, no log, no input."""

import pytest

from agent_platform.services import visitors
from tests.services.visitors.stall import ADDRESS


def test_after_an_hour_nothing_is_left(stall, god):
    key, later = stall.try_it(), stall.try_it()
    run = stall.finish_demo(key)
    left = god.left_of(run.id)
    assert {"runs", "demos", "run_attempts", "run_events", "run_items", "run_files", "run_log_chunks"} <= set(left)
    assert stall.sweep() == 0
    god.do("UPDATE app.demos SET expires_at = now() WHERE run_id = %s", run.id)
    stall.age_bytes()
    assert stall.sweep() == 1
    assert god.left_of(run.id) == []
    assert stall.bytes_kept() == []
    with pytest.raises(visitors.DemoGone):
        visitors.find_demo(key)
    assert stall.run_of(later).state == "queued"


def test_a_demo_is_not_shown_a_second_longer_than_its_hour(stall, god):
    key = stall.try_it()
    god.age(60)
    with pytest.raises(visitors.DemoGone):
        visitors.find_demo(key)


def test_one_that_still_waits_or_runs_is_stopped_and_goes_with_the_next_sweep(stall, god):
    waiting, running = stall.try_it(), stall.try_it()
    first, second = stall.run_of(waiting), stall.begin(running)
    god.age(61)
    assert stall.sweep() == 0
    assert [stall.now_by_id(run.id).stop_reason for run in (first, second)] == ["cancelled", "cancelled"]
    stall.launch(first)
    stall.end(second, phase="failed", reason="error", exit_code=137)
    assert stall.sweep() == 2
    assert [god.left_of(run.id) for run in (first, second)] == [[], []]


def test_the_same_bytes_of_a_younger_demo_stay(stall, god):
    old = stall.finish_demo(stall.try_it())
    stall.finish_demo(stall.try_it())
    assert len(stall.bytes_kept()) == 1
    god.do("UPDATE app.demos SET expires_at = now() WHERE run_id = %s", old.id)
    stall.age_bytes()
    assert stall.sweep() == 1
    assert len(stall.bytes_kept()) == 1


def test_bytes_that_were_written_just_now_stay_until_they_are_named_or_old(stall, god):
    stall.finish_demo(stall.try_it())
    god.age(61)
    assert stall.sweep() == 1
    assert len(stall.bytes_kept()) == 1  # another demo may be storing the same ones
    stall.age_bytes(301)
    stall.sweep()
    assert stall.bytes_kept() == []


def test_figures_of_days_stay_a_while_and_name_nobody(stall, god):
    stall.finish_demo(stall.try_it(address=ADDRESS))
    god.age(61)
    stall.sweep()
    assert god.do("SELECT count(*) FROM app.demo_days") == [(1,)]
    god.do("UPDATE app.demo_days SET day = day - 101")
    stall.sweep()
    assert god.do("SELECT count(*) FROM app.demo_days") == [(0,)]
