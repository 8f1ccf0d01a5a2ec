"""What the engine is asked for, whole."""

import json
from dataclasses import replace

import pytest

from agent_platform.services.runtime import Limits, SandboxSpec
from agent_platform.services.runtime._docker.objects import Shape, claim_line, container, labels_of, update

SHAPE = Shape(
    installation="i1",
    box="/run/docker/runs/ap-r-1-2",
    broker_dir="/run/broker",
    image="sha256:aa",
    runtime="",
    uid=200_007,
    cpus=2,
)
LIMITS = Limits(cpu=1.5, memory_mb=96, pids=20, disk_mb=32, wall_seconds=90, log_bytes=1 << 20)
SPEC = SandboxSpec(run_id="r-1", attempt=2, tenant_id="t-1", bundle_digest="d", limits=LIMITS, token="apr_secret")
CONFINED = {
    "NetworkMode": "none",
    "Dns": ["127.0.0.1"],
    "DnsSearch": ["."],
    "IpcMode": "private",
    "CgroupnsMode": "private",
    "ReadonlyRootfs": True,
    "Privileged": False,
    "CapDrop": ["ALL"],
    "SecurityOpt": ["no-new-privileges:true"],
    "Init": False,
    "Runtime": "",
    "Tmpfs": {
        "/work": "rw,nosuid,nodev,exec,size=33554432,uid=200007,gid=200007,mode=0755",
        "/agent": "rw,nosuid,nodev,exec,size=33554432,uid=200007,gid=200007,mode=0755",
    },
    "ShmSize": 32 << 20,
    "Mounts": [
        {
            "Type": "bind",
            "Source": "/run/broker",
            "Target": "/run/ap",
            "ReadOnly": True,
            "BindOptions": {"Propagation": "rprivate"},
        },
        {
            "Type": "bind",
            "Source": "/run/docker/runs/ap-r-1-2",
            "Target": "/run/control",
            "ReadOnly": False,
            "BindOptions": {"Propagation": "rprivate"},
        },
    ],
    "Ulimits": [
        {"Name": "core", "Soft": 0, "Hard": 0},
        {"Name": "nofile", "Soft": 1024, "Hard": 1024},
        {"Name": "fsize", "Soft": 32 << 20, "Hard": 32 << 20},
        {"Name": "msgqueue", "Soft": 0, "Hard": 0},
    ],
    "OomScoreAdj": 500,
    "RestartPolicy": {"Name": "no"},
    "AutoRemove": False,
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "64k", "max-file": "1"}},
}
LIMITED = {"Memory": 96 << 20, "MemorySwap": 96 << 20, "PidsLimit": 23, "NanoCpus": 1_500_000_000}


@pytest.mark.sec
def test_a_container_is_asked_for_with_everything_closed() -> None:
    assert container(SHAPE, LIMITS, labels_of(SPEC)) == {
        "Image": "sha256:aa",
        "Entrypoint": [
            *("python3", "-I", "-S", "-B", "-X", "utf8", "-c"),
            "import sys; sys.path.append('/opt/ap'); from agent_platform.sdk.container import main; main()",
        ],
        "Cmd": ["--control", "/run/control"],
        "User": "200007:200007",
        "WorkingDir": "/work",
        "Hostname": "sandbox",
        "Env": [],
        "Labels": {
            "ap.installation": "i1",
            "ap.box": "ap-r-1-2",
            "ap.tenant": "t-1",
            "ap.run": "r-1",
            "ap.attempt": "2",
            "ap.wall-seconds": "90",
        },
        "StopSignal": "SIGTERM",
        "StopTimeout": 2,
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": CONFINED | LIMITED,
    }


def test_a_claimed_warm_container_gets_the_limits_of_its_claim_and_no_more() -> None:
    assert update(2, LIMITS) == LIMITED
    assert update(1, LIMITS)["NanoCpus"] == 1_000_000_000, "the engine refuses more than the machine has"


@pytest.mark.sec
def test_a_tenant_s_words_reach_labels_and_nothing_else() -> None:
    hostile = replace(SPEC, tenant_id='t", "Privileged": true', bundle_digest="../..", isolation="standard")
    told, usual = container(SHAPE, LIMITS, labels_of(hostile)), container(SHAPE, LIMITS, labels_of(SPEC))
    assert told.pop("Labels") != usual.pop("Labels")
    assert told == usual
    assert "apr_secret" not in json.dumps([told, labels_of(SPEC)])


def test_a_claim_is_one_line_with_all_that_the_container_must_know() -> None:
    line = claim_line(SPEC)
    assert line.endswith(b"}\n")
    assert json.loads(line) == {
        "token": "apr_secret",
        "broker": "/run/ap/broker.sock",
        "name": "ap-r-1-2",
        "rlimits": {"RLIMIT_FSIZE": 32 << 20},
        "wall_seconds": 90,
        "start_seconds": 60,
        "log_bytes": 1 << 20,
    }


def test_the_log_file_fits_into_the_longest_file() -> None:
    limits = replace(LIMITS, disk_mb=1, log_bytes=10 << 20)
    ulimits = container(SHAPE, limits, {})["HostConfig"]["Ulimits"]
    assert {one["Name"]: one["Hard"] for one in ulimits}["fsize"] == 60 << 20
