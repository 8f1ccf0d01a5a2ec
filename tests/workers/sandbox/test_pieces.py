"""The pure pieces of the sandbox host: the filter, the command line, the limits, the log file."""

import os
import struct
from pathlib import Path
from typing import Any

import pytest

from agent_platform.sdk import _seccomp as seccomp
from agent_platform.sdk._frames import LogFile, read_frames
from agent_platform.services.runtime import Reason
from workers.sandbox.attempt import Attempt, Refused, accept, recovered
from workers.sandbox.bookkeeping import TakingTurns
from workers.sandbox.bwrap import Layout, command
from workers.sandbox.cgroups import ALL_TOGETHER, EXPECTED, LONG_RUNNING, Group, open_hierarchy, share_of_nth
from workers.sandbox.rootfs import RootFilesystem

LIMITS = {
    "cpu": 1,
    "memory_mb": 64,
    "pids": 8,
    "disk_mb": 16,
    "wall_seconds": 9,
    "start_seconds": 9,
    "log_bytes": 1024,
}
SPEC = {"run_id": "r-1", "attempt": 2, "token": "apr_x", "limits": LIMITS}
ROOT = RootFilesystem("/py", (("/mnt/0", "/py"), ("/sdk", "/opt/ap")), (("/lib", "usr/lib"),), ("/py/site-packages",))


def answer_of(program: bytes, architecture: int, number: int, *arguments: int) -> int:
    """What the kernel would answer: a tiny BPF machine over struct seccomp_data."""
    memory = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    code = [struct.unpack("=HBBI", program[at : at + 8]) for at in range(0, len(program), 8)]
    at, value = 0, 0
    while True:
        operation, yes, no, operand = code[at]
        at += 1
        if operation == seccomp.LOAD:
            (value,) = struct.unpack_from("=I", memory, operand)
        elif operation == seccomp.RETURN:
            return operand
        else:
            true = {
                seccomp.JUMP_EQUAL: value == operand,
                seccomp.JUMP_AT_LEAST: value >= operand,
                seccomp.JUMP_ANY_BIT: bool(value & operand),
            }[operation]
            at += yes if true else no


@pytest.mark.sec
@pytest.mark.parametrize("machine", [seccomp.X86_64, seccomp.AARCH64], ids=["x86_64", "aarch64"])
def test_the_filter_denies_what_it_names_and_allows_the_rest(machine: seccomp.Machine) -> None:
    program = seccomp.program(machine)

    def answer(number: int, *arguments: int) -> int:
        return answer_of(program, machine.audit, number, *arguments)

    assert {answer(number) for number in machine.denied.values()} == {seccomp.REFUSE | 1}
    assert answer(machine.clone3) == seccomp.REFUSE | 38
    assert answer(machine.clone, 0x10000000) == seccomp.REFUSE | 1
    assert answer(machine.clone, 0x003D0F00) == seccomp.ALLOW
    assert answer(machine.socket, 1) == answer(machine.socket, 2) == seccomp.ALLOW
    assert answer(machine.socket, 40) == seccomp.REFUSE | 97
    assert answer(machine.ioctl, 0, seccomp.TIOCSTI) == seccomp.REFUSE | 1
    assert answer(machine.ioctl, 0, 0x5413) == seccomp.ALLOW
    others = set(range(430)) - {*machine.denied.values(), machine.clone, machine.socket, machine.ioctl}
    assert {answer(number) for number in others} == {seccomp.ALLOW}
    assert answer_of(program, 0x40000003, 1) == seccomp.KILL


def test_the_command_line_closes_the_tree_last_and_starts_the_runner() -> None:
    layout = Layout("/usr/bin/bwrap", ROOT, "/broker", ("keys",))
    line = command(layout, disk_mb=16, seccomp_fd=9)
    assert line[:3] == ["/usr/bin/bwrap", "--unshare-all", "--unshare-user"]
    text = " ".join(line)
    for part in (
        "--die-with-parent --new-session --clearenv --cap-drop ALL --seccomp 9",
        "--ro-bind /mnt/0 /py --ro-bind /sdk /opt/ap",
        "--size 4096 --tmpfs /py/site-packages --remount-ro /py/site-packages",
        "--symlink usr/lib /lib",
        "--ro-bind /broker /run/ap --proc /proc --ro-bind /dev/null /proc/keys",
        "--size 16777216 --tmpfs /agent --size 16777216 --tmpfs /work",
    ):
        assert part in text
    last = line.index("--remount-ro", line.index("/work"))
    assert line[last + 1] == "/"
    assert "--bind" not in line
    assert line[line.index("--") + 1 :][:4] == ["/py", "-I", "-S", "-B"]


