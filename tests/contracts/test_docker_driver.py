"""What the docker driver promises beyond the others: the engine, its images and its people may do as they like."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker
import pytest

from agent_platform.services.runtime import DockerDriver, Phase, Reason, Rejected, Transient
from tests.contracts.benches import NOTHING, DockerBench, eventually
from tests.contracts.docker_parts import SLEEP, image
from tests.doubles.agent_broker import Work, zipped
from tests.doubles.docker_engine import AGENT_IMAGE

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]

ECHO = "def go(run):\n    return run.input\n"


DEAF = """
import json, os, time
def main():
    pipe = os.open('/run/control/claim', os.O_RDWR)
    journal = os.open('/run/control/journal', os.O_WRONLY | os.O_APPEND)
    os.read(pipe, 65536)
    for what in ('claimed', 'running'):
        os.write(journal, json.dumps({'what': what, 'at': time.time()}).encode() + b'\\n')
    os.write(journal, b'[]\\n{"what": "exit", "at": "never"}\\nnonsense\\n')
    while True:
        time.sleep(300)
"""


def spec_of(bench: DockerBench, source: str, limits=NOTHING, **changes: Any):
    return replace(bench.spec(Work(zipped({"main.py": source})), limits), **changes)


@pytest.mark.sec
def test_the_engine_holds_what_the_specification_asks(docker_bench: DockerBench, client: docker.APIClient) -> None:
    handle, work = docker_bench.start(SLEEP, replace(NOTHING, memory_mb=96, pids=20, cpu=0.5))
    eventually(lambda: work.said)
    found = client.inspect_container(handle)
    host = found["HostConfig"]
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["Privileged"]) == ("none", True, False)
    assert (host["CapDrop"], host["CapAdd"], host["Devices"]) == (["ALL"], None, None)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert (host["Memory"], host["MemorySwap"]) == (96 << 20, 96 << 20)
    assert (host["PidsLimit"], host["NanoCpus"]) == (23, 500_000_000)
    assert (host["PidMode"], host["IpcMode"], host["UTSMode"], host["UsernsMode"]) == ("", "private", "", "")
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "1", "max-size": "64k"}}
    assert host["MaskedPaths"]
    assert host["ReadonlyPaths"]
    assert [(one["Destination"], one["RW"]) for one in sorted(found["Mounts"], key=lambda one: one["Destination"])] == [
        ("/run/ap", False),
        ("/run/control", True),
    ]
    labels = {key: value for key, value in found["Config"]["Labels"].items() if key.startswith("ap.")}
    assert labels["ap.tenant"] == "t"
    assert (labels["ap.run"], labels["ap.attempt"], labels["ap.wall-seconds"]) == ("run-1", "1", "60")
    assert found["Config"]["Env"] == [f"PATH={docker_bench.search_path}"]


@pytest.mark.sec
def test_nothing_of_the_machine_s_names_and_groups_is_told(docker_bench: DockerBench) -> None:
    source = """
def go(run):
    return [open(path).read() for path in ('/etc/resolv.conf', '/etc/hostname', '/proc/self/cgroup')]
"""
    names, host, groups = docker_bench.run(source)[1].result
    assert [line for line in names.splitlines() if line.startswith("nameserver")] == ["nameserver 127.0.0.1"]
    assert "search" not in names
    assert host == "sandbox\n"
    assert "docker" not in groups


@pytest.mark.sec
def test_nothing_of_the_machine_can_be_written_through_the_control_folder(docker_bench: DockerBench) -> None:
    source = """
import os
def go(run):
    wrote = []
    for name in ('journal', 'log', 'claim', 'record', 'container', 'stop', 'lock', 'born', 'new'):
        for flags in (os.O_WRONLY, os.O_WRONLY | os.O_CREAT, os.O_RDWR):
            try:
                os.close(os.open('/run/control/' + name, flags))
                wrote.append(name)
            except OSError:
                pass
    for number in os.listdir('/proc/1/fd') if os.access('/proc/1/fd', os.R_OK) else ():
        try:
            os.write(os.open(f'/proc/1/fd/{number}', os.O_WRONLY | os.O_NONBLOCK), b'x')
            if '/control/' in os.readlink(f'/proc/1/fd/{number}'):
                wrote.append(number)
        except OSError:
            pass
    for act in (os.unlink, lambda path: os.rename(path, path + 'x'), lambda path: os.chmod(path, 0o666)):
        try:
            act('/run/control/log')
            wrote.append('changed')
        except OSError:
            pass
    return wrote
"""
    status, work = docker_bench.run(source)
    assert (status.reason, work.result) == (Reason.OK, [])


@pytest.mark.sec
def test_an_image_that_ignores_every_clock_is_ended_from_outside(docker_bench: DockerBench, client) -> None:
    deaf = image(client, "COPY container.py /opt/ap/agent_platform/sdk/container.py\n", **{"container.py": DEAF})
    handle = docker_bench.driver.start(spec_of(docker_bench, ECHO, replace(NOTHING, wall_seconds=0.1), image=deaf))
    second = docker_bench.driver.start(spec_of(docker_bench, ECHO, image=deaf))
    docker_bench.driver.cancel(second, 0)
    assert docker_bench.until(handle, lambda status: status.phase is Phase.RUNNING).started_at
    ended = docker_bench.end_of(handle)
    assert (ended.reason, ended.exit_code) == (Reason.TIMEOUT, 128 + 9)
    assert docker_bench.end_of(second).reason is Reason.CANCELLED


@pytest.mark.sec
def test_an_image_with_volumes_is_rejected(docker_bench: DockerBench, client) -> None:
    """A volume would be room on the machine's disk that nothing bounds."""
    roomy = image(client, "VOLUME /data\n")
    with pytest.raises(Rejected, match="declares volumes"):
        docker_bench.driver.start(spec_of(docker_bench, ECHO, image=roomy))
    assert docker_bench.leftovers() == []


