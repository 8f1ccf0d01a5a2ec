"""A docker engine of the tests' own, with a base image made of this machine's Python: no registry, nobody else's daemon."""

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from pathlib import Path

import docker

ROOT = Path(__file__).parents[2]
DOCKERFILE = "deploy/agent_base/Dockerfile"
PYTHON_IMAGE, AGENT_IMAGE = "ap-test/python", "ap-test/agent"
READY_SECONDS, END_SECONDS = 60.0, 60.0
NOT_NEEDED = {
    "site-packages",
    "test",
    "tests",
    "idlelib",
    "lib2to3",
    "ensurepip",
    "tkinter",
    "turtledemo",
    "pydoc_data",
}


class NoEngine(Exception):
    """Why there can be no engine here, in one sentence."""


class PrivateEngine:
    """`url` is its socket. After `stop` every process of it is gone, and its folder too unless one was given to be kept."""

    def __init__(self, kept: Path | None = None) -> None:
        if os.geteuid() != 0:
            raise NoEngine("a docker engine of one's own needs root")
        if shutil.which("dockerd") is None:
            raise NoEngine("dockerd is not installed: apt-get install docker.io iptables")
        # Short, because sockets lie in there.
        self.folder = kept or Path(tempfile.mkdtemp(prefix="ap-docker-"))
        self._is_kept = kept is not None
        self.url = f"unix://{self.folder}/docker.sock"
        (self.folder / "config.json").write_text("{}")
        self._log = (self.folder / "log").open("w")
        self._daemon = subprocess.Popen(self._command(), stdout=self._log, stderr=self._log, start_new_session=True)
        try:
            self._wait()
        except NoEngine:
            self.stop()
            raise

    def client(self) -> docker.APIClient:
        return docker.APIClient(base_url=self.url, version="auto", timeout=120)

    def stop(self) -> None:
        if self._daemon.poll() is None:
            self._daemon.send_signal(signal.SIGTERM)
            try:
                self._daemon.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                self._daemon.wait()
        self._log.close()
        if not self._is_kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def files_about(self, container: str) -> list[Path]:
        """All that the engine itself keeps on disk about a container, and its own log."""
        kept = [path for path in (self.folder / "data" / "containers" / container).rglob("*") if path.is_file()]
        return [*kept, self.folder / "log"]

    def make_images(self) -> None:
        """The base image is there, built from the product's own Dockerfile on this machine's Python."""
        client = self.client()
        try:
            client.import_image_from_data(_python_root(), repository=PYTHON_IMAGE)
            said = ""
            for event in client.build(
                fileobj=_context(),
                custom_context=True,
                encoding="",
                dockerfile=DOCKERFILE,
                tag=AGENT_IMAGE,
                buildargs={"PYTHON_IMAGE": PYTHON_IMAGE},
                network_mode="none",
                rm=True,
                decode=True,
            ):
                said += event.get("stream", "")
                assert "error" not in event, said[-2000:]
        finally:
            client.close()

    def _command(self) -> list[str]:
        place = self.folder
        # No bridge and no packet filter: nothing of the machine's network is touched.
        return [
            *("dockerd", "--data-root", f"{place}/data", "--exec-root", f"{place}/exec", "-H", self.url),
            *(
                "--pidfile",
                f"{place}/docker.pid",
                "--bridge",
                "none",
                "--iptables=false",
                "--config-file",
                f"{place}/config.json",
            ),
        ]

    def _wait(self) -> None:
        give_up_at = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up_at:
            if self._daemon.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        raise NoEngine("dockerd cannot work here: " + (self.folder / "log").read_text()[-500:])

    def _answers(self) -> bool:
        """Asked by a socket of ours: the client leaves one open for each engine that is not there."""
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(self.url.removeprefix("unix://"))
            probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in probe.recv(100)
        return False


def _context() -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for folder in (Path(DOCKERFILE).parent, "agent_platform/sdk"):
            archive.add(ROOT / folder, str(folder))
    packed.seek(0)
    return packed


def _python_root() -> bytes:
    """A root file system as a tar: the interpreter, its standard library, the libraries that these load."""
    python, library = Path(os.path.realpath(sys.executable)), Path(sysconfig.get_path("stdlib"))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", dereference=True) as archive:
        archive.add(python, f"usr/local/bin/{version}", filter=_plain)
        link = tarfile.TarInfo("usr/local/bin/python3")
        link.type, link.linkname = tarfile.SYMTYPE, version
        archive.addfile(link)
        archive.add(library, f"usr/local/lib/{version}", filter=_plain)
        for path in sorted(_shared_libraries([python, *(library / "lib-dynload").glob("*.so")])):
            archive.add(path, path.lstrip("/"), filter=_plain)
        for folder in ("tmp", "etc", "dev", "proc", "sys"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
    return packed.getvalue()


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if NOT_NEEDED & set(Path(entry.name).parts) or "/config-" in entry.name:
        return None
    entry.uid = entry.gid = 0
    entry.mode |= 0o555 if entry.isdir() or entry.mode & 0o100 else 0o444
    return entry


def _shared_libraries(programs: list[Path]) -> set[str]:
    listing = subprocess.run(["ldd", *map(str, programs)], capture_output=True, text=True, check=False).stdout
    return {found[1] for line in listing.splitlines() if (found := re.search(r"(/\S+\.so\S*) \(0x", line))}
