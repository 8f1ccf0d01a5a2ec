import os
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from agent_platform.core.embedded import EmbeddedServerFailed, start_valkey
from agent_platform.core.embedded.folders import PORTS, remembered_port


def push(server, *values):
    with redis.Redis.from_url(server.url) as client:
        client.rpush("jobs", *values)


def jobs(server):
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        return client.lrange("jobs", 0, -1)


def test_jobs_survive_a_killed_server_at_the_same_address(tmp_path):
    first = start_valkey(tmp_path / "d")
    push(first, *range(300))
    with redis.Redis.from_url(first.url) as client:
        client.waitaof(1, 0, 5000)
    first.process.kill()
    first.process.wait()
    first.stop()
    with start_valkey(tmp_path / "d") as second:
        assert second.url == first.url
        assert len(jobs(second)) == 300


def test_jobs_survive_a_stop(tmp_path):
    with start_valkey(tmp_path / "d") as first:
        push(first, "a")
    with start_valkey(tmp_path / "d") as second:
        assert jobs(second) == ["a"]


def test_it_never_drops_keys_for_want_of_memory(valkey):
    with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_nobody_enters_without_the_password(valkey):
    with redis.Redis(port=valkey.port, retry=Retry(NoBackoff(), 0)) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_the_password_is_not_on_the_command_line(tmp_path):
    with start_valkey(tmp_path / "d") as server:
        command = Path(f"/proc/{server.pid}/cmdline").read_text(encoding="utf-8")
        assert "valkey-server" in command
        assert (tmp_path / "d" / "secrets" / "valkey").read_text(encoding="ascii") not in command


def test_a_second_start_on_the_same_folder_is_refused(tmp_path):
    with start_valkey(tmp_path / "d"), pytest.raises(EmbeddedServerFailed, match=f"process {os.getpid()}"):
        start_valkey(tmp_path / "d")


def test_a_port_stays_below_the_range_of_outgoing_connections(tmp_path):
    port = remembered_port(tmp_path / "port")
    assert port in PORTS
    assert remembered_port(tmp_path / "port") == port
