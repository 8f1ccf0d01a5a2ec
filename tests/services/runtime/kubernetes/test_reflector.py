"""Whatever happens to its streams, a watch tells each end, and none that did not happen."""

import random
import time

import pytest

from agent_platform.services.runtime import Reason, Transient
from tests.contracts.benches.base import eventually

SELDOM = 60.0


def watched(api, follow, count: int = 1, *, relist_seconds: float = 1.0, **limits):
    """A watch that has seen `count` sandboxes run."""
    driver = api.driver(relist_seconds=relist_seconds)
    told = follow(driver)
    handles = [driver.start(api.spec(**limits)) for _ in range(count)]
    for handle in handles:
        api.runs(handle)
    eventually(lambda: {str(status.phase) for status in told.statuses} >= {"running"} and api.watches >= 2)
    return driver, told, handles


@pytest.mark.parametrize("by_status", [False, True])
def test_an_expired_version_is_listed_anew_at_once(api, follow, by_status):
    _, told, [handle] = watched(api, follow, relist_seconds=SELDOM)
    api.faults.gone_by_status = by_status
    api.hang_up(watches_only=True)
    api.store.expire()
    api.ends(handle, 3)
    eventually(lambda: told.ends(handle) == {"error"})
    assert api.faults.expired_told or not by_status


def test_dropped_streams_are_taken_up_where_they_broke(api, follow):
    _, told, handles = watched(api, follow, count=20)
    for handle in handles:
        api.hang_up(watches_only=True)
        api.ends(handle, 1)
    eventually(lambda: all(told.ends(handle) == {"error"} for handle in handles))


def test_a_bookmark_saves_the_next_list(api, follow):
    api.faults.bookmark_seconds = 0.05
    told = follow(api.driver(relist_seconds=SELDOM))
    eventually(lambda: api.watches == 2)
    for number in range(50):
        api.store.create("namespaces", {"metadata": {"name": f"other-{number}"}})
    newest = api.store.version
    time.sleep(0.3)
    api.faults.requests.clear()
    api.hang_up(watches_only=True)
    eventually(lambda: len([path for _, path in api.faults.requests if "watch=true" in path]) == 2)
    asked = [path for _, path in list(api.faults.requests)]
    assert all(f"resourceVersion={newest}" in path for path in asked), asked
    assert told.statuses == []


def test_a_frozen_stream_is_given_up(api, follow):
    _, told, [handle] = watched(api, follow)
    api.faults.frozen = True
    api.ends(handle, 0)
    eventually(lambda: told.ends(handle) == {"ok"})


def test_a_server_that_is_down_for_a_while_is_found_again(api, follow):
    driver, told, [ended, gone] = watched(api, follow, count=2)
    api.stop()
    api.ends(ended, 137, "OOMKilled")
    job = api.job(gone)
    api.store.delete("jobs", job["metadata"]["namespace"], gone, {})
    api.store.delete("pods", job["metadata"]["namespace"], f"{gone}-x", {"gracePeriodSeconds": 0})
    with pytest.raises(Transient, match="not reachable"):
        driver.status(ended)
    eventually(lambda: driver._troubles.get("pods"))
    api.start()
    eventually(lambda: told.ends(ended) == {"oom"} and told.ends(gone) == {"lost"})
    assert driver.capabilities().degraded == ""


def test_a_driver_that_may_not_watch_says_that_it_is_degraded_and_goes_on_by_listing(api, follow):
    driver, told, [handle] = watched(api, follow)
    api.faults.refuse_watches = True
    api.hang_up(watches_only=True)
    api.ends(handle, 0)
    eventually(lambda: "cannot watch" in driver.capabilities().degraded)
    eventually(lambda: told.ends(handle) == {"ok"})
    api.faults.refuse_watches = False
    eventually(lambda: driver.capabilities().degraded == "")


def test_a_busy_server_is_left_in_peace_for_as_long_as_it_asks(api, follow):
    _, told, [handle] = watched(api, follow)
    api.faults.retry_after = "1"
    api.faults.too_many = 3
    api.ends(handle, 0)
    eventually(lambda: told.ends(handle) == {"ok"})


def test_an_end_whose_fresh_read_failed_is_read_again(api, follow):
    _, told, [handle] = watched(api, follow, relist_seconds=SELDOM)
    api.faults.retry_after = ""
    api.faults.too_many = 2
    api.ends(handle, 3)
    eventually(lambda: told.ends(handle) == {"error"})
    assert api.faults.too_many == 0