def test_version_1_limits_are_written_where_the_kernel_reads_them(tmp_path: Path) -> None:
    group = Group({name: tmp_path / name / "box" for name in ("memory", "pids", "cpu")}, unified=False)
    for folder, names in {
        "memory": ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"],
        "pids": ["pids.max"],
        "cpu": ["cpu.shares", "cpu.cfs_quota_us"],
    }.items():
        (tmp_path / folder / "box").mkdir(parents=True)
        for name in names:
            (tmp_path / folder / "box" / name).touch()
    group.create()
    assert (tmp_path / "cpu/box/cpu.shares").read_text() == "64"
    group.give(EXPECTED)
    assert (tmp_path / "cpu/box/cpu.shares").read_text() == "4096"
    group.limit(memory_bytes=64 << 20, pids=8, cpu=0.5)
    group.give(share_of_nth(5))
    assert (tmp_path / "cpu/box/cpu.shares").read_text().startswith("819")
    group.give(LONG_RUNNING)
    assert (tmp_path / "cpu/box/cpu.shares").read_text().startswith("128")
    assert (tmp_path / "memory/box/memory.memsw.limit_in_bytes").read_text().startswith("67108864")
    assert (tmp_path / "pids/box/pids.max").read_text() == "12"
    assert (tmp_path / "cpu/box/cpu.cfs_quota_us").read_text() == "50000"
    (tmp_path / "memory/box/memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert group.oom_kills() == 2


def test_version_2_limits_are_written_where_the_kernel_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "box"
    group = Group(dict.fromkeys(("memory", "pids", "cpu"), folder), unified=True)
    folder.mkdir()
    for name in ("memory.max", "memory.swap.max", "pids.max", "cpu.max", "cpu.weight"):
        (folder / name).touch()
    group.create()
    group.limit(memory_bytes=64 << 20, pids=8, cpu=2)
    assert (folder / "cpu.weight").read_text() == "6"
    assert (folder / "memory.max").read_text() == "67108864"
    assert (folder / "memory.swap.max").read_text() == "0"
    assert (folder / "cpu.max").read_text() == "200000 100000"
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n")
    (folder / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    assert (group.oom_kills(), group.cpu_seconds()) == (1, 1.5)
    assert group.join_paths() == [str(folder / "cgroup.procs")]


def test_a_log_reads_back_in_order_from_any_frame(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log", 1000)
    for number in range(5):
        log.append(1 + number % 2, b"line %d\n" % number)
    log.close()
    frames = read_frames(tmp_path / "log", 0)
    assert [(frame.stream, frame.content) for frame in frames][:2] == [("stdout", b"line 0\n"), ("stderr", b"line 1\n")]
    after = read_frames(tmp_path / "log", frames[2].next)
    assert [(frame.seq, frame.content) for frame in after] == [(frame.seq, frame.content) for frame in frames[3:]]
    assert read_frames(tmp_path / "log", frames[-1].next) == read_frames(tmp_path / "none", 0) == []


def test_a_log_is_cut_once_at_its_limit(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "log", 10)
    for _ in range(100):
        log.append(1, b"12345\n")
    log.close()
    content = b"".join(frame.content for frame in read_frames(tmp_path / "log", 0))
    assert content == b"12345\n1234\n[log limit of 10 bytes reached: the rest is dropped]\n"


def test_a_specification_becomes_an_attempt_that_hides_its_token() -> None:
    attempt = accept(SPEC)
    assert (attempt.handle, attempt.memory_bytes) == ("ap-r-1-2", 64 << 20)
    assert "apr_x" not in f"{attempt!r}{attempt.report()}"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"run_id": "../x"}, "run id"),
        ({"run_id": "R"}, "run id"),
        ({"attempt": 0}, "attempt"),
        ({"token": ""}, "token"),
        ({"limits": LIMITS | {"pids": 0}}, "pids must be between 1 and"),
        ({"limits": LIMITS | {"cpu": "1"}}, "cpu must be"),
        ({"limits": {}}, "lacks or misstates 'cpu'"),
    ],
)
def test_a_specification_that_is_wrong_is_refused_by_name(change: dict[str, Any], says: str) -> None:
    with pytest.raises(Refused, match=says):
        accept(SPEC | change)


