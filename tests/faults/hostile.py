"""Agents that mean harm, in one bundle: `how` says which. Each is told in a line what must become of it."""

from typing import NamedTuple

from tests.e2e.bundles import packed

MANIFEST = """\
schema: agentplatform.dev/agent/v1
slug: hostile
name: Hostile
version: 1.0.0
summary: Does what an agent must not.
category: other
kind: job
source: {type: code, entry: "main:go"}
input:
  type: object
  required: [how]
  properties:
    how: {type: string, title: How}
    port: {type: integer, title: Port, default: 1}
output: {result: {type: object}}
resources: {memory_mb: 512, disk_mb: 256, timeout_seconds: 60}
pricing: {model: free}
"""

MAIN = '''\
import base64
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from agent_platform.sdk import agent


@agent
def go(run):
    return globals()[run.input["how"]](run)


def fork_bomb(run):
    while True:
        try:
            os.fork()
        except OSError:
            time.sleep(0.01)


def fork_until_refused(run):
    while True:
        if os.fork() == 0:
            time.sleep(60)


def thread_bomb(run):
    while True:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def thread_bomb_and_out(run):
    try:
        thread_bomb(run)
    except RuntimeError:
        os._exit(3)


def memory_bomb(run):
    kept = []
    while True:
        kept.append(bytearray(16 * 2**20))


def disk_filler(run):
    for number in range(100_000):
        Path(f"/work/{number}").write_bytes(bytes(2**20))


def one_large_file(run):
    with open("/work/large", "wb") as file:
        while True:
            file.write(bytes(2**20))


def log_flood(run):
    line = "x" * 1_000
    for _ in range(1_000_000):
        print(line)
    return {"printed": 10**9}


def raw_log_flood(run):
    block = b"y" * 2**20
    for _ in range(1_024):
        os.write(2, block)
    return {"written": 2**30}


def stubborn_sleeper(run):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(60)


def scanner(run):
    places = [("127.0.0.1", port) for port in (22, 80, 5432, 6379, 8080, run.input["port"])]
    places += [(f"10.0.0.{last}", 80) for last in range(1, 20)] + [(f"192.168.{third}.1", 80) for third in range(4)]
    places += [("169.254.169.254", 80), ("172.17.0.1", 80), ("1.1.1.1", 53), ("::1", run.input["port"]), ("fd00::1", 80)]
    reached = []
    for place in places:
        try:
            socket.create_connection(place, timeout=0.2).close()
            reached.append(str(place))
        except OSError:
            pass
    for parent, _, files in os.walk("/run"):
        for name in files:
            path = f"{parent}/{name}"
            if path in ("/run/ap/broker.sock", "/run/ap/egress.sock"):  # the two doors there are
                continue
            try:
                with socket.socket(socket.AF_UNIX) as one:
                    one.connect(path)
                reached.append(path)
            except OSError:
                pass
    return {"reached": reached, "proxy": sorted({through_the_proxy(*place) for place in places})}


def through_the_proxy(host, port):
    """What the egress door answers to somebody who has a live token and asks for an address that nobody allowed."""
    host = f"[{host}]" if ":" in host else host
    told = base64.b64encode(f"run:{os.environ['AP_RUN_TOKEN']}".encode()).decode()
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(5)
            one.connect("/run/ap/egress.sock")
            one.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nProxy-Authorization: Basic {told}\\r\\n\\r\\n".encode())
            return one.recv(1000).split(b" ")[1].decode()
    except OSError as error:
        return str(error)


def reader(run):
    found = {"environment": sorted(os.environ), "processes": sorted(n for n in os.listdir("/proc") if n.isdigit())}
    words = []
    for pid in found["processes"]:
        for name in ("cmdline", "environ", "mountinfo"):
            try:
                words.append(Path(f"/proc/{pid}/{name}").read_text(errors="replace"))
            except OSError:
                pass
    text = "\\n".join(words)
    return found | {"words": [word for word in ("postgres", "redis", "DATABASE_URL", "secrets", "SECRET") if word in text]}


def silent_exit(run):
    os._exit(0)


def liar(run):
    os._exit(75)  # as the runner does when no broker answers


def descriptor_bomb(run):
    kept = []
    while True:
        kept.append(open("/dev/null"))


def large_row(run):
    run.emit({"text": "z" * 300_000})


def row_flood(run):
    while True:
        run.emit_many([{"text": "z" * 60_000} for _ in range(50)])


def progress_flood(run):
    stop = time.monotonic() + 5
    number = 0
    while time.monotonic() < stop:
        number += 1
        run.progress(number, 10**9, f"step {number}")
    return {"steps": number}


def broker_flood(run):
    """Many connections at once to the one door there is, with requests that cost the broker work."""
    stop = time.monotonic() + 5
    asked = []

    def knock():
        while time.monotonic() < stop:
            try:
                run.kv.set("key", {"text": "v" * 10_000})
                with socket.socket(socket.AF_UNIX) as one:
                    one.settimeout(1)
                    one.connect("/run/ap/broker.sock")
                    one.sendall(b"POST /runtime/v1/events HTTP/1.1\\r\\nHost: broker\\r\\nContent-Length: 1000000\\r\\n\\r\\n" + bytes(100_000))
                asked.append(1)
            except OSError:
                pass

    threads = [threading.Thread(target=knock) for _ in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"asked": len(asked)}
'''
HOSTILE = packed({"agent.yaml": MANIFEST, "main.py": MAIN})


class Fate(NamedTuple):
    """How a run of this agent must end: state, failure code and words of its sentence. `seconds` is the limit it is given."""

    state: str
    code: str | None = None
    words: str = ""
    seconds: int = 60


FATES: dict[str, Fate] = {
    "fork_bomb": Fate("timed_out", "timed_out", "processes", seconds=5),
    "fork_until_refused": Fate("failed", "too_many_processes", "128 processes"),
    "thread_bomb": Fate("failed", "too_many_processes", "128 processes"),
    "thread_bomb_and_out": Fate("failed", "too_many_processes", "processes and threads"),
    "memory_bomb": Fate("failed", "out_of_memory", "memory"),
    "disk_filler": Fate("failed", "disk_full", "256 MiB"),
    "one_large_file": Fate("failed", "disk_full", "256 MiB"),
    "log_flood": Fate("succeeded"),
    "raw_log_flood": Fate("succeeded"),
    "stubborn_sleeper": Fate("timed_out", "timed_out", "5 s", seconds=5),
    "scanner": Fate("succeeded"),
    "reader": Fate("succeeded"),
    "silent_exit": Fate("failed", "agent_exit", "without giving a result"),
    "liar": Fate("failed", "agent_exit", "by the platform's own records the broker answered"),
    "descriptor_bomb": Fate("failed", "agent_error", "Too many open files"),
    "large_row": Fate("failed", "agent_error", "262,144"),
    "row_flood": Fate("failed", "agent_error", "at most 100,000 rows"),
    "progress_flood": Fate("succeeded"),
    "broker_flood": Fate("succeeded"),
}
