"""Warm pods on the cluster double: who gets them, and who starts cold."""

import base64
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent_platform.services.runtime import Phase, Reason
from agent_platform.services.runtime._kubernetes.pods import job as job_of
from tests.contracts.benches import KubernetesBench, eventually
from tests.contracts.kubernetes.reading import ECHO, SLEEP, jobs, spec_of

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def claimed(bench: KubernetesBench) -> list[dict]:
    return bench.cluster.store.every("pods", labels="ap.state=claimed")[0]


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


@pytest.mark.parametrize(("source", "said"), [(SLEEP, ["asleep"]), (ECHO, [])])
def test_a_claim_that_another_worker_delivered_first_starts_nothing_else(bench, source, said):
    starter, spec = bench.driver._starter, spec_of(bench, source)
    made = starter._made(spec, job_of(bench.config, spec, decided=False))
    pod = bench.driver._pool.claim(spec)
    assert starter.decide(made, "", pod["metadata"]["name"])
    handle = bench.new_client().start(spec)
    eventually(lambda: bench.broker.works[spec.token].said == said)
    if source == ECHO:
        assert bench.end_of(handle).reason is Reason.OK
    assert bench.driver._pool.deliver(pod, spec)
    assert [one["metadata"]["name"] for one in claimed(bench)] == [pod["metadata"]["name"]]


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