def test_a_sandbox_first_seen_at_its_end_is_told_though_its_fresh_read_failed(api, follow):
    handle = api.driver().start(api.spec())
    api.runs(handle)
    api.ends(handle, 137, "OOMKilled")
    api.faults.retry_after, api.faults.busy_for, api.faults.too_many = "", f"ap.handle%3D{handle}", 3
    told = follow(api.driver(relist_seconds=SELDOM))
    eventually(lambda: told.ends(handle) == {"oom"})
    assert api.faults.too_many == 0


def test_dropped_streams_lose_nothing_between_lists(api, follow):
    _, told, handles = watched(api, follow, count=10, relist_seconds=SELDOM)
    for handle in handles:
        api.hang_up(watches_only=True)
        api.ends(handle, 1)
    eventually(lambda: all(told.ends(handle) == {"error"} for handle in handles))


def test_events_told_twice_change_nothing(api, follow):
    api.faults.duplicate = True
    _, told, handles = watched(api, follow, count=3)
    for number, handle in enumerate(handles):
        api.ends(handle, number)
    eventually(lambda: [told.ends(handle) for handle in handles] == [{"ok"}, {"error"}, {"error"}])


@pytest.mark.parametrize(
    "missed", [[("MODIFIED", "pods")], [("MODIFIED", "pods"), ("DELETED", "pods"), ("DELETED", "jobs")]]
)
def test_events_that_were_missed_are_found_by_the_next_list(api, follow, missed):
    driver, told, [handle] = watched(api, follow)
    api.faults.swallow = list(missed)
    if len(missed) == 1:
        api.ends(handle, 5)
        eventually(lambda: told.ends(handle) == {"error"})
    else:
        driver.destroy(handle)
        eventually(lambda: told.ends(handle) == {"lost"})
    [last] = [status for status in told.statuses if status.phase.is_terminal][-1:]
    assert (f"ap-{last.run_id}-{last.attempt}", last.handle) == (handle, handle)


def test_an_end_that_was_taken_back_is_not_told(api, follow):
    """A stream may show an older state than there is: only a fresh read decides."""
    driver, told, [handle] = watched(api, follow)
    api.faults.frozen = True
    api.ends(handle, 1)
    api.tells(handle, phase="Running", state={"running": {"startedAt": "2026-01-01T00:00:00Z"}})
    api.faults.frozen = False
    time.sleep(0.5)
    assert told.ends(handle) == set()
    api.ends(handle, 0)
    eventually(lambda: told.ends(handle) == {"ok"})
    assert driver.status(handle).reason is Reason.OK


def test_time_that_runs_out_is_told_without_an_event(api, follow):
    driver = api.driver(relist_seconds=SELDOM)
    told = follow(driver)
    handle = driver.start(api.spec(start_seconds=1))
    eventually(lambda: told.ends(handle) == {"start_timeout"})


def test_a_pod_that_was_refused_is_told_from_the_events(api, follow):
    driver = api.driver(relist_seconds=SELDOM)
    told = follow(driver)
    handle = driver.start(api.spec(start_seconds=60))
    job = api.job(handle)["metadata"]
    involved = {"kind": "Job", "name": handle, "uid": job["uid"]}
    event = {
        "metadata": {"name": "e", "namespace": job["namespace"]},
        "involvedObject": involved,
        "reason": "FailedCreate",
    }
    api.store.create(
        "events", event | {"message": 'pod rejected: RuntimeClass "gvisor" not found', "lastTimestamp": "x"}
    )
    eventually(lambda: told.ends(handle) == {"error"})
    assert "RuntimeClass" in next(status.detail for status in told.statuses if status.phase.is_terminal)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_end_is_missed_and_none_is_told_wrongly_in_any_weather(api, follow, seed):
    order = random.Random(seed)
    driver, told, handles = watched(api, follow, count=15)
    api.faults.bookmark_seconds = 0.05
    weather = [
        lambda: api.hang_up(watches_only=True),
        api.hang_up,
        api.store.expire,
        lambda: setattr(api.faults, "duplicate", order.random() < 0.5),
        lambda: setattr(api.faults, "gone_by_status", order.random() < 0.5),
        lambda: setattr(api.faults, "too_many", 2),
        lambda: api.faults.swallow.append(("MODIFIED", "pods")),
        lambda: setattr(api.faults, "down", order.random() < 0.3),
    ]
    expected = {}
    for handle in order.sample(handles, len(handles)):
        order.choice(weather)()
        code, reason = order.choice([(0, ""), (3, ""), (137, "OOMKilled")])
        expected[handle] = {0: "ok", 3: "error", 137: "oom"}[code]
        api.ends(handle, code, reason)
        time.sleep(order.random() * 0.05)
    api.faults.heal()
    eventually(lambda: all(told.ends(handle) == {expected[handle]} for handle in handles))
    assert {status.handle: str(status.reason) for status in driver.list()} == expected