def test_an_image_of_ones_own_runs_the_agent_with_what_it_brings(docker_bench: DockerBench, client) -> None:
    own = image(client, "COPY tool.txt /opt/tool.txt\n", **{"tool.txt": "sharp"})
    source = "def go(run):\n    return open('/opt/tool.txt').read()\n"
    work = Work(zipped({"main.py": source}))
    handle = docker_bench.driver.start(replace(docker_bench.spec(work), image=own))
    assert docker_bench.end_of(handle).reason is Reason.OK
    assert work.result == "sharp"


def test_the_image_s_own_entry_is_found_by_an_isolated_interpreter(docker_bench: DockerBench, client) -> None:
    """As kubernetes starts it: by its name, where neither site-packages nor the environment is read."""
    made = client.create_container(
        AGENT_IMAGE, ["--port", "no-number"], host_config=client.create_host_config(network_mode="none")
    )
    try:
        client.start(made)
        assert client.wait(made)["StatusCode"] == 70
        assert b"container: ValueError" in client.logs(made)
    finally:
        client.remove_container(made, force=True)


def test_an_image_that_cannot_start_is_rejected_with_its_last_words(docker_bench: DockerBench, client) -> None:
    broken = image(
        client, "COPY container.py /opt/ap/agent_platform/sdk/\n", **{"container.py": "raise OSError('broken')"}
    )
    with pytest.raises(Rejected, match="OSError: broken"):
        docker_bench.driver.start(spec_of(docker_bench, ECHO, image=broken))
    assert docker_bench.leftovers() == []


def test_an_image_that_the_engine_has_not_got_is_fetched_and_its_absence_told(docker_bench: DockerBench) -> None:
    """Nothing listens on that port: fetching fails, and the next start begins it again."""
    spec = spec_of(docker_bench, ECHO, image=f"localhost:4199/agent@sha256:{'0' * 64}")
    for _ in range(2):
        with pytest.raises(Transient, match="being fetched"):
            docker_bench.driver.start(spec)
        time.sleep(0.2)
    assert docker_bench.leftovers() == []


def test_without_the_base_image_the_sentence_says_how_to_make_it(docker_bench: DockerBench) -> None:
    driver = DockerDriver(**docker_bench.settings() | {"image": "no-such-image"})
    with pytest.raises(Rejected, match="make agent-image"):
        driver.start(docker_bench.spec(Work(b"")))
    with pytest.raises(Rejected, match="make agent-image"):
        driver.refuse_unready()
    driver.close()


@pytest.mark.fault
def test_an_engine_that_is_away_is_a_transient_error(tmp_path: Path) -> None:
    places = {"root": tmp_path / "boxes", "broker_dir": tmp_path / "broker"}
    driver = DockerDriver(**places, installation="t", image="i", url=f"unix://{tmp_path}/none.sock")
    with pytest.raises(Transient, match="DOCKER_HOST"):
        driver.capabilities()
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    assert list(driver.watch(stop)) == []


def test_an_engine_of_another_machine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="socket of this machine"):
        DockerDriver(tmp_path, broker_dir=tmp_path, installation="t", image="i", url="tcp://127.0.0.1:4198")


@pytest.mark.fault
def test_a_container_that_somebody_else_ended_or_removed_is_lost(docker_bench: DockerBench, client) -> None:
    for act in (client.kill, lambda name: client.remove_container(name, force=True)):
        handle, work = docker_bench.start(SLEEP)
        eventually(lambda work=work: work.said)
        act(handle)
        status = docker_bench.until(handle, lambda status: status.phase.is_terminal)
        assert (status.phase, status.reason) == (Phase.LOST, Reason.LOST)
        docker_bench.driver.destroy(handle)
        assert docker_bench.leftovers() == []


def test_a_stop_by_the_engine_is_no_fault_of_the_agent(docker_bench: DockerBench, client) -> None:
    handle, work = docker_bench.start(SLEEP)
    eventually(lambda: work.said)
    client.stop(handle)
    assert docker_bench.driver.status(handle).reason is Reason.LOST
    assert work.said == ["asleep", "stopping"]


def test_a_namesake_of_somebody_else_s_is_left_alone(docker_bench: DockerBench, client) -> None:
    spec = spec_of(docker_bench, ECHO)
    other = client.create_container(AGENT_IMAGE, name=f"ap-{spec.run_id}-1")["Id"]
    try:
        with pytest.raises(Rejected, match="not ours"):
            docker_bench.driver.start(spec)
        docker_bench.driver.destroy(f"ap-{spec.run_id}-1")
        assert client.inspect_container(other)["Id"] == other
    finally:
        client.remove_container(other, force=True)
