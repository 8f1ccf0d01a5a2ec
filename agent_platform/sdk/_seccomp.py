"""The system-call filter of every sandbox, as a BPF program for the kernel.

Source: linux/filter.h, linux/seccomp.h, linux/prctl.h, linux/audit.h; numbers from asm/unistd_64.h and asm-generic/unistd.h.
"""

from __future__ import annotations

import errno
import os
import struct

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
AT_NUMBER, AT_ARCHITECTURE, AT_FIRST, AT_SECOND = 0, 4, 16, 24
X32_BIT = 0x40000000
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
NEW_NAMESPACE_BITS = 0x7E020000
# Everything else leaves the network namespace's control: AF_VSOCK reaches the hypervisor, AF_NETLINK and AF_PACKET the kernel.
SOCKET_FAMILIES = (1, 2, 10)
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER_MODE = 22, 38, 2


class Machine:
    """Numbers of one architecture; `denied` answers EPERM."""

    __slots__ = ("audit", "clone", "clone3", "denied", "ioctl", "socket")

    def __init__(self, *, audit: int, clone: int, socket: int, ioctl: int, denied: dict[str, int]) -> None:
        self.audit = audit
        self.clone = clone
        self.clone3 = 435
        self.socket = socket
        self.ioctl = ioctl
        self.denied = denied


# The same number on every architecture.
COMMON = {
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "process_madvise": 440,
    "mount_setattr": 442, "quotactl_fd": 443, "open_tree_attr": 467,
}  # fmt: skip

X86_64 = Machine(
    audit=0xC000003E, clone=56, socket=41, ioctl=16,
    denied=COMMON | {
        "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308, "ptrace": 101,
        "bpf": 321, "keyctl": 250, "add_key": 248, "request_key": 249, "perf_event_open": 298, "userfaultfd": 323,
        "kexec_load": 246, "kexec_file_load": 320, "init_module": 175, "finit_module": 313, "delete_module": 176,
        "create_module": 174, "query_module": 178, "process_vm_readv": 310, "process_vm_writev": 311,
        "name_to_handle_at": 303, "open_by_handle_at": 304, "acct": 163, "swapon": 167, "swapoff": 168, "reboot": 169,
        "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "quotactl": 179, "nfsservctl": 180,
        "lookup_dcookie": 212, "kcmp": 312, "syslog": 103, "settimeofday": 164, "clock_settime": 227,
        "clock_adjtime": 305, "adjtimex": 159, "vhangup": 153, "modify_ldt": 154, "personality": 135,
        "move_pages": 279, "mbind": 237, "set_mempolicy": 238, "migrate_pages": 256, "fanotify_init": 300,
        "uselib": 134, "sysfs": 139, "_sysctl": 156,
    },
)  # fmt: skip

AARCH64 = Machine(
    audit=0xC00000B7, clone=220, socket=198, ioctl=29,
    denied=COMMON | {
        "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "ptrace": 117,
        "bpf": 280, "keyctl": 219, "add_key": 217, "request_key": 218, "perf_event_open": 241, "userfaultfd": 282,
        "kexec_load": 104, "kexec_file_load": 294, "init_module": 105, "finit_module": 273, "delete_module": 106,
        "process_vm_readv": 270, "process_vm_writev": 271, "name_to_handle_at": 264, "open_by_handle_at": 265,
        "acct": 89, "swapon": 224, "swapoff": 225, "reboot": 142, "sethostname": 161, "setdomainname": 162,
        "quotactl": 60, "nfsservctl": 42, "lookup_dcookie": 18, "kcmp": 272, "syslog": 116, "settimeofday": 170,
        "clock_settime": 112, "clock_adjtime": 266, "adjtimex": 171, "vhangup": 58, "personality": 92,
        "move_pages": 239, "mbind": 235, "set_mempolicy": 237, "migrate_pages": 238, "fanotify_init": 262,
    },
)  # fmt: skip

MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}


def program(machine: Machine) -> bytes:
    """The filter as an array of `struct sock_filter`, ready for `bwrap --seccomp` and for `confine`."""
    code = [_op(LOAD, AT_ARCHITECTURE), _op(JUMP_EQUAL, machine.audit, yes=1), _op(RETURN, KILL), _op(LOAD, AT_NUMBER)]
    if machine is X86_64:
        code += [_op(JUMP_AT_LEAST, X32_BIT, no=1), _refuse(errno.ENOSYS)]
    # glibc falls back to clone, whose flags can be read here; those of clone3 lie behind a pointer.
    code += [_op(JUMP_EQUAL, machine.clone3, no=1), _refuse(errno.ENOSYS)]
    for number in sorted(machine.denied.values()):
        code += [_op(JUMP_EQUAL, number, no=1), _refuse(errno.EPERM)]
    code += _when(machine.clone, AT_FIRST, [_op(JUMP_ANY_BIT, NEW_NAMESPACE_BITS, no=1), _refuse(errno.EPERM)])
    families = [step for family in SOCKET_FAMILIES for step in (_op(JUMP_EQUAL, family, no=1), _op(RETURN, ALLOW))]
    code += _when(machine.socket, AT_FIRST, [*families, _refuse(errno.EAFNOSUPPORT)])
    terminal = [step for call in (TIOCSTI, TIOCLINUX) for step in (_op(JUMP_EQUAL, call, no=1), _refuse(errno.EPERM))]
    code += _when(machine.ioctl, AT_SECOND, terminal)
    return b"".join([*code, _op(RETURN, ALLOW)])


def confine() -> None:
    """This process and all that it starts are under the filter, on top of whichever they are under already. Raises: OSError."""
    import ctypes

    machine = MACHINES.get(os.uname().machine)
    if machine is None:
        raise OSError(errno.ENOSYS, f"there is no system-call filter for {os.uname().machine}")
    code = program(machine)
    text = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HxxxxxxP", len(code) // 8, ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, first, second in ((PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, FILTER_MODE, header)):
        if libc.prctl(option, ctypes.c_ulong(first), second, 0, 0):
            raise OSError(ctypes.get_errno(), "the system-call filter was refused")


def _when(number: int, argument: int, body: list[bytes]) -> list[bytes]:
    return [_op(JUMP_EQUAL, number, no=len(body) + 2), _op(LOAD, argument), *body, _op(RETURN, ALLOW)]


def _refuse(code: int) -> bytes:
    return _op(RETURN, REFUSE | code)


def _op(code: int, operand: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, operand)
