"""What the driver for clusters promises beyond the others, on the cluster double: claims, quotas, machines that go away."""

import base64
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agent_platform.services.runtime import Phase, Reason, Rejected, TenantPolicy
from agent_platform.services.runtime._kubernetes.pods import job as job_of
from tests.contracts.benches import NOTHING, KubernetesBench, eventually
from tests.contracts.conftest import booted
from tests.doubles.agent_broker import Work, zipped

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

ECHO = "def go(run):\n    return run.input\n"
SLEEP = "import time\ndef go(run):\n    run.log.info('asleep')\n    time.sleep(300)\n"


@pytest.fixture(scope="module")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesBench]:
    yield from booted(KubernetesBench(tmp_path_factory.mktemp("cluster"), warm=3, relist_seconds=1.0))


@pytest.fixture
def bench(shared_cluster: KubernetesBench) -> Iterator[KubernetesBench]:
    """A cluster with three warm pods; whatever a test did to it is mended."""
    yield shared_cluster
    cluster = shared_cluster.cluster
    cluster.faults.heal()
    cluster.kubelet.unschedulable = False
    for status in shared_cluster.driver.list():
        shared_cluster.driver.destroy(status.handle)
    eventually(lambda: not shared_cluster.leftovers())
    shared_cluster.warm()


def spec_of(bench: KubernetesBench, source: str = ECHO, **limits):
    return bench.spec(Work(zipped({"main.py": source})), replace(NOTHING, **limits))


def claimed(bench: KubernetesBench) -> list[dict]:
    return bench.cluster.store.every("pods", labels="ap.state=claimed")[0]


def jobs(bench: KubernetesBench) -> list[dict]:
    return bench.cluster.store.every("jobs")[0]


def pod_of(bench: KubernetesBench, handle: str) -> dict:
    return eventually(lambda: bench.cluster.store.every("pods", labels=f"ap.handle={handle}")[0])[0]


def test_an_attempt_of_the_pool_s_size_gets_a_warm_pod_and_the_pool_is_filled_again(bench):
    status, work = bench.run(ECHO, input={"n": 1})
    assert (status.reason, work.result) == (Reason.OK, {"n": 1})
    [pod] = claimed(bench)
    assert pod["metadata"]["namespace"] == "agent-pool"
    [job] = jobs(bench)
    assert (job["metadata"]["annotations"]["ap.pod"], job["spec"]["suspend"]) == (pod["metadata"]["name"], True)
    assert bench.warm() == 3


@pytest.mark.parametrize("limits", [{"memory_mb": 128}, {"cpu": 0.5}, {"disk_mb": 300}])
def test_an_attempt_of_another_size_gets_a_job_of_its_own(bench, limits):
    handle = bench.driver.start(spec_of(bench, **limits))
    assert bench.end_of(handle).reason is Reason.OK
    assert claimed(bench) == []
    assert [job["metadata"]["name"] for job in jobs(bench)] == [handle]


def test_clients_that_race_for_few_warm_pods_get_one_each_and_the_rest_start_cold(bench):
    clients = [bench.new_client() for _ in range(6)]
    specs = [spec_of(bench, SLEEP) for _ in range(12)]
    with ThreadPoolExecutor(6) as pool:
        handles = list(pool.map(lambda pair: pair[0].start(pair[1]), zip(clients * 2, specs, strict=True)))
    assert len(set(handles)) == 12
    holders = Counter(pod["metadata"]["labels"]["ap.handle"] for pod in claimed(bench))
    assert holders.most_common(1)[0][1] == 1
    assert {job["metadata"]["name"] for job in jobs(bench)} == set(handles)
    own = [job for job in jobs(bench) if job["metadata"]["annotations"]["ap.pod"] == "own"]
    assert len(own) + len(holders) == 12
    eventually(lambda: all(bench.broker.works[spec.token].said == ["asleep"] for spec in specs))


