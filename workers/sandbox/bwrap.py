"""The command line that turns limits and a root filesystem into a sandbox. Pure: nothing of a tenant reaches it."""

from dataclasses import dataclass

from workers.sandbox.rootfs import SDK_TARGET, RootFilesystem

MIB = 1024 * 1024
INSIDE_ID = "1000"
SHARED_MEMORY_MIB = 64
BROKER_TARGET = "/run/ap"
MASKED = (
    "kcore",
    "keys",
    "key-users",
    "latency_stats",
    "timer_list",
    "sched_debug",
    "interrupts",
    "kallsyms",
    "modules",
)
ENVIRONMENT = {"HOME": "/work", "TMPDIR": "/tmp", "LANG": "C.UTF-8", "PATH": "/usr/bin", "USER": "agent"}  # noqa: S108 - inside
START = f"import sys; sys.path.append({SDK_TARGET!r}); from agent_platform.sdk.runner import main; main()"
INSTALL_HINT = (
    "The sandbox needs bubblewrap: run `apt-get install bubblewrap` (or your distribution's package of that name). "
    "Nothing is ever run without a sandbox."
)


@dataclass(frozen=True)
class Layout:
    """What all sandboxes of this host share. `masked`: files below /proc that are covered."""

    program: str
    root: RootFilesystem
    broker_dir: str
    masked: tuple[str, ...]


def command(layout: Layout, *, disk_mb: int, seccomp_fd: int) -> list[str]:
    """The launcher and its arguments, up to the interpreter that waits for a claim on standard input."""
    return [
        layout.program,
        *("--unshare-all", "--unshare-user", "--uid", INSIDE_ID, "--gid", INSIDE_ID, "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL", "--seccomp", str(seccomp_fd)),
        *_readable(layout),
        *_writable(disk_mb),
        # Last, because it closes the tree on which everything above was built.
        *("--remount-ro", "/"),
        *(part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)),
        *("--chdir", "/work", "--", layout.root.python, "-I", "-S", "-B", "-X", "utf8", "-c", START),
    ]


def _readable(layout: Layout) -> list[str]:
    arguments = [part for source, target in layout.root.binds for part in ("--ro-bind", source, target)]
    for path in layout.root.hidden:
        arguments += ["--size", "4096", "--tmpfs", path, "--remount-ro", path]
    for path, target in layout.root.links:
        arguments += ["--symlink", target, path]
    arguments += ["--ro-bind", layout.broker_dir, BROKER_TARGET, "--proc", "/proc"]
    for name in layout.masked:
        arguments += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    return arguments


def _writable(disk_mb: int) -> list[str]:
    disk = str(disk_mb * MIB)
    shared = str(min(disk_mb, SHARED_MEMORY_MIB) * MIB)
    return [
        *("--dev", "/dev", "--size", shared, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),  # noqa: S108 - inside
        *("--size", disk, "--tmpfs", "/agent", "--size", disk, "--tmpfs", "/work"),
        # One sized file system for both, so that disk_mb bounds what the agent writes.
        *("--dir", "/work/.tmp", "--symlink", "work/.tmp", "/tmp"),  # noqa: S108 - inside
    ]