def test_an_attempt_of_an_earlier_daemon_keeps_its_end_or_is_lost() -> None:
    running = accept(SPEC)
    running.run()
    assert recovered(running.report()).report()["reason"] == "lost"
    ended = accept(SPEC)
    ended.finish(Reason.OOM, exit_code=137, detail="words")
    assert recovered(ended.report()).report() == ended.report()


def test_a_crowd_of_one_tenant_gets_little_more_of_the_processor_than_another_s_single_run() -> None:
    crowd = sum(share_of_nth(number).shares for number in range(1, 19))
    assert crowd < 4 * share_of_nth(1).shares
    assert share_of_nth(1) == EXPECTED
    assert share_of_nth(2_000) == LONG_RUNNING


@pytest.mark.parametrize(("unified", "name", "given"), [(False, "cpu.shares", "256"), (True, "cpu.weight", "25")])
def test_a_share_is_written_as_the_version_of_control_groups_has_it(
    tmp_path: Path, unified: bool, name: str, given: str
) -> None:
    (tmp_path / name).touch()
    Group({"cpu": tmp_path}, unified).give(ALL_TOGETHER)
    assert (tmp_path / name).read_text() == given


def test_all_sandboxes_together_step_back_behind_the_platform() -> None:
    hierarchy = open_hierarchy(f"of-test-{os.getpid()}")
    if hierarchy is None or "cpu" not in hierarchy.parents:
        pytest.skip("control groups of this machine may not be made here")
    try:
        given = hierarchy.parents["cpu"] / ("cpu.weight" if hierarchy.unified else "cpu.shares")
        assert int(given.read_text()) == (ALL_TOGETHER.weight if hierarchy.unified else ALL_TOGETHER.shares)
    finally:
        hierarchy.leave()


def waiting(tenant_id: str, number: int) -> Attempt:
    return Attempt(f"ap-{tenant_id}-{number}", tenant_id, number, {}, token="", tenant_id=tenant_id)


def test_who_waits_for_a_sandbox_waits_behind_nobody_elses_crowd() -> None:
    line = TakingTurns()
    for number in range(3):
        line.append(waiting("loud", number))
    line.append(waiting("quiet", 0))
    assert [line.take().handle for _ in range(len(line))] == ["ap-loud-0", "ap-quiet-0", "ap-loud-1", "ap-loud-2"]
    assert line.take() is None


def test_what_is_kept_for_those_who_have_few_is_not_taken_by_who_has_many() -> None:
    line = TakingTurns()
    for number in range(2):
        line.serve(waiting("loud", number))
    line.append(waiting("loud", 2))
    assert line.take(only_few=True) is None
    line.append(waiting("quiet", 0))
    assert line.take(only_few=True).handle == "ap-quiet-0"
    line.leave(waiting("loud", 0))
    assert line.take(only_few=True).handle == "ap-loud-2"


def test_a_crowd_that_only_waits_has_no_few_either() -> None:
    line = TakingTurns()
    for number in range(3):
        line.append(waiting("loud", number))
    assert line.take(only_few=True) is None
    assert line.take().handle == "ap-loud-0"
    assert line.take(only_few=True).handle == "ap-loud-1"


def test_who_gives_up_leaves_the_line() -> None:
    line, first, second = TakingTurns(), waiting("a", 1), waiting("a", 2)
    line.append(first)
    line.append(second)
    line.discard(first)
    line.discard(first)
    assert len(line) == 1
    line.discard(second)
    assert not line
    assert line.take() is None
