"""Quotas, machines and jobs that go away, on the cluster double."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent_platform.services.runtime import Phase, Reason, Rejected, TenantPolicy
from tests.contracts.benches import NOTHING, KubernetesBench, eventually
from tests.contracts.conftest import booted
from tests.contracts.kubernetes.reading import ECHO, SLEEP, jobs, spec_of

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def pod_of(bench: KubernetesBench, handle: str) -> dict:
    return eventually(lambda: bench.cluster.store.every("pods", labels=f"ap.handle={handle}")[0])[0]


def test_a_tenant_s_quota_holds_and_says_so(bench):
    bench.driver.ensure_tenant(TenantPolicy(tenant_id="small", sandboxes=1, cpu=4, memory_mb=1024))
    first = replace(spec_of(bench, SLEEP, memory_mb=128), tenant_id="small")
    second = replace(spec_of(bench, memory_mb=128, start_seconds=2), tenant_id="small")
    third = replace(spec_of(bench, memory_mb=128), tenant_id="small")
    running = bench.driver.start(first)
    bench.until(running, lambda status: status.phase is Phase.RUNNING)
    refused = bench.end_of(bench.driver.start(second))
    assert (refused.reason, refused.started_at) == (Reason.QUOTA, None)
    assert "exceeded quota: sandboxes" in refused.detail
    waiting = bench.driver.start(third)
    time.sleep(0.5)
    assert bench.driver.status(waiting).phase is Phase.PENDING
    bench.driver.destroy(refused.handle)
    bench.driver.destroy(running)
    assert bench.end_of(waiting).reason is Reason.OK


def test_a_runtime_class_that_is_missing_is_refused_and_one_that_is_there_is_used(bench):
    with pytest.raises(Rejected, match="gvisor"):
        bench.driver.start(replace(spec_of(bench), isolation="gvisor"))
    assert bench.driver.capabilities().isolation == ("standard",)
    bench.cluster.add_runtime_class("kata")
    assert bench.driver.capabilities().isolation == ("standard", "kata")
    kata = bench.driver.start(replace(spec_of(bench), isolation="kata"))
    assert bench.end_of(kata).reason is Reason.OK
    assert pod_of(bench, kata)["spec"]["runtimeClassName"] == "kata"


def test_a_runtime_class_that_goes_away_is_told_by_the_cluster_s_event(bench):
    spec = replace(spec_of(bench), isolation="gvisor")
    bench.driver._starter.start(spec)
    status = bench.end_of(f"ap-{spec.run_id}-1")
    assert (status.reason, status.started_at) == (Reason.ERROR, None)
    assert 'RuntimeClass "gvisor" not found' in status.detail


def test_an_image_that_the_registry_does_not_have_is_told(bench):
    missing = "registry.test/other@sha256:" + "b" * 64
    status = bench.end_of(bench.driver.start(replace(spec_of(bench), image=missing)))
    assert (status.reason, status.started_at) == (Reason.IMAGE, None)
    assert "ImagePullBackOff" in status.detail


def test_a_cluster_without_room_is_told_when_the_time_to_start_is_over(bench):
    bench.cluster.kubelet.unschedulable = True
    handle = bench.driver.start(spec_of(bench, memory_mb=128, start_seconds=2))
    assert bench.until(handle, lambda status: status.phase is Phase.PENDING)
    status = bench.end_of(handle)
    assert (status.reason, status.detail) == (Reason.QUOTA, "0/1 nodes are available: 1 Insufficient memory.")


@pytest.mark.parametrize("memory_mb", [128, 256], ids=["job", "warm pod"])
def test_an_evicted_pod_is_told_as_evicted(bench, memory_mb):
    handle, work = bench.start(SLEEP, replace(NOTHING, memory_mb=memory_mb))
    eventually(lambda: work.said)
    bench.cluster.kubelet.evict(pod_of(bench, handle), "The node was low on resource: memory.")
    status = bench.end_of(handle)
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.EVICTED)
    assert "low on resource" in status.detail


@pytest.mark.parametrize("memory_mb", [128, 256], ids=["job", "warm pod"])
def test_a_pod_deleted_by_somebody_else_is_no_fault_of_the_agent(bench, memory_mb):
    handle, work = bench.start(SLEEP, replace(NOTHING, memory_mb=memory_mb))
    eventually(lambda: work.said)
    pod = pod_of(bench, handle)["metadata"]
    bench.cluster.store.delete("pods", pod["namespace"], pod["name"], {})
    status = bench.end_of(handle)
    assert status.reason is Reason.NODE_LOST
    assert "somebody else" in status.detail


def test_a_machine_that_vanishes_is_told_as_soon_as_the_cluster_gives_it_up(bench):
    handle, work = bench.start(SLEEP, replace(NOTHING, memory_mb=128))
    eventually(lambda: work.said)
    pod = pod_of(bench, handle)["metadata"]
    bench.cluster.kubelet.pods[pod["uid"]].is_cut_off = True
    tainted = {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "DeletionByTaintManager",
        "message": "Taint manager",
    }
    bench.cluster.store.set_status("pods", pod["namespace"], pod["name"], conditions=[tainted])
    bench.cluster.store.delete("pods", pod["namespace"], pod["name"], {})
    status = bench.end_of(handle)
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.NODE_LOST)
    bench.driver.destroy(handle)


def test_a_job_deleted_by_somebody_else_is_lost_and_its_pod_does_not_stay(bench):
    stop, seen = threading.Event(), []
    client = bench.new_client()
    watcher = threading.Thread(target=lambda: seen.extend(client.watch(stop)))
    watcher.start()
    handle, work = bench.start(SLEEP, replace(NOTHING, memory_mb=128))
    eventually(lambda: work.said)
    [job] = jobs(bench)
    bench.cluster.store.delete("jobs", job["metadata"]["namespace"], handle, {})
    assert bench.driver.status(handle).phase is Phase.LOST
    eventually(lambda: [one for one in seen if one.phase is Phase.LOST and (one.handle, one.attempt) == (handle, 1)])
    stop.set()
    watcher.join()
    bench.driver._sweep()
    eventually(lambda: not bench.leftovers())


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[KubernetesBench]:
    """A cluster that keeps ended Jobs for a second."""
    bench = KubernetesBench(tmp_path)
    bench.config = replace(bench.config, keep_seconds=1)
    yield from booted(bench)


def test_a_job_forgotten_by_the_cluster_leaves_nothing(forgetful):
    status, _ = forgetful.run(ECHO)
    assert status.reason is Reason.OK
    eventually(lambda: forgetful.driver.status(status.handle).phase is Phase.LOST)
    forgetful.driver._sweep()
    eventually(lambda: not forgetful.leftovers())


def test_the_cluster_ends_a_run_whose_own_clock_stands_still(bench):
    bench.cluster.kubelet.clocks_stand_still = True
    try:
        handle, work = bench.start(SLEEP, replace(NOTHING, memory_mb=128, start_seconds=0.1, wall_seconds=0.3))
        started_warm = bench.driver.start(spec_of(bench, SLEEP, start_seconds=0.1, wall_seconds=0.3))
        eventually(lambda: work.said)
        for one in (handle, started_warm):
            status = bench.end_of(one)
            assert (status.phase, status.reason) == (Phase.FAILED, Reason.TIMEOUT)
            assert "deadline" in status.detail
    finally:
        bench.cluster.kubelet.clocks_stand_still = False


def test_a_log_is_read_on_from_the_second_of_its_last_line(bench):
    source = "import os, time\ndef go(run):\n    for n in range(3):\n        os.write(1, b'%d\\n' % n)\n        time.sleep(1.1)\n"
    handle, _ = bench.start(source)
    found, since = [], 0
    while not found or found[-1] != b"2\n":
        for chunk in bench.driver.logs(handle, since):
            found.append(chunk.content)
            since = chunk.next
    assert b"".join(found) == b"0\n1\n2\n"
    assert [path for _, path in bench.cluster.faults.requests if "sinceTime=" in path]


def test_50_starts_with_an_empty_pool_and_a_busy_server_all_end_well(bench):
    bench.driver.prewarm("", 0)
    bench.cluster.faults.retry_after = "0.1"
    started = []
    for number in range(50):
        bench.cluster.faults.too_many = number % 3
        started.append(bench.start(ECHO, input={"n": number}))
    assert {bench.end_of(handle).phase for handle, _ in started} == {Phase.SUCCEEDED}
    assert [work.result["n"] for _, work in started] == list(range(50))
    bench.driver.prewarm("", 3)
