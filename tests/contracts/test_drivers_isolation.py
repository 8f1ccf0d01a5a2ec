"""What every runtime driver promises about the inside: limits hold, and nothing of anybody else is there."""

import os
import socket
from dataclasses import replace

import pytest

from agent_platform.services.runtime import Phase, Reason
from tests.contracts.benches import NOTHING, Bench, eventually

pytestmark = [pytest.mark.sandbox, pytest.mark.sec]

EAT = "def go(run):\n    import time\n    kept = bytearray({mib} * 2**20)\n    time.sleep(0.5)\n    return len(kept)\n"
TRY = """
import ctypes, os, socket, errno
libc = ctypes.CDLL(None, use_errno=True)
def tried(*call):
    ctypes.set_errno(0)
    return errno.errorcode.get(ctypes.get_errno(), 'ok') if libc.syscall(*map(ctypes.c_long, call)) < 0 else 'ok'
"""


def test_200_mib_in_64_is_out_of_memory_exactly(bench: Bench) -> None:
    status, _ = bench.run(EAT.format(mib=200), replace(NOTHING, memory_mb=64))
    assert (status.phase, status.reason) == (Phase.FAILED, Reason.OOM)


def test_30_mib_in_64_is_not_out_of_memory(bench: Bench) -> None:
    status, work = bench.run(EAT.format(mib=30), replace(NOTHING, memory_mb=64))
    assert (status.reason, work.result) == (Reason.OK, 30 * 2**20)


def test_a_child_that_eats_the_memory_counts_too(bench: Bench) -> None:
    source = """
import os, sys
def go(run):
    if os.fork() == 0:
        kept = bytearray(200 * 2**20)
        import time; time.sleep(60)
    _, status = os.wait()
    os._exit(9)
"""
    status, _ = bench.run(source, replace(NOTHING, memory_mb=64))
    assert status.reason is Reason.OOM


def test_a_fork_bomb_is_limited_and_the_neighbour_answers(bench: Bench) -> None:
    source = """
import os, time
def go(run):
    made = 0
    while made < 500:
        try:
            if os.fork() == 0:
                time.sleep(60)
        except BlockingIOError:
            return made
        made += 1
    return made
"""
    status, work = bench.run(source, replace(NOTHING, pids=20))
    assert status.reason is Reason.OK
    assert 15 <= work.result <= 24
    assert bench.run("def go(run):\n    return 1\n")[1].result == 1


def test_disk_is_limited(bench: Bench) -> None:
    source = """
import os
def fill(path):
    written = 0
    try:
        while written < 600:
            with open(f'{path}/{written}', 'wb') as file:
                file.write(bytes(2**20))
            written += 1
    except OSError as error:
        return [written, error.errno]
    return [written, 0]
def go(run):
    found = {place: fill(place) for place in ('/work', '/agent')}
    return found | {'/tmp': fill('/tmp')}
"""
    _, work = bench.run(source, replace(NOTHING, disk_mb=300, memory_mb=1024))
    assert work.result["/work"][0] in range(290, 301)
    assert work.result["/agent"][0] in range(290, 301)
    assert work.result["/tmp"][0] == 0
    assert {code for _, code in work.result.values()} == {28}


def test_nothing_else_can_be_written(bench: Bench) -> None:
    source = """
import os
def go(run):
    wrong = []
    for parent, folders, _ in os.walk('/'):
        if parent.startswith(('/proc', '/work', '/agent', '/dev/shm', '/dev/pts')):
            continue
        try:
            open(parent + '/x', 'w').close()
            wrong.append(parent)
        except OSError:
            pass
    return wrong
"""
    assert bench.run(source)[1].result == []


def test_there_is_no_network_but_the_broker_answers(bench: Bench) -> None:
    outside = socket.create_server(("127.0.0.1", 0))
    host = socket.gethostbyname(socket.gethostname())
    source = """
import socket
def go(run):
    found = []
    for address in run.input['addresses']:
        try:
            socket.create_connection(tuple(address), timeout=2).close()
            found.append(address)
        except OSError:
            pass
    try:
        found.append(socket.getaddrinfo('example.com', 80))
    except OSError:
        pass
    run.kv.set('reached', True)
    return found
"""
    places = [("127.0.0.1", outside.getsockname()[1]), (host, outside.getsockname()[1])]
    places += [("169.254.169.254", 80), ("172.17.0.1", 80), ("10.0.0.1", 80), ("1.1.1.1", 53)]
    status, work = bench.run(source, input={"addresses": places})
    outside.close()
    assert (status.reason, work.result, work.kv) == (Reason.OK, [], {"reached": True})


