"""How the driver speaks to an API server that is slow, busy, away, or refuses."""

import socket
import time
from dataclasses import replace

import pytest

from agent_platform.services.runtime import Phase, Rejected, TenantPolicy, Transient
from agent_platform.services.runtime._kubernetes import api as speaking
from agent_platform.services.runtime._kubernetes.api import Cluster, Refused
from agent_platform.services.runtime.kubernetes import KubernetesDriver
from tests.contracts.benches.base import eventually
from tests.doubles.kubernetes.store import ApiError
from tests.services.runtime.kubernetes.examples import CONFIG


def test_long_lists_come_in_pages_and_an_expired_page_begins_anew(api):
    api.store.create("namespaces", {"metadata": {"name": "place"}})
    for number in range(1100):
        api.store.create("events", {"metadata": {"name": f"event-{number:04d}", "namespace": "place"}})
    things, version = api.client().every("events")
    assert [thing["metadata"]["name"] for thing in things] == [f"event-{number:04d}" for number in range(1100)]
    assert int(version) == api.store.version
    pages = [path for _, path in api.faults.requests if "events" in path]
    assert len(pages) == 3

    real, expired = api.store.every, []

    def expire_once(*args):
        if not expired and len([path for _, path in api.faults.requests if "continue=" in path]) > 3:
            expired.append(True)
            api.store.expire()
        return real(*args)

    api.store.every = expire_once
    things, _ = api.client().every("events")
    assert len(things) == 1100


def test_a_busy_server_is_asked_again_when_it_said_and_not_before(api):
    api.faults.retry_after, api.faults.too_many = "1", 1
    began = time.monotonic()
    assert list(api.driver().list()) == []
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("retry_after", ["0", "", "3600"])
def test_a_server_that_stays_busy_is_a_transient_error(api, retry_after):
    api.faults.retry_after, api.faults.too_many = retry_after, 1000
    with pytest.raises(Transient, match="too busy"):
        api.driver().start(api.spec())
    assert len(api.faults.requests) <= 3
    api.faults.too_many = 0
    assert api.store.every("jobs")[0] == []


def test_an_answer_that_was_lost_on_its_way_makes_no_second_sandbox(api):
    driver, spec = api.driver(), api.spec()
    driver.ensure_tenant(TenantPolicy(tenant_id="t", sandboxes=5, cpu=8, memory_mb=8192))
    for lost in range(1, 4):
        spec = api.spec()
        api.faults.lost_answers = min(lost, 2)
        handle = driver.start(spec)
        assert driver.start(spec) == handle
    assert len(api.store.every("jobs")[0]) == len(api.store.every("secrets")[0]) == 3


def test_a_start_that_was_interrupted_before_the_token_is_finished_by_the_next(api):
    driver, spec = api.driver(), api.spec()
    handle = driver.start(spec)
    [secret] = api.store.every("secrets")[0]
    api.store.delete("secrets", secret["metadata"]["namespace"], handle, {})
    assert driver.start(spec) == handle
    assert [one["metadata"]["name"] for one in api.store.every("secrets")[0]] == [handle]


def test_the_token_is_not_handed_out_again_once_the_run_has_it(api):
    driver, spec = api.driver(), api.spec()
    handle = driver.start(spec)
    api.runs(handle)
    api.store.delete("secrets", api.job(handle)["metadata"]["namespace"], handle, {})
    driver.start(spec)
    assert api.store.every("secrets")[0] == []


def test_the_token_leaves_the_cluster_when_the_container_has_it_and_with_its_job(api, follow):
    driver = api.driver()
    follow(driver)
    running, waiting = driver.start(api.spec()), driver.start(api.spec())
    api.runs(running)
    eventually(lambda: [one["metadata"]["name"] for one in api.store.every("secrets")[0]] == [waiting])
    job = api.job(waiting)
    api.store.delete("jobs", job["metadata"]["namespace"], waiting, {})
    assert api.store.every("secrets")[0] == []


