"""Entry of a container on docker and kubernetes: waits for one claim, runs the ordinary runner on it, ends as it ends.

--control DIR                                     docker: the claim comes through the pipe DIR/claim
--token-file FILE --broker URL --wall-seconds N   kubernetes Job: at once, with the token that lies in a file
--port N                                          kubernetes warm pod: one claim over TCP, then the port is closed
Also understood with --token-file: --start-seconds N, --log-bytes N, --rlimits JSON. With either of the last two: --notes FILE.

A claim is one JSON line: token, broker, name, rlimits, wall_seconds, and if wanted start_seconds, log_bytes.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, has_ipv6, socket

from agent_platform.sdk import _processes, _seccomp
from agent_platform.sdk._frames import write_frame
from agent_platform.sdk._json import parse
from agent_platform.sdk._supervisor import WORK_DIR, Notes, Supervisor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

FLAGS = frozenset(
    {
        *("--control", "--token-file", "--broker", "--wall-seconds", "--start-seconds", "--log-bytes", "--rlimits"),
        *("--port", "--notes"),
    }
)
CLAIM, JOURNAL, LOG, STOP = "claim", "journal", "log", "stop"
TERMINATION_LOG = "/dev/termination-log"  # Source: Kubernetes API, terminationMessagePath
CLAIM_SECONDS = 5.0
MAX_CLAIM_BYTES = 64 * 1024
MAX_TOKEN_BYTES = 4096
CANNOT_WORK = 70


def main() -> NoReturn:
    """The process ends with the runner's exit code, and everything that the runner started has ended with it."""
    try:
        options = _options(sys.argv[1:])
        _seccomp.confine()
        _processes.keep_to_ourselves()
        _processes.adopt_orphans()
        _prepare_folders()
        code = _supervised(options).run()
    except (OSError, ValueError, KeyError) as error:
        os.write(2, f"container: {type(error).__name__}: {error}\n".encode())
        code = CANNOT_WORK
    os._exit(code)


def _options(arguments: list[str]) -> dict[str, str]:
    options = dict(zip(arguments[::2], arguments[1::2], strict=False))
    ways = {"--control", "--token-file", "--port"} & options.keys()
    if len(arguments) % 2 or len(ways) != 1 or not options.keys() <= FLAGS:
        raise ValueError(f"not understood: {' '.join(arguments)}")
    return options


def _prepare_folders() -> None:
    try:
        os.chdir(WORK_DIR)
        os.mkdir(".tmp", 0o700)  # noqa: PTH102 - pathlib costs start-up time; /tmp of the base image leads here
    except OSError:
        return  # a container with a /tmp of its own, or a new start on a folder that is kept


def _supervised(options: dict[str, str]) -> Supervisor:
    if "--control" in options:
        return _by_control(options["--control"])
    notes = Notes(_opened(options.get("--notes", TERMINATION_LOG)))
    supervisor = Supervisor(notes, os.write, lambda: None)
    if "--port" in options:
        _claim_by_port(supervisor, int(options["--port"]))
    else:
        supervisor.claim(_claim_by_file(options))
    return supervisor


def _by_control(folder: str) -> Supervisor:
    """The pipe is opened last: whoever can write to it knows that nothing else is opened any more."""
    notes = Notes(os.open(f"{folder}/{JOURNAL}", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC))
    log = os.open(f"{folder}/{LOG}", os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    supervisor = Supervisor(notes, lambda stream, content: _kept(log, stream, content), lambda: _grace(folder))
    # For reading and writing, so that it does not end with each writer that comes and goes.
    pipe = os.open(f"{folder}/{CLAIM}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    line = bytearray()

    def read() -> None:
        line.extend(os.read(pipe, MAX_CLAIM_BYTES))
        if b"\n" in line:
            supervisor.unwatch(pipe)
            os.close(pipe)
            supervisor.claim(parse(bytes(line.partition(b"\n")[0])))

    supervisor.watch(pipe, read)
    return supervisor


def _kept(log: int, stream: int, content: bytes) -> None:
    try:
        write_frame(log, stream, content)
    except OSError as error:
        os.write(2, f"container: a piece of the log is lost: {error}\n".encode())


def _grace(folder: str) -> float | None:
    """None when nobody of ours asked: then whoever did ask kills, too."""
    try:
        with open(f"{folder}/{STOP}", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs start-up time
            return float(parse(file.read())["grace_seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _claim_by_file(options: dict[str, str]) -> dict:
    path = options["--token-file"]
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    token = os.read(descriptor, MAX_TOKEN_BYTES + 1).strip().decode("ascii")
    os.close(descriptor)
    try:  # noqa: SIM105 - contextlib costs start-up time
        os.unlink(path)  # noqa: PTH108
    except OSError:
        pass  # a mounted secret cannot be removed from inside; the token dies with its attempt
    if not token or len(token) > MAX_TOKEN_BYTES:
        raise ValueError("the token file holds no token")
    claim = {
        "token": token,
        "broker": options["--broker"],
        "name": "",
        "rlimits": parse(options.get("--rlimits", "{}")),
        "wall_seconds": float(options["--wall-seconds"]),
    }
    limits = {"start_seconds": "--start-seconds", "log_bytes": "--log-bytes"}
    return claim | {name: float(options[flag]) for name, flag in limits.items() if flag in options}


def _claim_by_port(supervisor: Supervisor, port: int) -> None:
    listener = socket(AF_INET6 if has_ipv6 and os.path.exists("/proc/net/if_inet6") else AF_INET, SOCK_STREAM)  # noqa: PTH110
    listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    listener.bind(("", port))
    listener.listen(8)

    def accept() -> None:
        claim = _one_claim(socket(fileno=listener._accept()[0]))  # type: ignore[attr-defined]  # noqa: SLF001 - `accept` is in the module that costs start-up time
        if claim is not None:
            supervisor.unwatch(listener.fileno())
            listener.close()
            supervisor.claim(claim)

    supervisor.watch(listener.fileno(), accept)


def _one_claim(connection: socket) -> dict | None:
    """What a caller sent if it was a claim, which it is told by one line; None, and the port stays open, for anything else."""
    connection.settimeout(CLAIM_SECONDS)
    line = b""
    try:
        while not line.endswith(b"\n") and len(line) <= MAX_CLAIM_BYTES:
            piece = connection.recv(MAX_CLAIM_BYTES)
            if not piece:
                return None
            line += piece
        claim = parse(line)
        if not {"token", "broker", "name", "rlimits", "wall_seconds"} <= claim.keys():
            return None
        connection.sendall(b"claimed\n")
    except (OSError, ValueError, AttributeError):
        return None
    else:
        return claim
    finally:
        connection.close()


def _opened(path: str) -> int | None:
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except OSError:
        return None


if __name__ == "__main__":
    main()