def test_there_is_no_root_no_capability_and_no_way_to_one(bench: Bench) -> None:
    source = (
        TRY
        + """
def go(run):
    status = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)
    found = {name: status[name].split() for name in ('CapEff', 'CapPrm', 'CapBnd', 'CapInh', 'NoNewPrivs', 'Seccomp')}
    found['ids'] = [os.getuid(), os.geteuid(), os.getgid(), os.getegid()]
    found['groups'] = os.getgroups()
    found['calls'] = {
        'mount': tried(165, 0, 0, 0, 0, 0), 'unshare': tried(272, 0x10000000), 'setns': tried(308, 0, 0),
        'ptrace': tried(101, 0, 0, 0, 0), 'bpf': tried(321, 0, 0, 0), 'keyctl': tried(250, 0, 0, 0, 0),
        'perf_event_open': tried(298, 0, 0, 0, 0, 0), 'userfaultfd': tried(323, 0), 'io_uring': tried(425, 1, 0),
        'process_vm_readv': tried(310, 1, 0, 0, 0, 0, 0), 'kexec': tried(246, 0, 0, 0, 0),
        'clone_user': tried(56, 0x10000000 | 17, 0, 0, 0, 0), 'clone3': tried(435, 0, 0),
        'init_module': tried(175, 0, 0, 0), 'chroot': tried(161, 0), 'open_by_handle': tried(304, 0, 0, 0),
        'x32': tried(0x40000000 + 39),
    }
    families = {}
    for family in (16, 17, 40):
        try:
            socket.socket(family, socket.SOCK_RAW if family != 40 else socket.SOCK_STREAM)
            families[family] = 'ok'
        except OSError as error:
            families[family] = errno.errorcode[error.errno]
    found['families'] = families
    return found
"""
    )
    if os.uname().machine != "x86_64":
        pytest.skip("system call numbers of x86-64")
    status, work = bench.run(source)
    assert status.reason is Reason.OK
    found = work.result
    calls = found.pop("calls")
    assert (calls.pop("clone3"), calls.pop("x32")) == ("ENOSYS", "ENOSYS")
    assert set(calls.values()) == {"EPERM"}, calls
    assert set(found.pop("families").values()) == {"EAFNOSUPPORT"}
    ids = set(found.pop("ids"))
    assert len(ids) == 1
    assert ids <= set(bench.inside_ids)
    assert 0 not in ids
    assert set(found.pop("groups")) <= ids | {65534}
    assert found == {name: ["0000000000000000"] for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")} | {
        "NoNewPrivs": ["1"],
        "Seccomp": ["2"],
    }


def test_nothing_of_the_workers_environment_or_files_is_inside(bench: Bench) -> None:
    source = """
import os, sys
def go(run):
    seen = []
    for parent, folders, files in os.walk('/'):
        if parent == '/proc':
            folders[:] = [name for name in folders if name.isdigit()]
        seen += [os.path.join(parent, name) for name in files]
    environments = [open(f'/proc/{pid}/environ', 'rb').read().decode() for pid in ('self',)]
    return {'environment': dict(os.environ), 'files': [path for path in seen if not path.startswith('/proc')],
            'raw': environments, 'top': sorted(os.listdir('/')), 'command': open('/proc/self/cmdline').read()}
"""
    work = bench.run(source, env={"GREETING": "hello"})[1]
    found = work.result
    assert found["environment"] == {
        "AP_BROKER": bench.broker_inside,
        "AP_RUN_TOKEN": next(token for token, known in bench.broker.works.items() if known is work),
        "GREETING": "hello",
        "HOME": "/work",
        "LANG": "C.UTF-8",
        "PATH": bench.search_path,
        "PWD": "/work",
        "TMPDIR": "/tmp",
        "USER": "agent",
    }
    assert "canary" not in str(found)
    files = [path for path in found["files"] if path not in bench.files_of_the_driver]
    ours = [path for path in files if "agent_platform" in path]
    assert ours
    assert all(path.startswith("/opt/ap/agent_platform/sdk/") for path in ours)
    assert not [path for path in files if "site-packages" in path or path.startswith(("/etc", "/home"))]
    assert not [path for path in files if path.endswith(("/bin/sh", "/bin/bash"))]


def test_the_agent_inherits_no_open_file(bench: Bench) -> None:
    source = """
import os
def go(run):
    names = {}
    for name in os.listdir('/proc/self/fd'):
        try:
            names[name] = os.readlink('/proc/self/fd/' + name).split(':')[0]
        except OSError:
            pass
    return sorted(names.values())
"""
    assert bench.run(source)[1].result == ["/dev/null", "pipe", "pipe", "socket"]


def test_two_sandboxes_cannot_see_each_other(bench: Bench) -> None:
    first = """
import os, socket, time
def go(run):
    open('/tmp/secret', 'w').write('mine')
    open('/work/secret', 'w').write('mine')
    open('/dev/shm/secret', 'w').write('mine')
    s = socket.socket(socket.AF_UNIX); s.bind('\\0hidden'); s.listen()
    run.log.info('ready')
    time.sleep(60)
"""
    second = """
import os, socket
def go(run):
    found = [path for path in ('/tmp/secret', '/work/secret', '/dev/shm/secret') if os.path.exists(path)]
    pids = [int(name) for name in os.listdir('/proc') if name.isdigit()]
    try:
        socket.socket(socket.AF_UNIX).connect('\\0hidden')
        found.append('socket')
    except OSError:
        pass
    for pid in range(3, 400):
        if pid != os.getpid():
            try:
                os.kill(pid, 0)
                found.append(pid)
            except ProcessLookupError:
                pass
    return {'found': found, 'pids': len(pids), 'sockets': os.listdir('/run/ap') if os.path.exists('/run/ap') else []}
"""
    _, held = bench.start(first)
    eventually(lambda: held.said)
    work = bench.run(second)[1]
    assert work.result == {"found": [], "pids": 2, "sockets": list(bench.sockets)}


def test_the_token_is_in_no_command_line_environment_log_or_file(bench: Bench) -> None:
    handle, work = bench.start("import time\ndef go(run):\n    run.log.info('ready')\n    time.sleep(60)\n")
    eventually(lambda: work.said)
    token = next(token for token, known in bench.broker.works.items() if known is work)
    assert token not in bench.traces(handle)
    assert token not in repr(bench.spec(work))
