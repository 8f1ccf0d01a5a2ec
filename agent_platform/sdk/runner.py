"""Runs one attempt inside its sandbox: waits warm for a claim, then fetches, calls and reports."""

from __future__ import annotations

import os
import resource
import sys
from _signal import SIG_IGN, SIGTERM, signal  # type: ignore[import-not-found] # the module on top of it brings enum
from _socket import socket
from binascii import a2b_base64

from agent_platform.sdk import _wire
from agent_platform.sdk._bundle import unpack
from agent_platform.sdk._call import call, error_members, trace_of
from agent_platform.sdk._capture import Capture
from agent_platform.sdk._door import Door, refusal
from agent_platform.sdk._entry import build, load
from agent_platform.sdk._errors import AgentError, AttemptOver, RunStopped, RunWaits
from agent_platform.sdk._outbox import Outbox
from agent_platform.sdk._promises import InOrder, Room
from agent_platform.sdk._run import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

AGENT_DIR = "/agent"
WORK_DIR = "/work"
MAX_CLAIM_BYTES = 64 * 1024
SOON_SECONDS = 0.05
OFTEN_IMPORTED = ("re", "json", "datetime", "csv", "dataclasses", "pathlib", "threading", "traceback")
DELIVERED_RESULT, DELIVERED_ERROR, CRASHED, NOBODY_LISTENS, STOPPED = 0, 1, 70, 75, 128 + SIGTERM


def main() -> NoReturn:
    """The process ends with one of the exit codes of the runtime protocol.

    Standard input is a socket to the host: `ready` goes out, one claim comes in, `running` goes out, then it is shut.
    """
    os.write(0, b"ready\n")
    claim = _claim()
    for name, most in claim["rlimits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    door = Door(claim["broker"], claim["token"])
    try:
        work = _first_answer(door)
        code = _attempt(door, work, _environment(claim, work))
    except AttemptOver as error:
        os.write(2, f"{error}\n".encode())
        code = NOBODY_LISTENS
    except RunStopped:
        code = STOPPED
    except BaseException as error:  # noqa: BLE001 - whatever the agent raised must not pass for a delivered error
        os.write(2, trace_of(error).encode("utf-8", "replace"))
        code = CRASHED
    # Threads, atexit hooks and children that the agent left must not keep an ended attempt alive.
    os._exit(code)


def _claim() -> dict:
    line = _preload_until_claimed()
    while not line.endswith(b"\n"):
        piece = os.read(0, MAX_CLAIM_BYTES)
        if not piece:
            os._exit(0)  # the host went away before it had work for us
        line += piece
    return _wire.parse(line)


def _preload_until_claimed() -> bytes:
    """What has come of the claim. While none comes, modules that most agents import are imported, one at a time.

    Not at once: what was booted for somebody who waits is claimed at once, and would pay for modules that it may not use.
    """
    control, line = socket(fileno=os.dup(0)), b""
    control.settimeout(SOON_SECONDS)
    for name in OFTEN_IMPORTED:
        try:
            line = control.recv(MAX_CLAIM_BYTES) or os._exit(0)
            break
        except (TimeoutError, BlockingIOError):
            control.settimeout(0)
            __import__(name)
    control.close()
    os.set_blocking(0, True)
    return line


def _first_answer(door: Door) -> dict:
    status, body = door.request("GET", "/runtime/v1/input?bundle=inline")
    if status != 200:
        raise AttemptOver(f"The broker gave no input: {refusal(status, body).text}")
    os.write(0, b"running\n")
    quiet = os.open(os.devnull, os.O_RDONLY)
    os.dup2(quiet, 0)
    os.close(quiet)
    return _wire.parse(body)


def _environment(claim: dict, work: dict) -> dict[str, str]:
    """Where the platform is found by code that does not use this SDK; a proxy only for a run that may reach somebody."""
    broker = claim["broker"]
    found = {"AP_BROKER": broker if "://" in broker else f"unix://{broker}", "AP_RUN_TOKEN": claim["token"]}
    if work.get("network"):
        from agent_platform.sdk import _relay

        port = _relay.start(claim["broker"].rpartition("/")[0] + "/egress.sock")
        named = work.get("env") or {}  # the agent's own file of authorities comes before the machine's
        proxied = _relay.environment(claim["token"], port)
        found |= {name: value for name, value in proxied.items() if name != "SSL_CERT_FILE" or name not in named}
    return found


def _attempt(door: Door, work: dict, environment: dict[str, str]) -> int:
    def send(body: bytes) -> dict:
        status, answer = door.request("POST", "/runtime/v1/events", body)
        if status >= 300:
            raise refusal(status, answer)
        return _wire.parse(answer)

    room = Room(work.get("row_prices"), work.get("room"))
    outbox = Outbox(send, lambda: os._exit(NOBODY_LISTENS), work.get("spent_micro_usd") or 0, room)
    signal(SIGTERM, _stop)
    code = DELIVERED_ERROR
    with Capture(outbox) as capture:
        try:
            kind, members = _outcome(door, work, environment, outbox, capture)
        except RunStopped:
            signal(SIGTERM, SIG_IGN)
            outbox.log("warn", "stopping", {})
            kind, members, code = "", "", STOPPED
        except RunWaits:
            kind, members, code = "", "", DELIVERED_RESULT
        except SystemExit as error:
            kind, members, code = "", "", _exit_code(error)
    signal(SIGTERM, SIG_IGN)
    if kind:
        return _delivered(outbox, kind, members)
    outbox.flush()
    return code


def _outcome(door: Door, work: dict, environment: dict[str, str], outbox: Outbox, capture: Capture) -> tuple[str, str]:
    run = Run(work, outbox, InOrder(door, outbox))
    try:
        files = unpack(_bundle(door, work), work["bundle_digest"], AGENT_DIR)
        os.chdir(WORK_DIR)
        os.environ.update({str(name): str(value) for name, value in (work.get("env") or {}).items()} | environment)
        if work["kind"] == "build":
            built = build(work["entry"], AGENT_DIR, run.log) | {"files": files}
            return "result", f'"value":{_wire.to_json(built, "The build")}'
        function = load(work["entry"], AGENT_DIR)
    except Exception as error:  # noqa: BLE001 - importing runs the agent's code, which may raise anything
        return "error", error_members(error)
    capture.adopt_logging()
    return call(function, run)


def _bundle(door: Door, work: dict) -> bytes:
    if "bundle" in work:
        return a2b_base64(work.pop("bundle"))
    status, content = door.request("GET", "/runtime/v1/bundle")
    if status != 200:
        raise refusal(status, content)
    return content


def _delivered(outbox: Outbox, kind: str, members: str) -> int:
    try:
        outbox.ask(kind, members)
    except AgentError as error:
        outbox.ask("error", error_members(error))
        return DELIVERED_ERROR
    return DELIVERED_RESULT if kind == "result" else DELIVERED_ERROR


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 0xFF
    sys.__stderr__ and sys.__stderr__.write(f"{error.code}\n")  # type: ignore[union-attr]
    return 1


def _stop(*_: object) -> NoReturn:
    signal(SIGTERM, SIG_IGN)
    raise RunStopped("The run was stopped.")