def test_a_tenant_s_place_is_made_on_its_first_start_and_narrowed_by_its_policy(api):
    driver = api.driver()
    driver.start(api.spec())
    [quota] = api.store.every("resourcequotas", "ap-t")[0]
    assert quota["spec"]["hard"]["pods"] == "100"
    for _ in range(2):
        driver.ensure_tenant(TenantPolicy(tenant_id="t", sandboxes=3, cpu=2, memory_mb=1024))
    [quota] = api.store.every("resourcequotas", "ap-t")[0]
    assert (quota["spec"]["hard"]["pods"], quota["spec"]["hard"]["limits.memory"]) == ("3", "1024Mi")
    policies = {one["metadata"]["name"] for one in api.store.every("networkpolicies", "ap-t")[0]}
    assert policies == {"deny-all", "broker-only"}


def test_a_namespace_that_is_being_cleared_away_is_a_transient_error(api):
    driver = api.driver()
    driver.start(api.spec())
    api.store.update(
        "namespaces", "", "ap-t", lambda place: place["metadata"].update(deletionTimestamp="now", finalizers=["x"])
    )
    with pytest.raises(Transient, match="being cleared away"):
        driver.start(api.spec())


def test_a_quota_on_jobs_is_a_transient_error_with_its_numbers(api):
    driver = api.driver()
    driver.start(api.spec())
    admit = api.store.admit

    def full(kind, new, old):
        if kind == "jobs":
            raise ApiError(
                403, "Forbidden", 'jobs.batch "x" is forbidden: exceeded quota: sandboxes, used: count/jobs.batch=1'
            )
        admit(kind, new, old)

    api.store.admit = full
    with pytest.raises(Transient, match=r"all the room.*exceeded quota"):
        driver.start(api.spec())


@pytest.mark.sec
def test_a_role_that_lacks_a_right_is_named(api, tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text(path.read_text().replace("the-token-of-the-platform", "another"))
    with pytest.raises(Transient, match="look at its role"):
        KubernetesDriver(CONFIG, str(path)).status("ap-run-1")


def test_what_the_cluster_calls_invalid_is_rejected(api):
    driver = api.driver()
    driver.start(api.spec())
    admit = api.store.admit

    def never(kind, new, old):
        if kind == "jobs":
            new["metadata"]["name"] = "Not A Name"
        admit(kind, new, old)

    api.store.admit = never
    with pytest.raises(Rejected, match="does not accept"):
        driver.start(api.spec())


def test_a_server_that_does_not_answer_is_given_up(api):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        path = api.folder / "silent"
        path.write_text((api.folder / "kubeconfig").read_text().replace(str(api.port), str(port)))
        with pytest.raises(Transient, match="not reachable"):
            Cluster(str(path), answer_seconds=0.2).get("pods", "place", "name")


def test_without_a_cluster_the_driver_says_what_to_set(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    for path in ("", str(tmp_path / "none")):
        with pytest.raises(Rejected, match="KUBECONFIG"):
            KubernetesDriver(CONFIG, path)


def test_a_failed_test_of_a_json_patch_is_a_refusal(api):
    api.store.create("namespaces", {"metadata": {"name": "place", "labels": {"ap.state": "claimed"}}})
    change = [{"op": "test", "path": "/metadata/labels/ap.state", "value": "warm"}]
    with pytest.raises(Refused) as refused:
        api.client().patch("namespaces", "", "place", change, speaking.JSON_PATCH)
    assert refused.value.status == 422


def test_an_odd_handle_is_lost_and_no_question_to_the_server(api):
    driver = api.driver()
    for handle in ("", "x", "ap-r,ap.handle!=x-1", "ap-../-1", "AP-R-1"):
        assert driver.status(handle).phase is Phase.LOST
        driver.cancel(handle, 1)
        driver.destroy(handle)
        assert list(driver.logs(handle)) == []
    assert api.faults.requests == []


@pytest.mark.parametrize("image", ["agent:latest", "agent@sha256:short"])
def test_an_image_without_its_digest_is_rejected(api, image):
    with pytest.raises(Rejected, match="digest"):
        api.driver().start(replace(api.spec(), image=image))