def test_workers_that_start_one_attempt_at_once_make_one_sandbox(bench):
    clients = [bench.new_client() for _ in range(6)]
    for _ in range(5):
        spec = spec_of(bench, SLEEP)
        with ThreadPoolExecutor(6) as pool:
            [handle] = set(pool.map(lambda client, spec=spec: client.start(spec), clients))
        eventually(lambda spec=spec: bench.broker.works[spec.token].said == ["asleep"])
        carriers = bench.cluster.store.every("pods", labels=f"ap.handle={handle}")[0]
        assert len(carriers) == 1
        assert bench.driver.status(handle).phase is Phase.RUNNING
        bench.driver.destroy(handle)


def test_a_worker_that_dies_before_it_decided_is_taken_over(bench):
    spec = spec_of(bench)
    made = bench.driver._starter._made(spec, job_of(bench.config, spec, decided=False))
    handle = made["metadata"]["name"]
    assert bench.driver.status(handle).phase is Phase.PENDING
    assert bench.new_client().start(spec) == handle
    assert bench.end_of(handle).reason is Reason.OK


def test_an_attempt_that_is_cancelled_before_its_pod_is_decided_never_runs(bench):
    spec = spec_of(bench)
    made = bench.driver._starter._made(spec, job_of(bench.config, spec, decided=False))
    handle = made["metadata"]["name"]
    bench.driver.cancel(handle, 5)
    assert bench.driver.status(handle).reason is Reason.CANCELLED
    bench.driver._starter._decide(made, spec)
    assert bench.driver.status(handle).reason is Reason.CANCELLED
    assert claimed(bench) == []
    assert bench.broker.works[spec.token].heard == {}


def test_a_claimed_pod_that_is_gone_without_a_word_is_told(bench):
    handle, work = bench.start(SLEEP)
    eventually(lambda: work.said)
    [pod] = claimed(bench)
    bench.cluster.store.update(
        "pods", "agent-pool", pod["metadata"]["name"], lambda thing: thing["metadata"].pop("finalizers") and None
    )
    bench.cluster.store.delete("pods", "agent-pool", pod["metadata"]["name"], {"gracePeriodSeconds": 0})
    status = bench.end_of(handle)
    assert (status.phase, status.reason, status.attempt) == (Phase.FAILED, Reason.NODE_LOST, 1)


def test_a_claim_whose_answer_was_lost_holds(bench):
    bench.cluster.faults.lost_answers = 1
    handle = bench.driver.start(spec_of(bench))
    assert bench.end_of(handle).reason is Reason.OK
    assert len(claimed(bench)) == 1


def test_a_claim_that_was_decided_and_not_delivered_is_delivered_by_the_next_start(bench):
    spec = spec_of(bench)
    made = bench.driver._starter._made(spec, job_of(bench.config, spec, decided=False))
    pod = bench.driver._pool.claim(spec)
    assert bench.driver._starter.decide(made, "", pod["metadata"]["name"])
    assert bench.driver.status(made["metadata"]["name"]).phase is Phase.RUNNING
    assert bench.driver.start(spec) == made["metadata"]["name"]
    assert bench.end_of(made["metadata"]["name"]).reason is Reason.OK


def test_a_warm_pod_that_died_is_replaced_and_never_claimed(bench):
    [victim, *_] = bench.cluster.store.every("pods", labels="ap.state=warm")[0]
    bench.cluster.store.delete("pods", "agent-pool", victim["metadata"]["name"], {"gracePeriodSeconds": 0})
    assert bench.run(ECHO, input={"n": 2})[1].result == {"n": 2}
    assert bench.warm() == 3


@pytest.mark.sec
def test_only_the_pod_of_an_attempt_has_its_token(bench):
    token_of = re.compile(rb"apr_\d{30}")
    handles = [bench.driver.start(spec_of(bench, SLEEP, memory_mb=128)) for _ in range(3)]
    eventually(lambda: all(bench.driver.status(handle).phase is Phase.RUNNING for handle in handles))
    eventually(lambda: not bench.cluster.store.every("secrets")[0])
    everything = str([bench.cluster.store.every(kind)[0] for kind in ("jobs", "pods", "namespaces", "events")]).encode()
    assert not token_of.search(everything)
    assert not [
        word
        for word in re.findall(rb"[A-Za-z0-9+/=]{44,}", everything)
        if token_of.search(base64.b64decode(word + b"==="))
    ]


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
