"""Warm containers of the docker driver: claimed, replaced, heard and cleared."""

import threading
import time
from collections import deque
from dataclasses import replace

import pytest

from agent_platform.services.runtime import DockerDriver
from tests.contracts.benches import NOTHING, DockerBench, eventually
from tests.contracts.docker_parts import SLEEP, image
from tests.doubles.agent_broker import Work, zipped
from tests.doubles.docker_engine import AGENT_IMAGE

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


def test_a_warm_container_is_claimed_renamed_and_limited(docker_bench: DockerBench, client) -> None:
    docker_bench.driver.prewarm("", 1)
    docker_bench.warm()
    (warm,) = client.containers(filters={"label": f"ap.installation={docker_bench.installation}"})
    handle, work = docker_bench.start(SLEEP, replace(NOTHING, memory_mb=80, pids=7, cpu=0.25))
    eventually(lambda: work.said)
    claimed = client.inspect_container(handle)
    assert claimed["Id"] == warm["Id"]
    limits = claimed["HostConfig"]
    assert (limits["Memory"], limits["MemorySwap"]) == (80 << 20, 80 << 20)
    assert (limits["PidsLimit"], limits["NanoCpus"]) == (10, 250_000_000)


def test_a_warm_container_of_another_shape_is_replaced_and_never_claimed(docker_bench: DockerBench, client) -> None:
    docker_bench.driver.prewarm("", 1)
    docker_bench.warm()
    tag = {"repository": "ap-test/newer", "tag": "latest"}
    client.tag(image(client, "COPY new.txt /opt/\n", **{"new.txt": "new"}), **tag)
    newer = DockerDriver(**docker_bench.settings() | {"image": "ap-test/newer"})
    work = Work(zipped({"main.py": "def go(run):\n    return open('/opt/new.txt').read()\n"}))
    handle = newer.start(docker_bench.spec(work))
    docker_bench.end_of(handle)
    assert work.result == "new"
    newer.prewarm("", 1)
    eventually(lambda: newer.capabilities().warm == 1)
    (warm,) = [one for one in client.containers() if one["Names"][0].startswith("/ap-warm-")]
    assert warm["ImageID"] == client.inspect_image("ap-test/newer")["Id"]
    newer.close()


def test_a_watch_hears_an_end_of_a_claimed_warm_container_at_once(docker_bench: DockerBench) -> None:
    docker_bench.driver.prewarm("", 1)
    docker_bench.warm()
    stop, seen = threading.Event(), []
    watcher = threading.Thread(target=lambda: deque(map(seen.append, docker_bench.driver.watch(stop)), maxlen=0))
    watcher.start()
    handle, _ = docker_bench.start("import os\ndef go(run):\n    os._exit(4)\n")
    try:
        eventually(lambda: [status for status in seen if status.handle == handle and status.exit_code == 4], seconds=10)
    finally:
        stop.set()
        watcher.join()


def test_what_a_dead_client_left_half_made_is_cleared(docker_bench: DockerBench, client) -> None:
    label = {"ap.installation": docker_bench.installation}
    stray = client.create_container(AGENT_IMAGE, name="ap-stray", labels=label)["Id"]
    (docker_bench.root / "warm" / "half-made").mkdir()
    (docker_bench.root / "trash" / "half-removed").mkdir()
    time.sleep(1.1)  # the engine counts in whole seconds
    docker_bench.driver.prewarm("", 0)
    assert client.inspect_container(stray)["Id"] == stray
    sweeper = DockerDriver(**docker_bench.settings(), abandoned_seconds=0.0)
    sweeper.prewarm("", 0)
    sweeper.close()
    assert [one["Id"] for one in client.containers(all=True) if one["Id"] == stray] == []
    assert list((docker_bench.root / "warm").iterdir()) == list((docker_bench.root / "trash").iterdir()) == []
