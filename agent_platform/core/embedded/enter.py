"""Run as a script: becomes the user that a server accepts, ties its life to the parent's, then is the server.

Arguments: way (direct, namespace, nobody), pid of the parent, signal to get when the parent dies, program, its arguments.
Standard library only, and without site-packages: this file is started by its path before every server.
"""

import ctypes
import os
import pwd
import sys

CLONE_NEWUSER = 0x10000000  # Source: linux/sched.h
PR_SET_PDEATHSIG = 1  # Source: linux/prctl.h
NOBODY_ID = 65534


def main() -> None:
    way, parent, death_signal, *argv = sys.argv[1:]
    libc = ctypes.CDLL(None, use_errno=True)
    if way == "namespace":
        _map_nobody_to_me(libc)
    elif way == "nobody":
        _drop_to_nobody()
    libc.prctl(PR_SET_PDEATHSIG, int(death_signal))  # after any change of user, which would reset it
    if os.getppid() != int(parent):
        sys.exit("The process that started this server is gone.")
    os.execv(argv[0], argv)  # noqa: S606 - no shell wanted


def _map_nobody_to_me(libc: ctypes.CDLL) -> None:
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "no user namespace")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY_ID} {uid} 1"),
        ("gid_map", f"{NOBODY_ID} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123 - pathlib costs its import
            file.write(text)


def _drop_to_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


if __name__ == "__main__":
    main()
